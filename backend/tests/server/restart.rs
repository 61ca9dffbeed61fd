//! The start and the end of a server: when clients are admitted, and what they are told.

use std::{num::NonZeroU32, time::Duration};

use futures_util::StreamExt;
use serde_json::json;
use snug::config::Rate;
use tokio::time::sleep;

use crate::support::{place, place_with};

#[tokio::test]
async fn a_draining_server_tells_its_clients_when_to_come_back() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
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
    let (first, second, ()) = tokio::join!(told(&mut ann), told(&mut bob), place.server.drain());
    assert_ne!(first, second, "not both at once");
}

#[tokio::test]
async fn whoever_comes_in_with_many_others_is_given_a_time_and_keeps_it() {
    let place = place_with(|config| {
        config.admissions = Rate {
            per_second: NonZeroU32::new(2).expect("not 0"),
            burst: NonZeroU32::MIN,
        };
    })
    .await;
    place.person("ann").await;
    let mut bob = place.stranger().await;
    let hello = json!({"name": "bob", "chatId": "bob"});
    bob.hello(hello.clone()).await;
    let told = bob.until("ERROR").await;
    assert_eq!(
        (&told["error"], &told["retry"]),
        (&json!("overloaded"), &json!(true))
    );
    let first = told["retryAfter"].as_u64().expect("a time");
    // To ask again does not put one back.
    bob.hello(hello.clone()).await;
    let again = bob.next().await.expect("an answer");
    if again["code"] == "ERROR" {
        assert!(again["retryAfter"].as_u64().expect("a time") <= first);
        sleep(Duration::from_millis(first)).await;
        bob.hello(hello).await;
        bob.until("WELCOME").await;
    }
}

/// Output that nobody takes, as with `snug … | true`, costs nothing but itself.
#[test]
fn what_cannot_be_printed_ends_nothing() {
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
