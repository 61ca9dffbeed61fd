//! Limits of memory and disk, and the behaviour when they are reached.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use snug::{
    config::{ByteRate, Rate},
    server::Server,
};
use snug_shared::api::Storage;

use crate::support::{Client, TestServer, config, start_server, start_server_with, texts};

#[tokio::test]
async fn messages_are_delivered_even_if_none_stays_in_memory() {
    let server = start_server_with(|config| config.recent_bytes = 1).await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    for index in 0..20 {
        ann.post(&format!("a{index}"), &index.to_string()).await;
    }
    let all: Vec<String> = (0..20).map(|index| index.to_string()).collect();
    for client in [&mut ann, &mut bob] {
        let mut received = Vec::new();
        while received.len() < all.len() {
            let frame = client.until("RECEIVE_MESSAGE").await;
            received.push(frame["text"].as_str().expect("a text").to_owned());
        }
        assert_eq!(received, all);
    }
    let mut eve = server
        .join(json!({"name": "eve", "cursors": {"lobby": 17}}))
        .await;
    assert_eq!(texts(&eve.drain().await), ["17", "18", "19"]);
}

/// The longest text that is allowed, with four bytes for each character.
fn longest_text() -> String {
    "🐌".repeat(4_000)
}

fn bytes(seconds: u32, day: u32) -> ByteRate {
    let number = |it| NonZeroU32::new(it).expect("not 0");
    ByteRate {
        seconds: Rate {
            per_second: number(1),
            burst: number(seconds),
        },
        day: number(day),
    }
}

/// The error for a post, if it is refused.
async fn refusal(client: &mut Client, key: &str, text: &str) -> Option<Value> {
    client.post(key, text).await;
    loop {
        let frame = client.next().await.expect("the connection stays");
        if frame["key"] == key {
            return Some(frame).filter(|it| it["code"] == "ERROR");
        }
    }
}

#[tokio::test]
async fn guests_their_networks_and_members_have_quotas_of_written_bytes() {
    let server = start_server_with(|config| {
        config.guest_bytes = bytes(40_000, 1 << 20);
        config.network_bytes = bytes(60_000, 1 << 20);
        config.member_bytes = bytes(1 << 20, 80_000);
    })
    .await;
    let count = async |client: &mut Client| {
        for count in 0.. {
            let key = format!("{}{count}", client.id());
            if let Some(error) = refusal(client, &key, &longest_text()).await {
                assert_eq!(
                    (&error["error"], &error["retry"]),
                    (&json!("rate_limited"), &json!(true))
                );
                assert!(error["retryAfter"].as_u64() > Some(0), "{error}");
                return count;
            }
        }
        unreachable!("there is a limit")
    };
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    assert_eq!(count(&mut ann).await, 2, "the quota of a guest");
    assert_eq!(
        refusal(&mut ann, "short", "hello").await,
        None,
        "the quota has a little left"
    );
    assert_eq!(count(&mut bob).await, 1, "the rest of the quota of the network");
    let mut cleo = server.join_as(&server.member("cleo").await).await;
    assert_eq!(count(&mut cleo).await, 4, "the daily quota of a member");
    // Another guest of the same network has no more.
    drop(ann);
    let mut eve = server.guest("eve").await;
    assert_eq!(count(&mut eve).await, 0);
}

#[tokio::test]
async fn requests_that_add_data_count_for_the_quota_and_those_that_remove_data_do_not() {
    let server = start_server_with(|config| config.member_bytes = bytes(2_000, 1 << 20)).await;
    let owner = server.owner("olga").await;
    let mut olga = server.join_as(&owner).await;
    let open = |count: u32| json!({"code": "CREATE_ROOM", "room": format!("00000000-0000-4000-8000-00000000000{count}"), "name": format!("r{count}")});
    let mut opened = 0;
    let error = loop {
        olga.send(open(opened)).await;
        let frame = loop {
            let frame = olga.next().await.expect("the connection stays");
            if frame["code"] == "ROOM" || frame["code"] == "ERROR" {
                break frame;
            }
        };
        if frame["code"] == "ERROR" {
            break frame;
        }
        opened += 1;
    };
    assert_eq!(error["error"], "rate_limited", "{error}");
    assert!((2..8).contains(&opened), "{opened}");
    let profile = json!({"name": "olga", "avatar": "face:1"});
    for _ in 0..8 {
        server
            .ask("PUT", "/api/account", Some(&owner), profile.clone())
            .await;
    }
    let answer = server.ask("PUT", "/api/account", Some(&owner), profile).await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (429, &json!("rate_limited"))
    );
    let rules =
        json!({"action": "set_rules", "rules": {"joinPolicy": "members", "roomCreationRole": "owner"}});
    let answer = server.ask("POST", "/api/moderation", Some(&owner), rules).await;
    assert_eq!(answer.status, 204, "moderation still works: {}", answer.body);
}

