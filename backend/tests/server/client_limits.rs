//! Each limit of connections and requests, exceeded by a client.

use std::{num::NonZeroU32, time::Duration};

use serde_json::json;
use snug::config::Rate;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};
use tokio_tungstenite::tungstenite::Error;

use crate::support::{TestServer, start_server, start_server_with};

/// Sends a request and reads the whole response; the server closes the connection after it.
async fn ask(server: &TestServer, request: &str) -> String {
    let mut socket = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    socket.write_all(request.as_bytes()).await.expect("it is open");
    everything(&mut socket).await
}

async fn everything(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    // Bytes that arrived before a reset count.
    let read = timeout(Duration::from_secs(20), socket.read_to_end(&mut answer)).await;
    let _ = read.expect("an end comes");
    String::from_utf8_lossy(&answer).into_owned()
}

fn session(headers: &str) -> String {
    format!("POST /api/session HTTP/1.1\r\nconnection: close\r\n{headers}\r\n")
}

#[tokio::test]
async fn a_request_for_another_host_name_is_not_answered() {
    let server = start_server_with(|config| config.host = vec!["chat.example".to_owned()]).await;
    for own in ["127.0.0.1", "localhost:8080", "chat.example"] {
        let answer = ask(&server, &session(&format!("host: {own}\r\n"))).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{own}: {answer}");
    }
    for other in ["host: rebound.example\r\n", "", "host: localhost\r\nhost: x\r\n"] {
        let answer = ask(&server, &session(other)).await;
        assert!(answer.starts_with("HTTP/1.1 421"), "{other}: {answer}");
        assert!(answer.contains("unknown_host"), "{answer}");
    }
    let refused = server.connect(&[("host", "rebound.example")]).await.err();
    assert!(matches!(refused, Some(Error::Http(answer)) if answer.status() == 421));
}

#[tokio::test]
async fn head_is_answered_like_get_but_without_a_body() {
    let server = start_server().await;
    for (path, status) in [
        ("/healthz", 200),
        ("/api/server", 200),
        ("/api/nothing", 404),
        ("/ws", 426),
    ] {
        for method in ["GET", "HEAD"] {
            let request = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n\r\n");
            let answer = ask(&server, &request).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status}")),
                "{method} {path}: {answer}"
            );
            let (_, body) = answer.split_once("\r\n\r\n").expect("a head");
            assert!(method == "GET" || body.is_empty(), "{path}: {answer}");
        }
    }
    let answer = ask(
        &server,
        "POST / HTTP/1.1\r\nconnection: close\r\nhost: localhost\r\n\r\n",
    )
    .await;
    assert!(
        answer.starts_with("HTTP/1.1 405") && answer.contains("allow: GET, HEAD"),
        "{answer}"
    );
}

#[tokio::test]
async fn browsers_are_told_to_use_https_for_as_long_as_the_setting_says() {
    let over_https = session("host: localhost\r\nx-forwarded-proto: https\r\n");
    for (seconds, header) in [
        (None, Some("31536000")),
        (Some(300), Some("300")),
        (Some(0), None),
    ] {
        let server = start_server_with(|config| {
            config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
            config.hsts = seconds.unwrap_or(config.hsts);
        })
        .await;
        let answer = ask(&server, &over_https).await;
        let told = answer.split("strict-transport-security: max-age=").nth(1);
        assert_eq!(told.and_then(|it| it.lines().next()), header, "{answer}");
        let plain = ask(&server, &session("host: localhost\r\n")).await;
        assert!(!plain.contains("strict-transport-security"), "{plain}");
    }
}

#[tokio::test]
async fn a_write_from_a_page_of_another_site_is_refused() {
    let server = start_server().await;
    let answer = ask(
        &server,
        &session("host: localhost\r\norigin: https://evil.example\r\n"),
    )
    .await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("forbidden_origin"), "{answer}");
}

#[tokio::test]
async fn a_cookie_without_an_origin_does_not_authenticate_a_write() {
    let server = start_server().await;
    let answer = ask(&server, &session("host: localhost\r\n")).await;
    let cookie = answer
        .split("set-cookie: ")
        .nth(1)
        .and_then(|it| it.split(';').next());
    let refused = server
        .connect(&[("cookie", cookie.expect("a cookie"))])
        .await
        .err();
    assert!(matches!(refused, Some(Error::Http(answer)) if answer.status() == 403));
}

#[tokio::test]
async fn a_cookie_is_secure_if_a_trusted_proxy_uses_https() {
    let forwarded = session("host: localhost\r\nx-forwarded-proto: https\r\n");
    let cookie = |answer: &str| {
        let line = answer.lines().find(|it| it.starts_with("set-cookie: "));
        line.expect("a cookie").to_owned()
    };
    let plain = cookie(&ask(&start_server().await, &forwarded).await);
    assert!(
        plain.contains("; HttpOnly; SameSite=Lax") && !plain.contains("Secure"),
        "{plain}"
    );
    let proxied = start_server_with(|config| {
        config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
    })
    .await;
    let secure = cookie(&ask(&proxied, &forwarded).await);
    assert!(secure.ends_with("; HttpOnly; SameSite=Lax; Secure"), "{secure}");
}

