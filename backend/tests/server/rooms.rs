//! Rooms: opening, finding, joining, posting and leaving.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, TestServer, start_server, texts};

impl Client {
    /// Opens a room. Returns its id and the answer.
    pub async fn open_room(&mut self, name: &str) -> (String, Value) {
        let room = Uuid::now_v7().to_string();
        self.send(json!({"code": "CREATE_ROOM", "room": room, "name": name}))
            .await;
        let answer = self.until_one_of(&["ROOM", "ERROR"]).await;
        (room, answer)
    }

    pub async fn join_room(&mut self, room: &str) -> Value {
        self.send(json!({"code": "JOIN_ROOM", "room": room})).await;
        self.until_one_of(&["ROOM", "ERROR"]).await
    }

    pub async fn leave_room(&mut self, room: &str) -> Value {
        self.send(json!({"code": "LEAVE_ROOM", "room": room})).await;
        self.until_one_of(&["LEFT_ROOM", "ERROR"]).await
    }

    pub async fn post_in(&mut self, room: &str, key: &str, text: &str) {
        self.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": key, "text": text}))
            .await;
    }

    pub async fn until_one_of(&mut self, codes: &[&str]) -> Value {
        loop {
            let frame = self.next().await.expect("the connection stays");
            if frame["code"].as_str().is_some_and(|it| codes.contains(&it)) {
                return frame;
            }
        }
    }

    fn me(&self) -> Value {
        self.welcome["you"].clone()
    }
}

/// The directory, as a user sees it.
async fn directory(server: &TestServer, person: &Client, search: &str) -> Value {
    let you = person.me();
    let bearer = format!(
        "{}.{}",
        you["chatId"].as_str().expect("an id"),
        you["token"].as_str().expect("a token")
    );
    let path = format!("/api/rooms?search={search}");
    let answer = server.ask("GET", &path, Some(&bearer), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn names(rooms: &Value) -> Vec<&str> {
    let rooms = rooms.as_array().expect("a list").iter();
    rooms.filter_map(|it| it["name"].as_str()).collect()
}

#[tokio::test]
async fn a_user_can_open_find_join_and_post_in_a_room() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let (den, opened) = ann.open_room("Tea Time").await;
    assert_eq!((&opened["name"], &opened["n"]), (&json!("tea-time"), &json!(0)));
    ann.post_in(&den, "1", "is the kettle on?").await;
    ann.until("RECEIVE_MESSAGE").await;

    // For a stranger the room exists only in the directory.
    bob.post_in(&den, "1", "let me in").await;
    assert_eq!(bob.until("ERROR").await["error"], "not_found");
    let found = directory(&server, &bob, "TEA").await;
    assert_eq!(
        (names(&found), &found[0]["members"], &found[0]["joined"]),
        (vec!["tea-time"], &json!(1), &json!(false))
    );
    assert_eq!(
        names(&directory(&server, &bob, "coffee").await),
        Vec::<&str>::new()
    );
    assert_eq!(names(&directory(&server, &bob, "Tea%20time").await), ["tea-time"]);
    assert_eq!(names(&directory(&server, &bob, "").await), ["tea-time"]);

    assert_eq!(bob.join_room(&den).await["n"], 1);
    let here = bob.until("SAVE_USER_INFO").await;
    assert_eq!((&here["room"], &here["count"]), (&json!(den), &json!(2)));
    bob.send(json!({"code": "SYNC_ROOM", "room": den, "after": 0}))
        .await;
    bob.post_in(&den, "2", "it sings").await;
    let received = [
        bob.until("RECEIVE_MESSAGE").await,
        bob.until("RECEIVE_MESSAGE").await,
    ];
    assert_eq!(texts(&received), ["is the kettle on?", "it sings"]);
    let received = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        (&received["text"], &received["room"], &received["count"]),
        (&json!("it sings"), &json!(den), &json!(2))
    );
    assert_eq!(directory(&server, &bob, "tea").await[0]["joined"], true);
}

#[tokio::test]
async fn a_user_who_has_left_a_room_receives_nothing_more_from_it() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    assert_eq!(bob.leave_room(&den).await["room"], json!(den));
    while ann.until("CLOSE_CONNECTION").await["room"] != json!(den) {}
    ann.post_in(&den, "1", "psst").await;
    ann.until("RECEIVE_MESSAGE").await;
    // All frames that were under way arrive before the pong.
    assert_eq!(texts(&bob.drain().await), Vec::<&str>::new());
    bob.send(json!({"code": "SYNC_ROOM", "room": den, "after": 0}))
        .await;
    assert_eq!(texts(&bob.drain().await), Vec::<&str>::new());
    // Leaving again changes nothing, and nobody can leave the lobby.
    let again = bob.request(json!({"code": "LEAVE_ROOM", "room": den})).await;
    assert_eq!(again.map(|it| it["code"].clone()), Ok(json!("DONE")));
    assert_eq!(bob.leave_room("lobby").await["error"], "lobby_fixed");
}

