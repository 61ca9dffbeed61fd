//! How people stand: writing, away, with a status.

use std::{num::NonZeroU32, time::Duration};

use serde_json::{Value, json};
use snug::config::Rate;
use snug_shared::limits::{FOUND_PEOPLE, NAMED_PEOPLE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, Place, place, place_with};

impl Client {
    async fn writes(&mut self, room: &str, is: bool) {
        self.send(json!({"code": "TYPING", "room": room, "typing": is}))
            .await;
    }

    async fn looks_away(&mut self, away: bool) {
        self.send(json!({"code": "AWAY", "away": away})).await;
    }

    async fn sets_status(&mut self, status: &str) {
        self.send(json!({"code": "SET_STATUS", "status": status})).await;
    }

    /// The next word about who is writing.
    async fn hears_writing(&mut self) -> Value {
        let frame = self.until("TYPING").await;
        json!([frame["room"], frame["chatIds"], frame["count"]])
    }

    /// Whether somebody is away, and their status, by the next roster, whoever came or left.
    async fn sees(&mut self, person: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the connection stays");
            let mut people = frame["chatUsers"].as_array().into_iter().flatten();
            if let Some(person) = people.find(|it| it["chatId"] == person) {
                return json!([person["away"], person["status"]]);
            }
        }
    }
}

/// Another connection of somebody.
fn again(client: &Client, more: Value) -> Value {
    let you = &client.welcome["you"];
    let mut hello = json!({"name": you["name"], "chatId": you["chatId"], "token": you["token"]});
    let more = more.as_object().expect("fields").clone();
    hello.as_object_mut().expect("fields").extend(more);
    hello
}

/// What somebody who comes in now is told of another.
async fn newcomer_sees(place: &Place, person: &str) -> Value {
    let mut client = place.stranger().await;
    client.hello(json!({"name": "newcomer"})).await;
    client.sees(person).await
}

#[tokio::test]
async fn whoever_writes_is_seen_by_the_members_of_the_room() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let mut cem = place.person("cem").await;
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    ann.writes(&den, true).await;
    assert_eq!(bob.hears_writing().await, json!([den, ["ann"], 1]));

    // A stranger neither sees it, nor is seen.
    for room in [den.as_str(), "nowhere", "no id"] {
        cem.writes(room, true).await;
    }
    let received = cem.drain().await;
    let about = |frame: &&Value| ["TYPING", "ERROR"].contains(&frame["code"].as_str().expect("a code"));
    assert_eq!(received.iter().find(about), None);
    bob.writes(&den, true).await;
    ann.hears_writing().await;
    assert_eq!(ann.hears_writing().await, json!([den, ["ann", "bob"], 2]));
    // Somebody who comes later is told how it is.
    cem.join_room(&den).await;
    assert_eq!(cem.hears_writing().await, json!([den, ["ann", "bob"], 2]));
}

#[tokio::test]
async fn nobody_is_writing_any_more_when_their_words_are_there() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    ann.writes("lobby", true).await;
    bob.hears_writing().await;
    ann.say("k", "there").await;
    ann.until("RECEIVE_MESSAGE").await;
    let received = bob.drain().await;
    let codes: Vec<_> = received.iter().map(|frame| &frame["code"]).collect();
    assert_eq!(codes, ["TYPING", "RECEIVE_MESSAGE"], "{received:?}");
    assert_eq!(received[0]["count"], 0);
}

#[tokio::test]
async fn whoever_stops_leaves_or_is_gone_writes_no_more() {
    let place = place_with(|config| config.grace = Duration::from_secs(3600)).await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let mut cem = place.person("cem").await;
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    cem.join_room(&den).await;

    ann.writes(&den, true).await;
    bob.hears_writing().await;
    ann.writes(&den, false).await;
    ann.drain().await;
    assert_eq!(who_writes_with(&mut cem, &den, &mut bob).await, ["cem"]);

    ann.writes(&den, true).await;
    bob.hears_writing().await;
    ann.leave_room(&den).await;
    assert_eq!(who_writes_with(&mut cem, &den, &mut bob).await, ["cem"]);

    // Those who have lost their network are still here for a while, but do not write.
    ann.join_room(&den).await;
    ann.writes(&den, true).await;
    bob.hears_writing().await;
    ann.send(json!({"code": "CLOSE_CONNECTION"})).await;
    ann.closed_with().await;
    assert_eq!(who_writes_with(&mut cem, &den, &mut bob).await, ["cem"]);
}

