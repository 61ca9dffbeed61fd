//! Start and end of a server: when it admits clients, and what it sends them.

use std::{num::NonZeroU32, time::Duration};

use futures_util::StreamExt;
use serde_json::json;
use snug::config::Rate;
use tokio::time::sleep;

use crate::support::{start_server, start_server_with};

#[tokio::test]
async fn a_draining_server_tells_its_clients_when_to_reconnect() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let told = async |client: &mut crate::support::Client| {
        let error = client.until("ERROR").await;
        assert_eq!(
            (&error["error"], &error["retry"]),
            (&json!("restarting"), &json!(true))
        );
        let code = client.closed_with().await;
        assert_eq!(code, 1012);
        let after = client.socket.next().await;
        assert!(after.is_none(), "nothing follows a close frame: {after:?}");
        error["retryAfter"].as_u64().expect("a time")
    };
    let (first, second, ()) = tokio::join!(told(&mut ann), told(&mut bob), server.inner.drain());
    assert_ne!(first, second, "not both at the same time");
}

#[tokio::test]
async fn a_client_in_a_crowd_is_told_when_to_join_and_keeps_its_turn() {
    let server = start_server_with(|config| {
        config.admissions = Rate {
            per_second: NonZeroU32::new(2).expect("not 0"),
            burst: NonZeroU32::MIN,
        };
    })
    .await;
    server.guest("ann").await;
    let mut bob = server.open_socket().await;
    let hello = json!({"name": "bob", "chatId": "bob"});
    bob.hello(hello.clone()).await;
    let told = bob.until("ERROR").await;
    assert_eq!(
        (&told["error"], &told["retry"]),
        (&json!("overloaded"), &json!(true))
    );
    let first = told["retryAfter"].as_u64().expect("a time");
    // Another hello does not put the client back in the queue.
    bob.hello(hello.clone()).await;
    let again = bob.next().await.expect("an answer");
    if again["code"] == "ERROR" {
        assert!(again["retryAfter"].as_u64().expect("a time") <= first);
        sleep(Duration::from_millis(first)).await;
        bob.hello(hello).await;
        bob.until("WELCOME").await;
    }
}

/// Closed output, as with `snug … | true`, has no other effect.
#[test]
fn a_closed_output_does_not_end_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    for _ in 0..2 {
        let full = || {
            std::fs::File::options()
                .write(true)
                .open("/dev/full")
                .expect("Linux has it")
        };
        let mut snug = std::process::Command::new(env!("CARGO_BIN_EXE_snug"));
        snug.args(["rebuild", "--data"]).arg(folder.path());
        let status = snug.stdout(full()).stderr(full()).status();
        assert_eq!(status.expect("it runs").code(), Some(0));
    }
}
