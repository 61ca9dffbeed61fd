//! Mentions, unread counts and notification levels.

use serde_json::{Value, json};

use crate::support::start_server;

#[tokio::test]
async fn a_user_who_is_online_in_the_room_can_be_mentioned_by_name() {
    let server = start_server().await;
    let (mut ann, bob) = (server.guest("ann").await, server.guest("Bob").await);
    ann.post("1", "@bob @cem @ann x@bob.org").await;
    let received = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        received["mentions"],
        json!({"people": [{"chatId": "Bob", "name": "Bob"}, {"chatId": "ann", "name": "ann"}]})
    );
    ann.post("2", "@here! 大家好@Room").await;
    let received = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(received["mentions"], json!({"here": true, "room": true}));
    ann.post("3", "nobody").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // A retry when no user of that name is online gives the original message.
    drop(bob);
    ann.until("CLOSE_CONNECTION").await;
    ann.post("1", "@bob @cem @ann x@bob.org").await;
    let again = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        (&again["n"], &again["mentions"]["people"][0]["name"]),
        (&json!(1), &json!("Bob"))
    );
    ann.post("4", "@bob").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // It is stored.
    let server = server.restarted().await;
    let mut cem = server.join(json!({"name": "cem", "cursors": {"lobby": 0}})).await;
    assert_eq!(
        cem.until("RECEIVE_MESSAGE").await["mentions"]["people"][0]["chatId"],
        "Bob"
    );
}

/// The user's read state of a room.
fn read_state(rooms: &Value, room: &str) -> Value {
    let rooms = rooms.as_array().expect("a list");
    let told = rooms
        .iter()
        .find(|it| it["room"] == room)
        .expect("they are in it");
    json!([told["n"], told["read"], told["unread"], told["mentions"]])
}

#[tokio::test]
async fn unread_counts_are_sent_to_each_new_device_and_after_each_read() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.welcome["you"]["token"]});
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 0}))
        .await;
    ann.until("ROOM").await;
    for (key, text) in [
        ("1", "one"),
        ("2", "@ann two"),
        ("3", "@room three"),
        ("4", "@bob four"),
    ] {
        bob.post(key, text).await;
        bob.until("RECEIVE_MESSAGE").await;
    }
    ann.post("5", "mine @here @ann").await;
    while ann.until("RECEIVE_MESSAGE").await["n"] != 5 {}

    // A new device gets the current counts, although another one got older counts.
    let mut phone = server.join(hello.clone()).await;
    assert_eq!(read_state(&phone.welcome["rooms"], "lobby"), json!([5, 0, 4, 2]));
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 2}))
        .await;
    for device in [&mut ann, &mut phone] {
        let room = device.until("ROOM").await;
        assert_eq!(read_state(&json!([room]), "lobby"), json!([5, 2, 2, 1]));
    }
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 5}))
        .await;
    assert_eq!(
        read_state(&json!([phone.until("ROOM").await]), "lobby"),
        json!([5, 5, null, null])
    );

    for key in 6..120 {
        bob.post(&key.to_string(), "@Ann").await;
    }
    while bob.until("RECEIVE_MESSAGE").await["n"] != 119 {}
    drop((ann, phone));
    let server = server.restarted().await;
    let ann = server.join(hello).await;
    assert_eq!(
        read_state(&ann.welcome["rooms"], "lobby"),
        json!([119, 5, 100, 100])
    );
    let bob = server.guest("bob").await;
    assert_eq!(
        read_state(&bob.welcome["rooms"], "lobby"),
        json!([119, null, null, null]),
        "never read"
    );
}

