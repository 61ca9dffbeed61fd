//! As much HTTP as it takes to ask Snug for something over a connection that stays.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use anyhow::{Context, Result, ensure};

/// An answer.
pub struct Answer {
    /// `Set-Cookie`, up to its first attribute.
    pub cookie: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Asks, and reads the whole answer; anything but success is an error.
pub fn ask(socket: &mut TcpStream, request: &str, headers: &str) -> Result<Answer> {
    let host = socket.peer_addr()?;
    write!(socket, "{request} HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n")?;
    // Nothing is read beyond the answer: the server says nothing that was not asked.
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

/// A new session's cookie.
pub fn session(socket: &mut TcpStream, server: SocketAddr) -> Result<String> {
    let headers = format!("Origin: http://{server}\r\nContent-Length: 0\r\n");
    ask(socket, "POST /api/session", &headers)?
        .cookie
        .context("a session has a cookie")
}