/// Who is seen writing from when this one does: sooner than anybody would be forgotten.
async fn who_writes_with(client: &mut Client, room: &str, seen_by: &mut Client) -> Vec<String> {
    client.writes(room, true).await;
    let me = client.welcome["you"]["chatId"]
        .as_str()
        .expect("an id")
        .to_owned();
    loop {
        let received = seen_by.until("TYPING").await;
        let people: Vec<String> = serde_json::from_value(received["chatIds"].clone()).expect("ids");
        if people.contains(&me) {
            client.writes(room, false).await;
            while seen_by.until("TYPING").await["count"] != 0 {}
            return people;
        }
    }
}

#[tokio::test]
async fn in_an_archived_room_nobody_is_writing() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    let archive = |archived: bool| json!({"code": "EDIT_ROOM", "room": den, "archived": archived});
    ann.writes(&den, true).await;
    assert_eq!(bob.hears_writing().await, json!([den, ["ann"], 1]));
    ann.send(archive(true)).await;
    assert_eq!(bob.hears_writing().await, json!([den, [], 0]));
    while ann.until("ROOM").await["archived"] != true {}
    ann.writes(&den, true).await;
    // Both would be told at the same tick, the den's first.
    ann.writes("lobby", true).await;
    assert_eq!(bob.hears_writing().await, json!(["lobby", ["ann"], 1]));
    ann.send(archive(false)).await;
    while ann.until("ROOM").await["archived"] == true {}
    ann.writes(&den, true).await;
    assert_eq!(bob.hears_writing().await, json!([den, ["ann"], 1]));
}

#[tokio::test]
async fn a_flood_about_writing_is_a_few_frames_and_no_refusal() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    for index in 0..400 {
        ann.writes("lobby", index % 2 == 0).await;
    }
    ann.say("k", "there").await;
    let mut few = 0;
    loop {
        let received = bob.next().await.expect("the connection stays");
        match received["code"].as_str().expect("a code") {
            "TYPING" => few += 1,
            "RECEIVE_MESSAGE" => break,
            _ => {}
        }
    }
    assert!(few < 40, "{few} frames of 400");
    let refused = ann.drain().await.into_iter().find(|it| it["code"] == "ERROR");
    assert_eq!(refused, None);
}

#[tokio::test]
async fn somebody_is_away_who_is_away_everywhere() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let mut second = place.enter(again(&ann, json!({}))).await;
    let (here, away) = (json!([null, null]), json!([true, null]));
    ann.looks_away(true).await;
    ann.drain().await;
    bob.sets_status("waiting").await;
    assert_eq!(bob.sees("ann").await, here);
    second.looks_away(true).await;
    assert_eq!(bob.sees("ann").await, away);
    assert_eq!(newcomer_sees(&place, "ann").await, away);
    ann.looks_away(false).await;
    while bob.sees("ann").await != here {}

    ann.looks_away(true).await;
    while bob.sees("ann").await != away {}
    let third = place.enter(again(&ann, json!({}))).await;
    while bob.sees("ann").await != here {}
    drop(third);
    while bob.sees("ann").await != away {}
    // Who comes back as away as before shows nobody a flicker.
    let fourth = place.enter(again(&ann, json!({"away": true}))).await;
    assert_eq!(newcomer_sees(&place, "ann").await, away);
    drop(fourth);
}