#[tokio::test]
async fn messages_count_as_unread_from_the_time_at_which_a_user_became_a_room_member() {
    let server = start_server().await;
    let bob = server.member("bob").await;
    let mut ann = server.guest("ann").await;
    let bobs = server.join_as(&bob).await.id().to_owned();

    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.post_in_and_wait(&den, "1", "before").await;
    let add_member = json!({"code": "ADD_MEMBER", "room": den, "chatId": bobs});
    ann.request(add_member).await.expect("he is brought in");
    ann.post_in_and_wait(&den, "2", "@room after").await;

    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": [bobs]})).await;
    let direct = ann.until("ROOM").await["room"]
        .as_str()
        .expect("an id")
        .to_owned();
    for key in ["3", "4", "5"] {
        ann.post_in_and_wait(&direct, key, "psst").await;
    }

    let phone = server.join_as(&bob).await;
    let rooms = &phone.welcome["rooms"];
    assert_eq!(read_state(rooms, &den), json!([2, 1, 1, 1]), "added");
    assert_eq!(
        read_state(rooms, &direct),
        json!([3, 0, 3, null]),
        "a new direct conversation"
    );
    assert_eq!(read_state(rooms, "lobby"), json!([0, null, null, null]));

    // Hidden, and shown again by a new message.
    let mut phone = phone;
    phone.send(json!({"code": "LEAVE_ROOM", "room": direct})).await;
    phone.until("LEFT_ROOM").await;
    ann.post_in_and_wait(&direct, "6", "are you there?").await;
    let back = phone.until("ROOM").await;
    assert_eq!(
        (&back["read"], &back["unread"]),
        (&json!(3), &Value::Null),
        "as before the message"
    );
    let laptop = server.join_as(&bob).await;
    assert_eq!(
        read_state(&laptop.welcome["rooms"], &direct),
        json!([4, 3, 1, null])
    );

    let tea = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": tea, "name": "tea"}))
        .await;
    ann.until("ROOM").await;
    ann.post_in_and_wait(&tea, "7", "before").await;
    phone.send(json!({"code": "JOIN_ROOM", "room": tea})).await;
    let joined = phone.until("ROOM").await;
    assert_eq!(
        read_state(&json!([joined]), &tea),
        json!([1, 1, null, null]),
        "joined"
    );
    ann.post_in_and_wait(&tea, "8", "after").await;
    let laptop = server.join_as(&bob).await;
    assert_eq!(read_state(&laptop.welcome["rooms"], &tea), json!([2, 1, 1, null]));
}

#[tokio::test]
async fn a_user_who_rejoins_a_room_has_the_unread_count_since_their_last_read() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den"}))
        .await;
    ann.until("ROOM").await;
    bob.send(json!({"code": "JOIN_ROOM", "room": den})).await;
    bob.until("ROOM").await;
    ann.post_in_and_wait(&den, "1", "hello").await;
    bob.send(json!({"code": "MARK_READ", "room": den, "n": 1})).await;
    bob.until("ROOM").await;
    bob.send(json!({"code": "LEAVE_ROOM", "room": den})).await;
    bob.until("LEFT_ROOM").await;
    ann.post_in_and_wait(&den, "2", "@room back?").await;
    bob.send(json!({"code": "JOIN_ROOM", "room": den})).await;
    assert_eq!(
        read_state(&json!([bob.until("ROOM").await]), &den),
        json!([2, 1, 1, 1])
    );
    // The same later, from the store.
    let hello = json!({"name": "bob", "chatId": "bob", "token": bob.welcome["you"]["token"]});
    let bob = server.join(hello).await;
    assert_eq!(read_state(&bob.welcome["rooms"], &den), json!([2, 1, 1, 1]));
}

#[tokio::test]
async fn a_notification_level_holds_on_all_devices_and_after_a_restart() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.welcome["you"]["token"]});
    let mut phone = server.join(hello.clone()).await;
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 0}))
        .await;
    phone
        .send(json!({"code": "SET_LEVEL", "room": "lobby", "level": "nothing"}))
        .await;
    for device in [&mut ann, &mut phone] {
        while device.until("ROOM").await["level"] != "nothing" {}
    }
    ann.send(json!({"code": "SET_LEVEL", "room": "lobby", "level": "loud"}))
        .await;
    assert_eq!(ann.until("ERROR").await["error"], "bad_frame");
    ann.send(json!({"code": "SET_LEVEL", "room": "attic", "level": "all"}))
        .await;
    assert_eq!(ann.until("ERROR").await["error"], "not_found");
    // Reading does not change it.
    ann.post("1", "words").await;
    ann.until("RECEIVE_MESSAGE").await;
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 1}))
        .await;
    let told = phone.until("ROOM").await;
    assert_eq!((&told["read"], &told["level"]), (&json!(1), &json!("nothing")));

    drop((ann, phone));
    let server = server.restarted().await;
    let mut ann = server.join(hello).await;
    assert_eq!(ann.welcome["rooms"][0]["level"], "nothing");
    ann.send(json!({"code": "SET_LEVEL", "room": "lobby", "level": "all"}))
        .await;
    assert_eq!(ann.until("ROOM").await["level"], Value::Null);
    let bob = server.guest("bob").await;
    assert_eq!(
        bob.welcome["rooms"][0]["level"],
        Value::Null,
        "her level does not apply to him"
    );
}
