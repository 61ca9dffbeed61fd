//! A minimal HTTP client for requests to Snug over a persistent connection.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context, Result, ensure};

/// A response.
pub struct Answer {
    /// The `Set-Cookie` header, up to the first attribute.
    pub cookie: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends a request and reads the whole response. Fails on any status but success.
pub fn ask(socket: &mut TcpStream, request: &str, headers: &str) -> Result<Answer> {
    let host = socket.peer_addr()?;
    write!(socket, "{request} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")?;
    // The reader cannot consume bytes of a later response: the server sends nothing without a request.
    let mut lines = BufReader::new(socket);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    ensure!(
        line.starts_with("HTTP/1.1 2"),
        "`{request}` was answered `{}`",
        line.trim()
    );
    let (mut length, mut cookie) = (0, None);
    loop {
        line.clear();
        lines.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().context("a length")?,
            "set-cookie" => cookie = value.split(';').next().map(|it| it.trim().to_owned()),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body)?;
    Ok(Answer { cookie, body })
}

/// Creates a session and returns its cookie.
pub fn session(socket: &mut TcpStream, server: SocketAddr) -> Result<String> {
    let headers = format!("Origin: http://{server}\r\nContent-Length: 0\r\n");
    ask(socket, "POST /api/session", &headers)?
        .cookie
        .context("a session has a cookie")
}
