//! Runs examples/guest.rs without changes.

use std::path::Path;

use crate::support::start_server;

#[tokio::test]
async fn the_smallest_client_is_a_full_guest() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    // Next to the program, where `cargo test` builds the examples (not so with `--test server`).
    let guest = Path::new(env!("CARGO_BIN_EXE_snug"))
        .with_file_name("examples")
        .join("guest");
    let url = format!("ws://{}/ws", server.inner.address());
    let output = tokio::task::spawn_blocking(move || {
        std::process::Command::new(guest)
            .args([&url, "Guest", "Hello!"])
            .output()
    });
    let output = output.await.expect("it ends").expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).lines().last(),
        Some("1 Guest: Hello!")
    );
    assert_eq!(ann.until("SAVE_USER_INFO").await["count"], 2);
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["text"], "Hello!");
    assert_eq!(ann.until("CLOSE_CONNECTION").await["count"], 1);
}