#[tokio::test]
async fn each_address_has_its_own_limit_of_connections() {
    let server = start_server_with(|config| config.connections_by_address = 2).await;
    let first = server.guest("ann").await;
    let _second = server.guest("bob").await;
    let mut turned_away = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    let answer = everything(&mut turned_away).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("overloaded"), "{answer}");

    let elsewhere = TcpSocket::new_v4().expect("a socket");
    elsewhere
        .bind(([127, 0, 0, 2], 0).into())
        .expect("an address of its own");
    let mut elsewhere = elsewhere
        .connect(server.inner.address())
        .await
        .expect("it listens");
    elsewhere
        .write_all(session("host: localhost\r\n").as_bytes())
        .await
        .expect("open");
    let answer = everything(&mut elsewhere).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");

    drop(first);
    // The connection counts until the server has noticed its end.
    loop {
        if server.connect(&[]).await.is_ok() {
            break;
        }
    }
}

#[tokio::test]
async fn behind_a_proxy_each_browser_has_its_own_limit() {
    let server = start_server_with(|config| {
        config.connections_by_address = 1;
        config.trusted_proxy = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let from = async |address| server.connect(&[("x-forwarded-for", address)]).await;
    let _first = from("192.0.2.1").await.expect("its first");
    let refused = from("192.0.2.1").await.err();
    assert!(matches!(refused, Some(Error::Http(answer)) if answer.status() == 503));
    // Entries that the browser writes before the proxy's are ignored.
    let refused = from("198.51.100.1, 192.0.2.1").await.err();
    assert!(matches!(refused, Some(Error::Http(answer)) if answer.status() == 503));
    from("192.0.2.2").await.expect("another's first");
}

#[tokio::test]
async fn an_address_with_too_many_requests_waits_and_others_do_not() {
    let server = start_server_with(|config| {
        config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
        config.requests = Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
        };
    })
    .await;
    let from = |address: &str| session(&format!("host: localhost\r\nx-forwarded-for: {address}\r\n"));
    assert!(ask(&server, &from("192.0.2.1")).await.starts_with("HTTP/1.1 200"));
    let answer = ask(&server, &from("192.0.2.1")).await;
    assert!(answer.starts_with("HTTP/1.1 429"), "{answer}");
    assert!(answer.contains("rate_limited"), "{answer}");
    assert!(ask(&server, &from("192.0.2.2")).await.starts_with("HTTP/1.1 200"));
}

/// The deadline for the slow requests below, with a margin for a loaded machine.
const CLOSED_WITHIN: Duration = Duration::from_secs(15);

#[tokio::test]
async fn a_client_with_a_slow_request_is_closed() {
    let server = start_server().await;
    let address = server.inner.address();
    let mut slow = JoinSet::new();
    for begun in [
        "",
        "GET / HTTP/1.1\r\nhost: local",
        "POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\nabc",
        // Silence after a response.
        "GET /api/server HTTP/1.1\r\nhost: localhost\r\n\r\n",
    ] {
        slow.spawn(async move {
            let mut socket = TcpStream::connect(address).await.expect("it listens");
            socket.write_all(begun.as_bytes()).await.expect("open");
            let closed = timeout(CLOSED_WITHIN, everything(&mut socket)).await;
            assert!(closed.is_ok(), "{begun:?} was left open");
        });
    }
    for head in [
        "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "POST /api/session HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1000\r\n\r\n",
    ] {
        slow.spawn(async move {
            let mut socket = TcpStream::connect(address).await.expect("it listens");
            let (until, mut bytes) = (Instant::now() + CLOSED_WITHIN, head.bytes().cycle());
            if head.starts_with("POST") {
                socket.write_all(head.as_bytes()).await.expect("open");
            }
            // A byte a second, until writing fails because the server has closed.
            while socket.write_u8(bytes.next().expect("endless")).await.is_ok() {
                assert!(Instant::now() < until, "a byte a second was left open");
                sleep(Duration::from_secs(1)).await;
            }
        });
    }
    while let Some(ended) = slow.join_next().await {
        ended.expect("closed");
    }
}

#[tokio::test]
async fn an_endless_request_head_is_refused() {
    let server = start_server().await;
    let long = format!(
        "GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n",
        "x".repeat(1 << 20)
    );
    let mut socket = TcpStream::connect(server.inner.address())
        .await
        .expect("it listens");
    // The server may close before the client has written all of it.
    let _ = socket.write_all(long.as_bytes()).await;
    let answer = everything(&mut socket).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 431"),
        "{answer}"
    );
}

#[tokio::test]
async fn nobody_can_have_a_name_that_resembles_that_of_an_online_user() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    // A Cyrillic letter, and another id.
    let eve = server.join(json!({"name": "\u{0430}nn", "chatId": "eve"})).await;
    assert_eq!(eve.welcome["you"]["name"], "\u{0430}nn (2)");
    let roster = ann.until("SAVE_USER_INFO").await;
    assert_eq!(roster["chatUsers"][1]["name"], "\u{0430}nn (2)");

    // Her other tab has the same name. When all her connections have ended the name is free.
    let token = ann.welcome["you"]["token"].clone();
    let tab = server
        .join(json!({"name": "ann", "chatId": "ann", "token": token}))
        .await;
    assert_eq!(tab.welcome["you"]["name"], "ann");
    let mut eve = eve;
    drop((ann, tab));
    while eve.until("CLOSE_CONNECTION").await["count"] != 1 {}
    let other = server.join(json!({"name": "ann", "chatId": "other"})).await;
    assert_eq!(other.welcome["you"]["name"], "ann");
}
