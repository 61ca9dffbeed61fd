//! Snug's promises, over real connections.

use crate::support::{start_server, texts};
use futures_util::SinkExt;
use serde_json::{Value, json};
use snug::{log, store::folder::Folder};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn all_users_receive_all_messages_in_one_order() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    for index in 0..20 {
        ann.post(&format!("a{index}"), &format!("ann {index}")).await;
        bob.post(&format!("b{index}"), &format!("bob {index}")).await;
    }
    let mut received = [Vec::new(), Vec::new()];
    for (client, received) in [&mut ann, &mut bob].into_iter().zip(&mut received) {
        while received.len() < 40 {
            let frame = client.until("RECEIVE_MESSAGE").await;
            received.push((frame["n"].clone(), frame["text"].clone()));
        }
    }
    assert_eq!(received[0], received[1]);
    let positions: Vec<_> = received[0].iter().map(|(n, _)| n.as_u64()).collect();
    assert_eq!(positions, (1..=40).map(Some).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_key_is_one_message_with_any_number_of_retries() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    ann.post("k", "once").await;
    let first = ann.until("RECEIVE_MESSAGE").await;
    ann.post("k", "once").await;
    let again = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!((&first["n"], &first["at"]), (&again["n"], &again["at"]));
    ann.post("k", "other words").await;
    let error = ann.until("ERROR").await;
    assert_eq!(
        (&error["error"], &error["key"], &error["retry"]),
        (&json!("key_conflict"), &json!("k"), &json!(false))
    );
    let mut bob = server.join(json!({"name": "bob", "cursors": {"lobby": 0}})).await;
    assert_eq!(texts(&bob.drain().await), ["once"]);
}

#[tokio::test]
async fn a_client_that_reconnects_resumes_from_its_cursor() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for index in 1..=10 {
        ann.post(&index.to_string(), &index.to_string()).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    let mut bob = server.join(json!({"name": "bob", "cursors": {"lobby": 7}})).await;
    assert_eq!(texts(&bob.drain().await), ["8", "9", "10"]);
    // Without interruption: the pong comes after everything that was requested before it.
    for frame in [
        json!({"code": "SYNC_ROOM", "room": "lobby", "after": 8}),
        json!({"code": "PING"}),
    ] {
        let frame = Message::text(frame.to_string());
        bob.socket.feed(frame).await.expect("it is open");
    }
    bob.socket.flush().await.expect("it is open");
    assert_eq!(
        texts(&[bob.next().await.expect("9"), bob.next().await.expect("10")]),
        ["9", "10"]
    );
    assert_eq!(bob.next().await.expect("an answer")["code"], "PONG");
}

#[tokio::test]
async fn a_gap_of_more_than_a_page_is_replaced_with_the_newest_page() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for index in 1..=120 {
        ann.post(&index.to_string(), &index.to_string()).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    // This server has all of it in memory.
    let mut cem = server.join(json!({"name": "cem", "cursors": {"lobby": 0}})).await;
    assert_eq!(cem.until("PAGE").await["after"], 70);
    cem.send(json!({"code": "SYNC_ROOM", "room": "lobby", "after": 2}))
        .await;
    assert_eq!(cem.until("PAGE").await["after"], 70);
    // A restarted one has nothing in memory.
    let server = server.restarted().await;
    let epoch = ann.welcome["epoch"].clone();
    let mut bob = server
        .join(json!({"name": "bob", "epoch": epoch, "cursors": {"lobby": 3}}))
        .await;
    let page = bob.until("PAGE").await;
    assert_eq!((&page["after"], &page["upto"]), (&json!(70), &json!(120)));
    assert_eq!(texts(page["messages"].as_array().expect("messages")).len(), 50);
}

#[tokio::test]
async fn a_cursor_of_another_epoch_is_ignored() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    ann.post("k", "hello").await;
    ann.until("RECEIVE_MESSAGE").await;
    let mut bob = server
        .join(json!({"name": "bob", "epoch": "another", "cursors": {"lobby": 1}}))
        .await;
    assert_eq!(texts(&bob.drain().await), ["hello"]);
    let mut eve = server
        .join(json!({"name": "eve", "cursors": {"lobby": 99}}))
        .await;
    assert_eq!(eve.until("PAGE").await["upto"], 1);
}

#[tokio::test]
async fn an_acknowledged_message_is_there_after_a_restart_and_a_rebuild() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for index in 0..30 {
        ann.post(&index.to_string(), "kept").await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    server.inner.drain().await;
    let folder = Folder::open(server.folder.path()).expect("it is free");
    let before = log::tables(&folder.connection).expect("rows");
    assert_eq!(before.len(), 31, "thirty messages and a room");
    assert_eq!(log::rebuild(&folder.connection).expect("it applies"), 31);
    assert_eq!(log::tables(&folder.connection).expect("rows"), before);
}

#[tokio::test]
async fn all_tabs_of_a_user_are_one_entry_in_the_roster() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    let bob = server.guest("bob").await;
    let token = bob.welcome["you"]["token"].clone();
    let came = ann.until("SAVE_USER_INFO").await;
    assert_eq!((&came["count"], names(&came)), (&json!(2), vec!["ann", "bob"]));
    let second = server
        .join(json!({"name": "bob", "chatId": "bob", "token": token}))
        .await;
    drop(bob);
    assert!(ann.drain().await.is_empty(), "one of two tabs remains");
    drop(second);
    let left = ann.until("CLOSE_CONNECTION").await;
    assert_eq!((&left["count"], names(&left)), (&json!(1), vec!["ann"]));
}

fn names(frame: &Value) -> Vec<&str> {
    let people = frame["chatUsers"].as_array().expect("the roster whole");
    people.iter().filter_map(|it| it["name"].as_str()).collect()
}
