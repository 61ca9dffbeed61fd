//! What is held in memory and on the disk, and what happens when that is as much as it may be.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use snug::{
    config::{ByteRate, Rate},
    server::Server,
};
use snug_shared::api::Storage;

use crate::support::{Client, Place, config, place, place_with, texts};

#[tokio::test]
async fn everything_is_heard_also_where_no_message_stays_in_memory() {
    let place = place_with(|config| config.recent_bytes = 1).await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    for index in 0..20 {
        ann.say(&format!("a{index}"), &index.to_string()).await;
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
    let mut eve = place
        .enter(json!({"name": "eve", "cursors": {"lobby": 17}}))
        .await;
    assert_eq!(texts(&eve.drain().await), ["17", "18", "19"]);
}

/// A text of four bytes a character, as long as one may be.
fn long() -> String {
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

/// The error about what somebody says now, if it is refused.
async fn refusal(client: &mut Client, key: &str, text: &str) -> Option<Value> {
    client.say(key, text).await;
    loop {
        let frame = client.next().await.expect("the connection stays");
        if frame["key"] == key {
            return Some(frame).filter(|it| it["code"] == "ERROR");
        }
    }
}

#[tokio::test]
async fn a_guest_a_network_of_guests_and_a_member_write_so_many_bytes_and_no_more() {
    let place = place_with(|config| {
        config.guest_bytes = bytes(40_000, 1 << 20);
        config.network_bytes = bytes(60_000, 1 << 20);
        config.member_bytes = bytes(1 << 20, 80_000);
    })
    .await;
    let count = async |client: &mut Client| {
        for count in 0.. {
            let key = format!("{}{count}", client.id());
            if let Some(error) = refusal(client, &key, &long()).await {
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
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    assert_eq!(count(&mut ann).await, 2, "what a guest may");
    assert_eq!(
        refusal(&mut ann, "short", "hello").await,
        None,
        "there is a little left"
    );
    assert_eq!(count(&mut bob).await, 1, "what is left of the network's");
    let mut cleo = place.enter_as(&place.member("cleo").await).await;
    assert_eq!(count(&mut cleo).await, 4, "what a member may in a day");
    // Coming anew gives nobody more.
    drop(ann);
    let mut eve = place.person("eve").await;
    assert_eq!(count(&mut eve).await, 0);
}

#[tokio::test]
async fn whatever_adds_to_the_data_counts_and_what_takes_away_does_not() {
    let place = place_with(|config| config.member_bytes = bytes(2_000, 1 << 20)).await;
    let owner = place.owner("olga").await;
    let mut olga = place.enter_as(&owner).await;
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
        place
            .ask("PUT", "/api/account", Some(&owner), profile.clone())
            .await;
    }
    let answer = place.ask("PUT", "/api/account", Some(&owner), profile).await;
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (429, &json!("rate_limited"))
    );
    let rules =
        json!({"action": "set_rules", "rules": {"joinPolicy": "members", "roomCreationRole": "owner"}});
    let answer = place.ask("POST", "/api/moderation", Some(&owner), rules).await;
    assert_eq!(answer.status, 204, "keeping order goes on: {}", answer.body);
}

#[tokio::test]
async fn ever_new_guests_leave_no_endless_bookmarks() {
    let place = place_with(|config| config.network_bytes = bytes(3_000, 1 << 20)).await;
    let mut ann = place.enter_as(&place.member("ann").await).await;
    assert_eq!(refusal(&mut ann, "1", "hello").await, None);
    let mut marked = 0;
    for number in 0..40 {
        let mut guest = place.person(&format!("guest{number}")).await;
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
async fn when_the_disk_is_full_nothing_is_added_and_everything_else_goes_on() {
    let place = place().await;
    let owner = place.owner("olga").await;
    let mut ann = place.person("ann").await;
    ann.say("1", "while there was space").await;
    ann.until("RECEIVE_MESSAGE").await;
    drop(ann);
    place.server.drain().await;
    let mut full = config(place.folder.path());
    full.min_free = u64::MAX;
    let place = Place {
        server: Server::start(&full).await.expect("it starts"),
        folder: place.folder,
    };

    let mut ann = place.enter(json!({"name": "ann", "cursors": {"lobby": 0}})).await;
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
    assert_eq!(ann.until("ROOM").await["unread"], Value::Null, "reading counts");

    let health = place.ask("GET", "/healthz", None, Value::Null).await;
    assert_eq!(health.status, 503);
    let account = json!({"name": "Newcomer", "password": "correct horse"});
    let refused = place.ask("POST", "/api/account", None, account).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (507, &json!("storage_full"))
    );
    let sign_in = json!({"name": "olga", "password": "correct horse"});
    assert_eq!(place.ask("POST", "/api/sign-in", None, sign_in).await.status, 200);
    let told = place.ask("GET", "/api/storage", Some(&owner), Value::Null).await;
    assert_eq!((told.status, &told.body["full"]), (200, &json!(true)));
    let delete = json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": 1});
    assert_eq!(place.change(&owner, delete).await, Ok(()));
    ann.until("DELETED").await;

    let place = place.restarted().await;
    let mut ann = place.person("ann").await;
    assert_eq!(refusal(&mut ann, "3", "there is space again").await, None);
}

#[tokio::test]
async fn the_owner_sees_what_is_used_and_by_whom_and_nobody_else_does() {
    let place = place().await;
    let owner = place.owner("olga").await;
    let mut olga = place.enter_as(&owner).await;
    let mut ann = place.person("ann").await;
    let den = "00000000-0000-4000-8000-000000000001";
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.send(json!({"code": "RECEIVE_MESSAGE", "room": den, "key": "a", "text": long()}))
        .await;
    ann.until("RECEIVE_MESSAGE").await;
    for key in ["1", "2"] {
        assert_eq!(refusal(&mut olga, key, "hello").await, None);
    }
    let answer = place.ask("GET", "/api/storage", Some(&owner), Value::Null).await;
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
    let answer = place.ask("GET", path, Some(&owner), Value::Null).await;
    let told: Storage = serde_json::from_value(answer.body).expect("what is used");
    assert_eq!(told.breakdown, None);

    let member = place.member("cleo").await;
    for (bearer, status) in [(Some(member.as_str()), 403), (None, 401)] {
        let answer = place.ask("GET", "/api/storage", bearer, Value::Null).await;
        assert_eq!(answer.status, status);
    }
}
