//! The program as an operator sees it: its output, its exit codes, its folder, its log.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Message, client};

fn snug(args: &[&str], data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_snug"));
    command.args(args).arg("--data").arg(data);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn refused(output: &Output, sentence: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(error.contains(sentence), "{error}");
}

/// Starts a server. Returns the address at which it listens.
fn serving(command: &mut Command) -> (Child, String) {
    let mut child = command.spawn().expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut line)
        .expect("a line");
    let address = line.trim().strip_prefix("listening on http://");
    (child, address.expect("where it listens").to_owned())
}

#[test]
fn a_folder_in_use_is_refused_with_one_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let (mut first, address) = serving(&mut snug(&["serve", "--listen", "127.0.0.1:0"], data.path()));
    assert!(address.starts_with("127.0.0.1:"), "{address}");
    let second = snug(&["serve", "--listen", "127.0.0.1:0"], data.path())
        .output()
        .expect("it runs");
    refused(&second, "in use by another Snug");
    first.kill().expect("it was running");
    first.wait().expect("it ends");
    let rebuilt = snug(&["rebuild"], data.path()).output().expect("it runs");
    assert!(rebuilt.status.success(), "{rebuilt:?}");
}

#[test]
fn a_folder_that_is_a_file_is_refused_with_one_sentence() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let output = snug(&["serve"], file.path()).output().expect("it runs");
    refused(&output, "cannot be");
}

#[test]
fn a_folder_without_a_database_of_snug_is_refused_and_not_changed() {
    let data = tempfile::tempdir().expect("a folder");
    let database = data.path().join("snug.db");
    fs::write(&database, "these are my holiday pictures").expect("written");
    let output = snug(&["serve"], data.path()).output().expect("it runs");
    refused(&output, "cannot be used");
    assert_eq!(
        fs::read_to_string(&database).expect("it is there"),
        "these are my holiday pictures"
    );
}

#[test]
fn a_certificate_without_its_key_is_refused_with_one_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let alone = snug(&["serve", "--tls-cert", "cert.pem"], data.path())
        .output()
        .expect("it runs");
    refused(&alone, "`tls-cert` and `tls-key` must be set together");
    let missing = snug(
        &["serve", "--tls-cert", "cert.pem", "--tls-key", "key.pem"],
        data.path(),
    );
    refused(
        &{ missing }.output().expect("it runs"),
        "could not read cert.pem as a PEM file",
    );
}