#[tokio::test]
async fn a_status_is_seen_by_those_who_are_here_and_those_who_come_later() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    ann.sets_status("  🍜 Out for  lunch ").await;
    let lunch = json!([null, "🍜 Out for lunch"]);
    assert_eq!(bob.sees("ann").await, lunch);
    assert_eq!(newcomer_sees(&place, "ann").await, lunch);

    // Another device brings what it has kept; the newest stays.
    let mut second = place.stranger().await;
    let kept = json!({"status": "🌴 On holiday"});
    second.hello(again(&ann, kept.clone())).await;
    assert_eq!(second.sees("ann").await, lunch);
    second.sets_status("🎯 Focusing").await;
    let focusing = json!([null, "🎯 Focusing"]);
    while bob.sees("ann").await != focusing {}
    while ann.sees("ann").await != focusing {}
    second.send(json!({"code": "SET_STATUS"})).await;
    while bob.sees("ann").await != json!([null, null]) {}

    // When nobody else knows better, what was kept is what there is.
    let hello = again(&ann, kept);
    drop((ann, second));
    bob.until("CLOSE_CONNECTION").await;
    place.enter(hello).await;
    assert_eq!(bob.sees("ann").await, json!([null, "🌴 On holiday"]));
}

#[tokio::test]
async fn a_status_that_cannot_be_shown_is_refused_with_its_code() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    for bad in ["", " ", "\u{202E}", &"x".repeat(81)] {
        ann.sets_status(bad).await;
        assert_eq!(ann.until("ERROR").await["error"], "bad_status", "{bad:?}");
    }
    let mut bob = place.stranger().await;
    bob.hello(json!({"name": "bob", "status": "a\u{200B}b"})).await;
    assert_eq!(bob.until("ERROR").await["error"], "bad_status");
    bob.hello(json!({"name": "bob", "status": "a b"})).await;
    bob.until("WELCOME").await;
}

#[tokio::test]
async fn a_status_counts_as_a_message_does_and_writing_does_not() {
    let place = place_with(|config| {
        config.messages = Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
        };
    })
    .await;
    let mut ann = place.person("ann").await;
    ann.writes("lobby", true).await;
    ann.sets_status("one").await;
    ann.sets_status("two").await;
    let refused = ann.until("ERROR").await;
    assert_eq!(
        (&refused["error"], &refused["retry"]),
        (&json!("rate_limited"), &json!(true))
    );
    assert!(refused["retryAfter"].as_u64().is_some(), "{refused}");
}

#[tokio::test]
async fn how_people_stand_is_not_told_at_the_door() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    ann.sets_status("unwell").await;
    ann.looks_away(true).await;
    while ann.sees("ann").await != json!([true, "unwell"]) {}
    let mut socket = TcpStream::connect(place.server.address())
        .await
        .expect("it listens");
    let request = "GET /api/server HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).await.expect("open");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.contains("\"ann\""), "{answer}");
    assert!(!answer.contains("unwell") && !answer.contains("away"), "{answer}");
}

#[tokio::test]
async fn a_very_large_room_names_some_of_its_people_and_finds_the_others() {
    let place = place().await;
    let mut crowd = Vec::new();
    for index in 0..NAMED_PEOPLE {
        crowd.push(place.person(&format!("p{index:03}")).await);
    }
    let zoe = place.enter(json!({"name": "zoe lee", "chatId": "zoe"})).await;
    let mut last = place.stranger().await;
    last.hello(json!({"name": "last"})).await;
    let roster = last.until("SAVE_USER_INFO").await;
    let named = roster["chatUsers"].as_array().expect("people");
    assert_eq!(
        (named.len(), &roster["count"]),
        (NAMED_PEOPLE, &json!(NAMED_PEOPLE + 2))
    );

    let you = &zoe.welcome["you"];
    let token = format!(
        "{}.{}",
        you["chatId"].as_str().expect("an id"),
        you["token"].as_str().expect("a token")
    );
    let find = async |room: &str, name: &str| {
        let path = format!("/api/rooms/{room}/online?search={name}");
        place.ask("GET", &path, Some(&token), Value::Null).await
    };
    let found = find("lobby", "LEE").await;
    assert_eq!(found.body[0]["name"], "zoe lee");
    assert_eq!(found.body.as_array().map(Vec::len), Some(1));
    assert_eq!(
        find("lobby", "p").await.body.as_array().map(Vec::len),
        Some(FOUND_PEOPLE)
    );
    assert_eq!(find("nowhere", "p").await.status, 404);
    let stranger = place
        .ask("GET", "/api/rooms/lobby/online", None, Value::Null)
        .await;
    assert_eq!(stranger.status, 401);
}