#[tokio::test]
async fn the_read_positions_of_guests_are_limited() {
    let server = start_server_with(|config| config.network_bytes = bytes(3_000, 1 << 20)).await;
    let mut ann = server.join_as(&server.member("ann").await).await;
    assert_eq!(refusal(&mut ann, "1", "hello").await, None);
    let mut marked = 0;
    for number in 0..40 {
        let mut guest = server.guest(&format!("guest{number}")).await;
        guest
            .send(json!({"code": "MARK_READ", "room": "lobby", "n": 1}))
            .await;
        let frames = guest.drain().await;
        let error = frames.iter().find(|it| it["code"] == "ERROR");
        assert!(error.is_none_or(|it| it["error"] == "rate_limited"), "{error:?}");
        marked += usize::from(error.is_none());
    }
    assert!((20..=31).contains(&marked), "{marked}");
}

#[tokio::test]
async fn when_the_disk_is_full_nothing_is_added_and_all_else_works() {
    let server = start_server().await;
    let owner = server.owner("olga").await;
    let mut ann = server.guest("ann").await;
    ann.post("1", "while there was space").await;
    ann.until("RECEIVE_MESSAGE").await;
    drop(ann);
    server.inner.drain().await;
    let mut full = config(server.folder.path());
    full.min_free = u64::MAX;
    let server = TestServer {
        inner: Server::start(&full).await.expect("it starts"),
        folder: server.folder,
    };

    let mut ann = server.join(json!({"name": "ann", "cursors": {"lobby": 0}})).await;
    assert_eq!(texts(&ann.drain().await), ["while there was space"]);
    let error = refusal(&mut ann, "2", "and now").await.expect("no space");
    assert_eq!(error["error"], "storage_full");
    assert_eq!(error["retry"], true);
    assert!(error["retryAfter"].as_u64() >= Some(1_000), "{error}");
    ann.send(json!({"code": "CREATE_ROOM", "room": "00000000-0000-4000-8000-000000000000", "name": "den"}))
        .await;
    assert_eq!(ann.until("ERROR").await["error"], "storage_full");
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 1}))
        .await;
    assert_eq!(
        ann.until("ROOM").await["unread"],
        Value::Null,
        "marking as read counts"
    );

    let health = server.ask("GET", "/healthz", None, Value::Null).await;
    assert_eq!(health.status, 503);
    let account = json!({"name": "Newcomer", "password": "correct horse"});
    let refused = server.ask("POST", "/api/account", None, account).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (507, &json!("storage_full"))
    );
    let sign_in = json!({"name": "olga", "password": "correct horse"});
    assert_eq!(
        server.ask("POST", "/api/sign-in", None, sign_in).await.status,
        200
    );
    let told = server.ask("GET", "/api/storage", Some(&owner), Value::Null).await;
    assert_eq!((told.status, &told.body["full"]), (200, &json!(true)));
    let delete = json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": 1});
    assert_eq!(server.change(&owner, delete).await, Ok(()));
    ann.until("DELETED").await;

    let server = server.restarted().await;
    let mut ann = server.guest("ann").await;
    assert_eq!(refusal(&mut ann, "3", "there is space again").await, None);
}

#[tokio::test]
async fn only_the_owner_sees_the_disk_usage_of_each_user() {
    let server = start_server().await;
    let owner = server.owner("olga").await;
    let mut olga = server.join_as(&owner).await;
    let mut ann = server.guest("ann").await;
    let den = "00000000-0000-4000-8000-000000000001";
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.send(json!({"code": "RECEIVE_MESSAGE", "room": den, "key": "a", "text": longest_text()}))
        .await;
    ann.until("RECEIVE_MESSAGE").await;
    for key in ["1", "2"] {
        assert_eq!(refusal(&mut olga, key, "hello").await, None);
    }
    let answer = server.ask("GET", "/api/storage", Some(&owner), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let told: Storage = serde_json::from_value(answer.body).expect("what is used");
    assert!(told.database > 0 && told.free > 0 && !told.full);
    assert!(told.recent >= 16_000 && told.recent < told.max_recent);
    let written = told.breakdown.expect("who has written how much");
    assert!(!written.partial);
    assert_eq!((written.guests.count, written.members.count), (1, 2));
    assert!((32_000..34_000).contains(&written.guests.bytes), "{written:?}");
    let people: Vec<_> = (written.people.iter())
        .map(|it| (it.name.as_str(), it.guest, it.sum.count))
        .collect();
    assert_eq!(people, [("ann", true, 1), ("olga", false, 2)]);
    let rooms: Vec<_> = written
        .rooms
        .iter()
        .map(|it| it.name.as_ref().map(|it| it.as_str()))
        .collect();
    assert_eq!(rooms, [None, Some("lobby")], "a private room stays private");

    let path = "/api/storage?only=sizes";
    let answer = server.ask("GET", path, Some(&owner), Value::Null).await;
    let told: Storage = serde_json::from_value(answer.body).expect("what is used");
    assert_eq!(told.breakdown, None);

    let member = server.member("cleo").await;
    for (bearer, status) in [(Some(member.as_str()), 403), (None, 401)] {
        let answer = server.ask("GET", "/api/storage", bearer, Value::Null).await;
        assert_eq!(answer.status, status);
    }
}