#[test]
fn the_log_has_no_messages_tokens_or_addresses_of_users() {
    let data = tempfile::tempdir().expect("a folder");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
    let (mut snug, address) = serving(&mut snug(&serve, data.path()));

    let socket = TcpStream::connect(&address).expect("it listens");
    let mine = socket.local_addr().expect("an address");
    let (mut socket, _) = client(format!("ws://{address}/ws"), socket).expect("it shakes hands");
    let mut token = String::new();
    for frame in [
        json!({"code": "SAVE_USER_INFO", "name": "Annabel"}),
        json!({"code": "RECEIVE_MESSAGE", "key": "k", "text": "hush hush"}),
        json!({"code": "RECEIVE_MESSAGE", "key": "k", "text": "other words"}),
        json!({"code": "DANCE", "key": "hush"}),
    ] {
        socket.send(Message::text(frame.to_string())).expect("open");
    }
    // A malformed frame, after which the server closes.
    socket.send(Message::text("psst")).expect("open");
    while let Ok(Message::Text(text)) = socket.read() {
        let frame: Value = serde_json::from_str(&text).expect("JSON");
        if let Some(it) = frame["you"]["token"].as_str() {
            token = it.to_owned();
        }
    }
    assert!(!token.is_empty());

    let pid = Pid::from_raw(i32::try_from(snug.id()).expect("a small number"));
    kill(pid, Signal::SIGTERM).expect("it runs");
    let mut log = String::new();
    snug.stderr
        .take()
        .expect("piped")
        .read_to_string(&mut log)
        .expect("text");
    assert!(snug.wait().expect("it ends").success());
    let lines: Vec<Value> = log
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .collect();
    assert!(
        lines
            .iter()
            .any(|it| it["message"] == "shutting down" && it["level"] == "INFO"),
        "{log}"
    );
    for secret in [
        "Annabel",
        "hush",
        "other words",
        "psst",
        &token,
        &mine.to_string(),
    ] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn every_refusal_that_a_proxy_causes_has_a_line_in_the_log() {
    let data = tempfile::tempdir().expect("a folder");
    let proxy = ["--host", "chat.example", "--trusted-proxy", "127.0.0.1"];
    let serve = ["serve", "--listen", "127.0.0.1:0", "--log-format", "json"];
    let (mut snug, address) = serving(&mut snug(&[&serve[..], &proxy].concat(), data.path()));

    let over_https = "x-forwarded-proto: https";
    let shake = "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==";
    for (status, headers) in [
        (421, "host: other.example"),
        (403, "host: chat.example\r\norigin: https://chat.example:8443"),
        (403, "host: chat.example\r\norigin: https://chat.example"),
        (403, "host: chat.example\r\ncookie: snug=x"),
        (426, "host: chat.example\r\norigin: https://chat.example"),
    ] {
        let mut socket = TcpStream::connect(&address).expect("it listens");
        let proxied = if status == 403 && headers.ends_with("//chat.example") {
            ""
        } else {
            over_https
        };
        let request = match status {
            403 if headers.contains("cookie") => {
                format!("POST /api/session HTTP/1.1\r\n{headers}\r\n{proxied}")
            }
            426 => format!("GET /ws HTTP/1.1\r\n{headers}\r\n{proxied}"),
            _ => {
                format!("GET /ws HTTP/1.1\r\n{headers}\r\n{shake}\r\nx-forwarded-for: 192.0.2.7\r\n{proxied}")
            }
        };
        let request = format!("{}\r\nconnection: close\r\n\r\n", request.trim_end());
        socket.write_all(request.as_bytes()).expect("open");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{request}{answer}"
        );
    }
    let pid = Pid::from_raw(i32::try_from(snug.id()).expect("a small number"));
    kill(pid, Signal::SIGTERM).expect("it runs");
    let mut log = String::new();
    let mut errors = snug.stderr.take().expect("piped");
    errors.read_to_string(&mut log).expect("text");
    assert!(snug.wait().expect("it ends").success());
    let warnings: Vec<Value> = log
        .lines()
        .map(|it| serde_json::from_str(it).expect("JSON"))
        .filter(|it: &Value| it["level"] == "WARN")
        .collect();
    let said = |fields: &[(&str, &str)], words: &str| {
        let has = |it: &Value| fields.iter().all(|(name, value)| it[name] == *value);
        let found = warnings
            .iter()
            .filter(|it| has(it) && it["message"].as_str().is_some_and(|it| it.contains(words)));
        assert_eq!(found.count(), 1, "{words}: {log}");
    };
    said(&[("host", "other.example")], "--host");
    let here = ("expected", "https://chat.example");
    said(&[here, ("origin", "https://chat.example:8443")], "--allow-origin");
    let plain = ("expected", "http://chat.example");
    said(&[plain, ("origin", "https://chat.example")], "X-Forwarded-Proto");
    said(&[here], "pass on Origin");
    said(&[], "Upgrade: websocket");
}

#[test]
fn a_log_that_cannot_be_written_does_not_end_the_server() {
    let data = tempfile::tempdir().expect("a folder");
    let full = fs::File::options().write(true).open("/dev/full");
    let mut command = snug(&["serve", "--listen", "127.0.0.1:0"], data.path());
    let (mut snug, address) = serving(command.stderr(full.expect("Linux has it")));
    // Refused with a warning, twice: the task that wrote the first one continues.
    for _ in 0..2 {
        let mut socket = TcpStream::connect(&address).expect("it listens");
        let request = "GET / HTTP/1.1\r\nhost: other.example\r\nconnection: close\r\n\r\n";
        socket.write_all(request.as_bytes()).expect("open");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 421"), "{answer}");
    }
    let pid = Pid::from_raw(i32::try_from(snug.id()).expect("a small number"));
    kill(pid, Signal::SIGTERM).expect("it runs");
    assert!(snug.wait().expect("it ends").success());
}
