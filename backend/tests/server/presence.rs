//! Presence: typing, away, status.

use std::{num::NonZeroU32, time::Duration};

use serde_json::{Value, json};
use snug::config::Rate;
use snug_shared::limits::{FOUND_PEOPLE, NAMED_PEOPLE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, TestServer, start_server, start_server_with};

impl Client {
    async fn set_typing(&mut self, room: &str, is: bool) {
        self.send(json!({"code": "TYPING", "room": room, "typing": is}))
            .await;
    }

    async fn set_away(&mut self, away: bool) {
        self.send(json!({"code": "AWAY", "away": away})).await;
    }

    async fn set_status(&mut self, status: &str) {
        self.send(json!({"code": "SET_STATUS", "status": status})).await;
    }

    /// The next frame about typing.
    async fn next_typing(&mut self) -> Value {
        let frame = self.until("TYPING").await;
        json!([frame["room"], frame["chatIds"], frame["count"]])
    }

    /// Whether a user is away, and their status, from the next roster after a join or leave.
    async fn presence_of(&mut self, person: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the connection stays");
            let mut people = frame["chatUsers"].as_array().into_iter().flatten();
            if let Some(person) = people.find(|it| it["chatId"] == person) {
                return json!([person["away"], person["status"]]);
            }
        }
    }
}

/// The hello for another connection of a user.
fn hello_again(client: &Client, more: Value) -> Value {
    let you = &client.welcome["you"];
    let mut hello = json!({"name": you["name"], "chatId": you["chatId"], "token": you["token"]});
    let more = more.as_object().expect("fields").clone();
    hello.as_object_mut().expect("fields").extend(more);
    hello
}

/// The presence of a user, as a newcomer sees it.
async fn presence_for_newcomer(server: &TestServer, person: &str) -> Value {
    let mut client = server.open_socket().await;
    client.hello(json!({"name": "newcomer"})).await;
    client.presence_of(person).await
}

#[tokio::test]
async fn a_user_who_is_typing_is_seen_by_the_room_members() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let mut cem = server.guest("cem").await;
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    ann.set_typing(&den, true).await;
    assert_eq!(bob.next_typing().await, json!([den, ["ann"], 1]));

    // A stranger cannot see it, and cannot send it.
    for room in [den.as_str(), "nowhere", "no id"] {
        cem.set_typing(room, true).await;
    }
    let received = cem.drain().await;
    let about = |frame: &&Value| ["TYPING", "ERROR"].contains(&frame["code"].as_str().expect("a code"));
    assert_eq!(received.iter().find(about), None);
    bob.set_typing(&den, true).await;
    ann.next_typing().await;
    assert_eq!(ann.next_typing().await, json!([den, ["ann", "bob"], 2]));
    // A user who joins later receives the current state.
    cem.join_room(&den).await;
    assert_eq!(cem.next_typing().await, json!([den, ["ann", "bob"], 2]));
}

#[tokio::test]
async fn a_user_is_no_longer_typing_when_their_message_arrives() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    ann.set_typing("lobby", true).await;
    bob.next_typing().await;
    ann.post("k", "there").await;
    ann.until("RECEIVE_MESSAGE").await;
    let received = bob.drain().await;
    let codes: Vec<_> = received.iter().map(|frame| &frame["code"]).collect();
    assert_eq!(codes, ["TYPING", "RECEIVE_MESSAGE"], "{received:?}");
    assert_eq!(received[0]["count"], 0);
}

#[tokio::test]
async fn a_user_who_stops_or_leaves_or_disconnects_is_no_longer_typing() {
    let server = start_server_with(|config| config.grace = Duration::from_secs(3600)).await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let mut cem = server.guest("cem").await;
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    cem.join_room(&den).await;

    ann.set_typing(&den, true).await;
    bob.next_typing().await;
    ann.set_typing(&den, false).await;
    ann.drain().await;
    assert_eq!(typing_with(&mut cem, &den, &mut bob).await, ["cem"]);

    ann.set_typing(&den, true).await;
    bob.next_typing().await;
    ann.leave_room(&den).await;
    assert_eq!(typing_with(&mut cem, &den, &mut bob).await, ["cem"]);

    // Users without a connection stay in the roster for the grace, but do not type.
    ann.join_room(&den).await;
    ann.set_typing(&den, true).await;
    bob.next_typing().await;
    ann.send(json!({"code": "CLOSE_CONNECTION"})).await;
    ann.closed_with().await;
    assert_eq!(typing_with(&mut cem, &den, &mut bob).await, ["cem"]);
}

/// The users who are typing in a room when this one begins, without waiting for the timeout of typing.
async fn typing_with(client: &mut Client, room: &str, seen_by: &mut Client) -> Vec<String> {
    client.set_typing(room, true).await;
    let me = client.welcome["you"]["chatId"]
        .as_str()
        .expect("an id")
        .to_owned();
    loop {
        let received = seen_by.until("TYPING").await;
        let people: Vec<String> = serde_json::from_value(received["chatIds"].clone()).expect("ids");
        if people.contains(&me) {
            client.set_typing(room, false).await;
            while seen_by.until("TYPING").await["count"] != 0 {}
            return people;
        }
    }
}

#[tokio::test]
async fn nobody_is_typing_in_an_archived_room() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    let archive = |archived: bool| json!({"code": "EDIT_ROOM", "room": den, "archived": archived});
    ann.set_typing(&den, true).await;
    assert_eq!(bob.next_typing().await, json!([den, ["ann"], 1]));
    ann.send(archive(true)).await;
    assert_eq!(bob.next_typing().await, json!([den, [], 0]));
    while ann.until("ROOM").await["archived"] != true {}
    ann.set_typing(&den, true).await;
    // The server would send both in one tick, the den's first.
    ann.set_typing("lobby", true).await;
    assert_eq!(bob.next_typing().await, json!(["lobby", ["ann"], 1]));
    ann.send(archive(false)).await;
    while ann.until("ROOM").await["archived"] == true {}
    ann.set_typing(&den, true).await;
    assert_eq!(bob.next_typing().await, json!([den, ["ann"], 1]));
}

