//! The operator's metrics.

use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{TestServer, start_server_with};

pub async fn metrics(server: &TestServer) -> String {
    let address = server.inner.metrics_address().expect("an address of their own");
    get(address, "/metrics").await
}

async fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    socket.write_all(request.as_bytes()).await.expect("open");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    answer
}

fn value(metrics: &str, name: &str) -> f64 {
    let line = metrics
        .lines()
        .find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    let line = line.unwrap_or_else(|| panic!("no {name} in {metrics}"));
    line.parse().expect("a number")
}

#[tokio::test]
async fn the_operator_sees_what_happens_and_nobody_else_does() {
    let server = start_server_with(|config| config.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let mut ann = server.guest("ann").await;
    let _bob = server.guest("bob").await;
    ann.post("1", "hello").await;
    ann.until("RECEIVE_MESSAGE").await;
    ann.send(json!({"code": "RECEIVE_MESSAGE", "key": "2", "text": " "}))
        .await;
    ann.until("ERROR").await;
    server
        .connect(&[("origin", "https://evil.example")])
        .await
        .err()
        .expect("refused");

    let seen = metrics(&server).await;
    assert_eq!(value(&seen, "snug_connections"), 2.0);
    assert_eq!(value(&seen, "snug_people"), 2.0);
    assert_eq!(value(&seen, "snug_queued_entries"), 0.0);
    assert!(value(&seen, "snug_deliveries_total") >= 5.0, "{seen}");
    // The creation of the lobby and the deletion of expired rows are two more.
    assert_eq!(value(&seen, "snug_commit_seconds_count"), 3.0);
    assert_eq!(value(&seen, r#"snug_refusals_total{code="text_empty"}"#), 1.0);
    assert_eq!(
        value(&seen, r#"snug_refusals_total{code="forbidden_origin"}"#),
        1.0
    );
    assert!(value(&seen, "snug_slowest_lag_seconds") < 20.0);
    assert!(!seen.contains("ann") && !seen.contains("hello"), "{seen}");

    let elsewhere = get(server.inner.address(), "/metrics").await;
    assert!(!elsewhere.contains("snug_connections"), "{elsewhere}");
}
