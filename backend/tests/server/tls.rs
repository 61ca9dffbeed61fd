//! HTTPS by the server itself.

use std::{fs, sync::Arc, time::Duration};

use futures_util::{SinkExt, StreamExt};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;
use snug::{config::TlsFiles, http::tls::Tls, server::Server};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{ClientConfig, RootCertStore, crypto::ring::default_provider, pki_types::CertificateDer},
};
use tokio_tungstenite::{client_async, tungstenite::Message};

use crate::support::{TestServer, start_server_with};

/// A certificate for localhost and its key as files, and the certificate.
fn certificate(folder: &TempDir, name: &str) -> (TlsFiles, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let path = |kind| folder.path().join(format!("{name}.{kind}"));
    fs::write(path("cert"), cert.pem()).expect("written");
    fs::write(path("key"), signing_key.serialize_pem()).expect("written");
    let files = TlsFiles {
        cert: path("cert"),
        key: path("key"),
    };
    (files, cert.der().clone())
}

async fn encrypted(
    server: &Server,
    trusted: CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let socket = TcpStream::connect(server.address()).await.expect("it listens");
    let name = "localhost".try_into().expect("a name");
    TlsConnector::from(Arc::new(config)).connect(name, socket).await
}

async fn start_tls_server() -> (TestServer, CertificateDer<'static>) {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, trusted) = certificate(&folder, "own");
    let server = start_server_with(|config| {
        config.tls = Some(files);
        config.request_time = Duration::from_secs(1);
    })
    .await;
    (server, trusted)
}

#[tokio::test]
async fn users_chat_over_https_and_their_cookies_are_secure() {
    let (server, trusted) = start_tls_server().await;
    let mut socket = encrypted(&server.inner, trusted.clone())
        .await
        .expect("it shakes hands");
    let request = "POST /api/session HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.expect("open");
    let mut answer = String::new();
    socket
        .read_to_string(&mut answer)
        .await
        .expect("an answer, and an end");
    assert!(answer.contains("; HttpOnly; SameSite=Lax; Secure"), "{answer}");
    assert!(answer.contains("strict-transport-security: max-age="), "{answer}");

    let socket = encrypted(&server.inner, trusted).await.expect("it shakes hands");
    let (mut socket, _) = client_async("wss://localhost/ws", socket)
        .await
        .expect("a WebSocket");
    // More than one TLS record.
    let text = "x".repeat(4_000);
    for frame in [
        json!({"code": "SAVE_USER_INFO", "name": "ann"}),
        json!({"code": "RECEIVE_MESSAGE", "key": "k", "text": text}),
    ] {
        socket.send(Message::text(frame.to_string())).await.expect("open");
    }
    let echo = async {
        loop {
            let frame = socket.next().await.expect("it stays").expect("a frame");
            let frame = frame.into_text().expect("text");
            if frame.contains("RECEIVE_MESSAGE") {
                return frame;
            }
        }
    };
    let echo = timeout(Duration::from_secs(20), echo).await.expect("an echo");
    assert!(echo.contains(&text));
}

#[tokio::test]
async fn a_client_without_a_handshake_is_closed_and_does_not_affect_others() {
    let (server, trusted) = start_tls_server().await;
    let mut silent = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    let mut plain = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.expect("open");
    for socket in [&mut silent, &mut plain] {
        let mut answer = Vec::new();
        // An end of file, or a reset.
        let _ = timeout(Duration::from_secs(20), socket.read_to_end(&mut answer))
            .await
            .expect("it is closed");
        assert!(!answer.starts_with(b"HTTP"));
    }
    encrypted(&server.inner, trusted).await.expect("it shakes hands");
}

#[tokio::test]
async fn a_reloaded_certificate_is_used_and_an_invalid_one_is_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (files, _) = certificate(&folder, "own");
    let (other, _) = certificate(&folder, "other");
    let tls = Tls::load(&files).expect("a pair");
    fs::copy(&other.cert, &files.cert).expect("copied");
    let error = tls.reload().expect_err("its key is another's");
    assert!(format!("{error:#}").contains("do not match"), "{error:#}");
    fs::copy(&other.key, &files.key).expect("copied");
    tls.reload().expect("a pair");
    fs::write(&files.cert, "").expect("written");
    assert!(tls.reload().is_err(), "no certificate");
}
