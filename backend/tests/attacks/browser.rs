//! Attacks between browser and server: proxies with their own notation of addresses, slow uploads, the address of the
//! metrics.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{FRIEND, Snug, TIMEOUT, attacker};

/// A PNG of one pixel.
const PIXEL: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0dI\
    DATx\x9cc\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99=\x1d\x00\x00\x00\x00IEND\xaeB`\x82";

/// Sends the head of an upload and the first bytes of its body.
async fn begin_upload(snug: &Snug, from: Ipv4Addr, token: &str, body: &[u8], length: usize) -> TcpStream {
    let head = format!(
        "POST /api/avatar HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nauthorization: Bearer {token}\r\n\
         content-length: {length}\r\n\r\n",
        snug.address
    );
    let mut socket = snug.socket(from).await;
    socket.write_all(head.as_bytes()).await.expect("open");
    socket.write_all(body).await.expect("open");
    socket
}

async fn status(mut socket: TcpStream) -> String {
    let mut answer = Vec::new();
    let read = timeout(TIMEOUT, socket.read_to_end(&mut answer)).await;
    let _ = read.expect("an end comes");
    let answer = String::from_utf8_lossy(&answer);
    answer.split(' ').nth(1).unwrap_or("none").to_owned()
}

/// B14: members who begin uploads and then stop, before or after the first bytes, do not occupy all upload permits.
#[tokio::test]
async fn slow_uploads_do_not_prevent_the_uploads_of_others() {
    let snug = Snug::start(&[]);
    let friend = snug.member(FRIEND, "Ann").await;
    let mut slow = Vec::new();
    for n in 0..12_u16 {
        // Each member registers at another address, otherwise the rate limit of password attempts would apply.
        let token = snug.member(attacker(n), &format!("slow{n}")).await;
        // Uploads with few bytes or none come from different addresses; uploads longer than any other body from one address.
        let (from, body) = match n % 2 {
            0 => (attacker(n), vec![0; usize::from(n) * 100]),
            _ => (attacker(99), vec![0; 100_000]),
        };
        for _ in 0..2 {
            slow.push(begin_upload(&snug, from, &token, &body, 4_000_000).await);
        }
    }
    let uploaded = begin_upload(&snug, FRIEND, &friend, PIXEL, PIXEL.len()).await;
    assert_eq!(status(uploaded).await, "200");
    drop(slow);
}

/// B16, BC-32: a proxy that writes ports, brackets or quotes with addresses. A ban by network does not ban other users.
#[tokio::test]
async fn clients_behind_a_proxy_that_writes_ports_are_distinguished() {
    let snug = Snug::start(&["--trusted-proxy", "127.0.0.0/8"]);
    let owner = snug.owner().await;
    for (loud, other) in [
        ("192.0.2.7:4711", "192.0.2.8:4712"),
        ("[2001:db8:1::7]:4711", "[2001:db8:2::7]:4711"),
        ("[2001:db8:3::7]", "[2001:db8:4::7]"),
        ("\"[2001:db8:5::7]:1\"", "\"[2001:db8:6::7]:1\""),
        ("6.6.6.6, 198.51.100.7:1,", "6.6.6.6, 198.51.100.8:1,"),
    ] {
        let guest = |name: &'static str| json!({"name": name, "chatId": format!("{name}-{}", loud.len())});
        let mut client = snug
            .connect(FRIEND, &[("x-forwarded-for", loud.to_owned())])
            .await
            .expect("it shakes hands");
        client.hello(guest("loud")).await;
        let welcome = client.until_one_of(&["WELCOME", "ERROR"]).await;
        let person = welcome["you"]["chatId"].clone();
        let act = json!({"action": "ban", "chatId": person, "address": true});
        let answer = snug
            .ask(FRIEND, "POST", "/api/moderation", Some(&owner), act)
            .await;
        assert_eq!(answer.status, 204, "{loud}: {}", answer.body);
        for (from, code) in [(loud, "ERROR"), (other, "WELCOME")] {
            let headers = [("x-forwarded-for", from.to_owned())];
            let mut client = snug.connect(FRIEND, &headers).await.expect("it shakes hands");
            client.hello(guest("new")).await;
            let frame = client.until_one_of(&["WELCOME", "ERROR"]).await;
            assert_eq!(frame["code"], code, "{from}: {frame}");
        }
    }
}

async fn get_metrics(address: SocketAddr, host: &str) -> String {
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET /metrics HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("open");
    status(socket).await
}

/// B5: idle sockets at the address of the metrics use up file descriptors, and the server answers there to any host name.
#[tokio::test]
async fn the_metrics_address_answers_only_to_its_names_and_has_few_connections() {
    let snug = Snug::start(&["--metrics", "127.0.0.1:0"]);
    let address = snug.metrics.expect("where they are");
    for (host, answer) in [
        ("127.0.0.1", "200"),
        ("localhost:9", "200"),
        ("rebound.example", "421"),
        ("127.0.0.1.rebound.example", "421"),
    ] {
        assert_eq!(get_metrics(address, host).await, answer, "{host}");
    }
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.push(TcpStream::connect(address).await.expect("the system takes it"));
    }
    // The server rejects the last one at once.
    let turned_away = idle.pop().expect("the last one");
    assert_eq!(status(turned_away).await, "503");
    assert!(snug.open_files() < 100, "{}", snug.open_files());
    let answer = snug.ask(FRIEND, "POST", "/api/session", None, Value::Null).await;
    assert_eq!(answer.status, 200);
    drop(idle);
}