#[tokio::test]
async fn all_tabs_of_a_user_are_in_the_same_rooms_also_after_a_restart() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.me()["token"]});
    let mut tab = server.join(hello.clone()).await;
    let (den, _) = ann.open_room("den").await;
    let told = tab.until("ROOM").await;
    assert_eq!((&told["room"], &told["name"]), (&json!(den), &json!("den")));
    ann.post_in(&den, "1", "on both").await;
    assert_eq!(tab.until("RECEIVE_MESSAGE").await["text"], "on both");

    let third = server.join(hello.clone()).await;
    let rooms = |client: &Client| client.welcome["rooms"].as_array().expect("a list").len();
    assert_eq!(rooms(&third), 2);
    drop((ann, tab, third));
    let server = server.restarted().await;
    let mut back = hello;
    back["cursors"] = json!({"lobby": 0, den.as_str(): 0});
    let mut ann = server.join(back).await;
    assert_eq!(rooms(&ann), 2);
    assert_eq!(ann.welcome["rooms"][0]["n"], 1);
    assert_eq!(texts(&ann.drain().await), ["on both"]);
    assert_eq!(ann.leave_room(&den).await["code"], "LEFT_ROOM");
}

#[tokio::test]
async fn an_invalid_room_is_refused_with_the_reason() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let (den, _) = ann.open_room("den").await;
    for (name, error) in [
        ("DEN", "room_name_taken"),
        ("lobby", "room_name_taken"),
        ("", "bad_room_name"),
        ("a/b", "bad_room_name"),
        ("den\u{202e}", "bad_room_name"),
    ] {
        let (_, answer) = bob.open_room(name).await;
        assert_eq!(
            (&answer["error"], &answer["key"]),
            (&json!(error), &Value::Null),
            "{name}"
        );
    }
    // A retry gives the same room; another user's request with the same id is refused.
    let again = ann
        .request(json!({"code": "CREATE_ROOM", "room": den, "name": "den"}))
        .await;
    assert_eq!(again.expect("it is hers")["room"], json!(den));
    bob.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den"}))
        .await;
    assert_eq!(bob.until("ERROR").await["error"], "room_name_taken");
    bob.send(json!({"code": "CREATE_ROOM", "room": "lobby", "name": "other"}))
        .await;
    assert_eq!(bob.until("ERROR").await["error"], "bad_id");
    let topic = "x".repeat(201);
    bob.send(json!({"code": "CREATE_ROOM", "room": Uuid::now_v7().to_string(), "name": "b", "topic": topic}))
        .await;
    assert_eq!(bob.until("ERROR").await["error"], "bad_topic");
    assert_eq!(bob.join_room("attic").await["error"], "not_found");
    assert_eq!(bob.join_room("a b").await["error"], "bad_id");
}

#[tokio::test]
async fn a_user_can_be_in_a_limited_number_of_rooms() {
    let server = start_server().await;
    let member = server.member("Ann").await;
    let (mut ann, mut bob) = (server.join_as(&member).await, server.guest("bob").await);
    let mut rooms = Vec::new();
    for index in 0..64 {
        let (room, answer) = ann.open_room(&format!("room-{index}")).await;
        assert_eq!(answer["code"], "ROOM", "{answer}");
        rooms.push(room);
    }
    assert_eq!(ann.open_room("one-more").await.1["error"], "too_many_rooms");
    let (other, _) = bob.open_room("bobs").await;
    assert_eq!(ann.join_room(&other).await["error"], "too_many_rooms");
    assert_eq!(ann.leave_room(&rooms[0]).await["code"], "LEFT_ROOM");
    assert_eq!(ann.join_room(&other).await["code"], "ROOM");

    let cursors: serde_json::Map<_, _> = (0..66).map(|n| (format!("room{n}"), json!(0))).collect();
    let mut eve = server.open_socket().await;
    eve.hello(json!({"name": "eve", "cursors": cursors})).await;
    assert_eq!(eve.until("ERROR").await["error"], "bad_frame");
}

#[tokio::test]
async fn the_directory_is_only_for_users_who_have_joined() {
    let server = start_server().await;
    let answer = server.ask("GET", "/api/rooms?search=", None, Value::Null).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn a_user_has_one_read_position_on_all_devices_also_after_a_restart() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    assert_eq!(ann.welcome["rooms"][0]["read"], Value::Null);
    for key in ["1", "2", "3"] {
        ann.post(key, "words").await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.me()["token"]});
    let mut phone = server.join(hello.clone()).await;
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 2}))
        .await;
    for device in [&mut phone, &mut ann] {
        let told = device.until("ROOM").await;
        assert_eq!(
            (&told["room"], &told["read"], &told["n"]),
            (&json!("lobby"), &json!(2), &json!(3))
        );
    }
    // A position beyond the end counts as the end. A position can also go back.
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 99}))
        .await;
    assert_eq!(phone.until("ROOM").await["read"], 3);
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 1}))
        .await;
    assert_eq!(phone.until("ROOM").await["read"], 1);
    ann.send(json!({"code": "MARK_READ", "room": "attic", "n": 1}))
        .await;
    assert_eq!(ann.until("ERROR").await["error"], "not_found");

    drop((ann, phone));
    let server = server.restarted().await;
    let ann = server.join(hello).await;
    assert_eq!(ann.welcome["rooms"][0]["read"], 1);
    let bob = server.guest("bob").await;
    assert_eq!(
        bob.welcome["rooms"][0]["read"],
        Value::Null,
        "her read position is not his"
    );
}