#[tokio::test]
async fn a_flood_of_typing_frames_becomes_a_few_frames_and_is_not_refused() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    for index in 0..400 {
        ann.set_typing("lobby", index % 2 == 0).await;
    }
    ann.post("k", "there").await;
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
async fn a_user_is_away_when_all_their_connections_are_away() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let mut second = server.join(hello_again(&ann, json!({}))).await;
    let (here, away) = (json!([null, null]), json!([true, null]));
    ann.set_away(true).await;
    ann.drain().await;
    bob.set_status("waiting").await;
    assert_eq!(bob.presence_of("ann").await, here);
    second.set_away(true).await;
    assert_eq!(bob.presence_of("ann").await, away);
    assert_eq!(presence_for_newcomer(&server, "ann").await, away);
    ann.set_away(false).await;
    while bob.presence_of("ann").await != here {}

    ann.set_away(true).await;
    while bob.presence_of("ann").await != away {}
    let third = server.join(hello_again(&ann, json!({}))).await;
    while bob.presence_of("ann").await != here {}
    drop(third);
    while bob.presence_of("ann").await != away {}
    // A new connection that is away changes nothing for others.
    let fourth = server.join(hello_again(&ann, json!({"away": true}))).await;
    assert_eq!(presence_for_newcomer(&server, "ann").await, away);
    drop(fourth);
}

#[tokio::test]
async fn a_status_is_seen_by_present_and_later_users() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    ann.set_status("  🍜 Out for  lunch ").await;
    let lunch = json!([null, "🍜 Out for lunch"]);
    assert_eq!(bob.presence_of("ann").await, lunch);
    assert_eq!(presence_for_newcomer(&server, "ann").await, lunch);

    // Another device sends its saved status; the newest one stays.
    let mut second = server.open_socket().await;
    let kept = json!({"status": "🌴 On holiday"});
    second.hello(hello_again(&ann, kept.clone())).await;
    assert_eq!(second.presence_of("ann").await, lunch);
    second.set_status("🎯 Focusing").await;
    let focusing = json!([null, "🎯 Focusing"]);
    while bob.presence_of("ann").await != focusing {}
    while ann.presence_of("ann").await != focusing {}
    second.send(json!({"code": "SET_STATUS"})).await;
    while bob.presence_of("ann").await != json!([null, null]) {}

    // With no other connection, the saved status applies.
    let hello = hello_again(&ann, kept);
    drop((ann, second));
    bob.until("CLOSE_CONNECTION").await;
    server.join(hello).await;
    assert_eq!(bob.presence_of("ann").await, json!([null, "🌴 On holiday"]));
}

#[tokio::test]
async fn an_invalid_status_is_refused_with_its_code() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for bad in ["", " ", "\u{202E}", &"x".repeat(81)] {
        ann.set_status(bad).await;
        assert_eq!(ann.until("ERROR").await["error"], "bad_status", "{bad:?}");
    }
    let mut bob = server.open_socket().await;
    bob.hello(json!({"name": "bob", "status": "a\u{200B}b"})).await;
    assert_eq!(bob.until("ERROR").await["error"], "bad_status");
    bob.hello(json!({"name": "bob", "status": "a b"})).await;
    bob.until("WELCOME").await;
}

#[tokio::test]
async fn a_status_counts_for_the_rate_of_messages_and_typing_does_not() {
    let server = start_server_with(|config| {
        config.messages = Rate {
            per_second: NonZeroU32::MIN,
            burst: NonZeroU32::MIN,
        };
    })
    .await;
    let mut ann = server.guest("ann").await;
    ann.set_typing("lobby", true).await;
    ann.set_status("one").await;
    ann.set_status("two").await;
    let refused = ann.until("ERROR").await;
    assert_eq!(
        (&refused["error"], &refused["retry"]),
        (&json!("rate_limited"), &json!(true))
    );
    assert!(refused["retryAfter"].as_u64().is_some(), "{refused}");
}

#[tokio::test]
async fn the_join_screen_does_not_show_presence() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    ann.set_status("unwell").await;
    ann.set_away(true).await;
    while ann.presence_of("ann").await != json!([true, "unwell"]) {}
    let mut socket = TcpStream::connect(server.inner.address())
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
async fn the_roster_of_a_very_large_room_is_partial_and_a_search_finds_the_others() {
    let server = start_server().await;
    let mut crowd = Vec::new();
    for index in 0..NAMED_PEOPLE {
        crowd.push(server.guest(&format!("p{index:03}")).await);
    }
    let zoe = server.join(json!({"name": "zoe lee", "chatId": "zoe"})).await;
    let mut last = server.open_socket().await;
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
        server.ask("GET", &path, Some(&token), Value::Null).await
    };
    let found = find("lobby", "LEE").await;
    assert_eq!(found.body[0]["name"], "zoe lee");
    assert_eq!(found.body.as_array().map(Vec::len), Some(1));
    assert_eq!(
        find("lobby", "p").await.body.as_array().map(Vec::len),
        Some(FOUND_PEOPLE)
    );
    assert_eq!(find("nowhere", "p").await.status, 404);
    let stranger = server
        .ask("GET", "/api/rooms/lobby/online", None, Value::Null)
        .await;
    assert_eq!(stranger.status, 401);
}
