//! Rooms: opened, found, joined, talked in and left.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Place, place, texts};

impl Client {
    /// Opens a room; answers with its id, and what came of it.
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

    pub async fn say_in(&mut self, room: &str, key: &str, text: &str) {
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

/// What the directory tells somebody.
async fn directory(place: &Place, person: &Client, search: &str) -> Value {
    let you = person.me();
    let bearer = format!(
        "{}.{}",
        you["chatId"].as_str().expect("an id"),
        you["token"].as_str().expect("a token")
    );
    let path = format!("/api/rooms?search={search}");
    let answer = place.ask("GET", &path, Some(&bearer), Value::Null).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn names(rooms: &Value) -> Vec<&str> {
    let rooms = rooms.as_array().expect("a list").iter();
    rooms.filter_map(|it| it["name"].as_str()).collect()
}

#[tokio::test]
async fn a_room_is_opened_found_joined_and_talked_in() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let (den, opened) = ann.open_room("Tea Time").await;
    assert_eq!((&opened["name"], &opened["n"]), (&json!("tea-time"), &json!(0)));
    ann.say_in(&den, "1", "is the kettle on?").await;
    ann.until("RECEIVE_MESSAGE").await;

    // To a stranger it is not there, but for the directory.
    bob.say_in(&den, "1", "let me in").await;
    assert_eq!(bob.until("ERROR").await["error"], "not_found");
    let found = directory(&place, &bob, "TEA").await;
    assert_eq!(
        (names(&found), &found[0]["members"], &found[0]["joined"]),
        (vec!["tea-time"], &json!(1), &json!(false))
    );
    assert_eq!(
        names(&directory(&place, &bob, "coffee").await),
        Vec::<&str>::new()
    );
    assert_eq!(names(&directory(&place, &bob, "Tea%20time").await), ["tea-time"]);
    assert_eq!(names(&directory(&place, &bob, "").await), ["tea-time"]);

    assert_eq!(bob.join_room(&den).await["n"], 1);
    let here = bob.until("SAVE_USER_INFO").await;
    assert_eq!((&here["room"], &here["count"]), (&json!(den), &json!(2)));
    bob.send(json!({"code": "SYNC_ROOM", "room": den, "after": 0}))
        .await;
    bob.say_in(&den, "2", "it sings").await;
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
    assert_eq!(directory(&place, &bob, "tea").await[0]["joined"], true);
}

#[tokio::test]
async fn whoever_has_left_a_room_hears_nothing_more_of_it() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let (den, _) = ann.open_room("den").await;
    bob.join_room(&den).await;
    assert_eq!(bob.leave_room(&den).await["room"], json!(den));
    while ann.until("CLOSE_CONNECTION").await["room"] != json!(den) {}
    ann.say_in(&den, "1", "psst").await;
    ann.until("RECEIVE_MESSAGE").await;
    // Whatever was on its way has arrived by the pong.
    assert_eq!(texts(&bob.drain().await), Vec::<&str>::new());
    bob.send(json!({"code": "SYNC_ROOM", "room": den, "after": 0}))
        .await;
    assert_eq!(texts(&bob.drain().await), Vec::<&str>::new());
    // To leave it again changes nothing, and the lobby stays.
    let again = bob.request(json!({"code": "LEAVE_ROOM", "room": den})).await;
    assert_eq!(again.map(|it| it["code"].clone()), Ok(json!("DONE")));
    assert_eq!(bob.leave_room("lobby").await["error"], "lobby_fixed");
}

#[tokio::test]
async fn a_persons_tabs_are_in_the_same_rooms_and_so_are_tomorrows() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.me()["token"]});
    let mut tab = place.enter(hello.clone()).await;
    let (den, _) = ann.open_room("den").await;
    let told = tab.until("ROOM").await;
    assert_eq!((&told["room"], &told["name"]), (&json!(den), &json!("den")));
    ann.say_in(&den, "1", "on both").await;
    assert_eq!(tab.until("RECEIVE_MESSAGE").await["text"], "on both");

    let third = place.enter(hello.clone()).await;
    let rooms = |client: &Client| client.welcome["rooms"].as_array().expect("a list").len();
    assert_eq!(rooms(&third), 2);
    drop((ann, tab, third));
    let place = place.restarted().await;
    let mut back = hello;
    back["cursors"] = json!({"lobby": 0, den.as_str(): 0});
    let mut ann = place.enter(back).await;
    assert_eq!(rooms(&ann), 2);
    assert_eq!(ann.welcome["rooms"][0]["n"], 1);
    assert_eq!(texts(&ann.drain().await), ["on both"]);
    assert_eq!(ann.leave_room(&den).await["code"], "LEFT_ROOM");
}

#[tokio::test]
async fn a_room_that_cannot_be_is_refused_with_its_reason() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
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
    // The same request again is the same room; another's with the same id is not.
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
async fn somebody_is_in_so_many_rooms() {
    let place = place().await;
    let member = place.member("Ann").await;
    let (mut ann, mut bob) = (place.enter_as(&member).await, place.person("bob").await);
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
    let mut eve = place.stranger().await;
    eve.hello(json!({"name": "eve", "cursors": cursors})).await;
    assert_eq!(eve.until("ERROR").await["error"], "bad_frame");
}

#[tokio::test]
async fn the_directory_is_for_who_has_come_in() {
    let place = place().await;
    let answer = place.ask("GET", "/api/rooms?search=", None, Value::Null).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn somebody_has_one_place_to_read_on_from_on_all_devices_and_tomorrow() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    assert_eq!(ann.welcome["rooms"][0]["read"], Value::Null);
    for key in ["1", "2", "3"] {
        ann.say(key, "words").await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.me()["token"]});
    let mut phone = place.enter(hello.clone()).await;
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
    // Beyond the end is the end; and back again.
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
    let place = place.restarted().await;
    let ann = place.enter(hello).await;
    assert_eq!(ann.welcome["rooms"][0]["read"], 1);
    let bob = place.person("bob").await;
    assert_eq!(bob.welcome["rooms"][0]["read"], Value::Null, "hers is not his");
}
