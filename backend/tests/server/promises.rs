//! What Snug promises, over real sockets.

use crate::support::{place, texts};
use futures_util::SinkExt;
use serde_json::{Value, json};
use snug::{log, store::folder::Folder};
use tokio_tungstenite::tungstenite::Message;

#[tokio::test]
async fn everybody_hears_everybody_in_one_order() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    for index in 0..20 {
        ann.say(&format!("a{index}"), &format!("ann {index}")).await;
        bob.say(&format!("b{index}"), &format!("bob {index}")).await;
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
async fn a_key_is_one_message_however_often_it_is_sent() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    ann.say("k", "once").await;
    let first = ann.until("RECEIVE_MESSAGE").await;
    ann.say("k", "once").await;
    let again = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!((&first["n"], &first["at"]), (&again["n"], &again["at"]));
    ann.say("k", "other words").await;
    let error = ann.until("ERROR").await;
    assert_eq!(
        (&error["error"], &error["key"], &error["retry"]),
        (&json!("key_conflict"), &json!("k"), &json!(false))
    );
    let mut bob = place.enter(json!({"name": "bob", "cursors": {"lobby": 0}})).await;
    assert_eq!(texts(&bob.drain().await), ["once"]);
}

#[tokio::test]
async fn a_client_that_comes_back_reads_on_from_its_cursor() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    for index in 1..=10 {
        ann.say(&index.to_string(), &index.to_string()).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    let mut bob = place.enter(json!({"name": "bob", "cursors": {"lobby": 7}})).await;
    assert_eq!(texts(&bob.drain().await), ["8", "9", "10"]);
    // All in one piece: the pong comes after what was asked for before it.
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
async fn a_gap_of_more_than_a_page_is_filled_with_a_fresh_page() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    for index in 1..=120 {
        ann.say(&index.to_string(), &index.to_string()).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    // This server has all of it in memory.
    let mut cem = place.enter(json!({"name": "cem", "cursors": {"lobby": 0}})).await;
    assert_eq!(cem.until("PAGE").await["after"], 70);
    cem.send(json!({"code": "SYNC_ROOM", "room": "lobby", "after": 2}))
        .await;
    assert_eq!(cem.until("PAGE").await["after"], 70);
    // A fresh one has nothing in memory.
    let place = place.restarted().await;
    let epoch = ann.welcome["epoch"].clone();
    let mut bob = place
        .enter(json!({"name": "bob", "epoch": epoch, "cursors": {"lobby": 3}}))
        .await;
    let page = bob.until("PAGE").await;
    assert_eq!((&page["after"], &page["upto"]), (&json!(70), &json!(120)));
    assert_eq!(texts(page["messages"].as_array().expect("messages")).len(), 50);
}

#[tokio::test]
async fn a_cursor_of_another_epoch_is_not_believed() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    ann.say("k", "hello").await;
    ann.until("RECEIVE_MESSAGE").await;
    let mut bob = place
        .enter(json!({"name": "bob", "epoch": "another", "cursors": {"lobby": 1}}))
        .await;
    assert_eq!(texts(&bob.drain().await), ["hello"]);
    let mut eve = place
        .enter(json!({"name": "eve", "cursors": {"lobby": 99}}))
        .await;
    assert_eq!(eve.until("PAGE").await["upto"], 1);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart_and_a_rebuild() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    for index in 0..30 {
        ann.say(&index.to_string(), "kept").await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    place.server.drain().await;
    let folder = Folder::open(place.folder.path()).expect("it is free");
    let before = log::tables(&folder.connection).expect("rows");
    assert_eq!(before.len(), 31, "thirty messages and a room");
    assert_eq!(log::rebuild(&folder.connection).expect("it applies"), 31);
    assert_eq!(log::tables(&folder.connection).expect("rows"), before);
}

#[tokio::test]
async fn people_come_and_go_and_three_tabs_are_one_person() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    let bob = place.person("bob").await;
    let token = bob.welcome["you"]["token"].clone();
    let came = ann.until("SAVE_USER_INFO").await;
    assert_eq!((&came["count"], names(&came)), (&json!(2), vec!["ann", "bob"]));
    let second = place
        .enter(json!({"name": "bob", "chatId": "bob", "token": token}))
        .await;
    drop(bob);
    assert!(ann.drain().await.is_empty(), "one of two tabs is gone");
    drop(second);
    let left = ann.until("CLOSE_CONNECTION").await;
    assert_eq!((&left["count"], names(&left)), (&json!(1), vec!["ann"]));
}

fn names(frame: &Value) -> Vec<&str> {
    let people = frame["chatUsers"].as_array().expect("the roster whole");
    people.iter().filter_map(|it| it["name"].as_str()).collect()
}
