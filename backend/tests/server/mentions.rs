//! Mentions: who is meant, what waits for whom, and what one wants to hear of.

use serde_json::{Value, json};

use crate::support::place;

#[tokio::test]
async fn whoever_is_online_in_the_room_is_meant_by_their_name() {
    let place = place().await;
    let (mut ann, bob) = (place.person("ann").await, place.person("Bob").await);
    ann.say("1", "@bob @cem @ann x@bob.org").await;
    let received = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        received["mentions"],
        json!({"people": [{"chatId": "Bob", "name": "Bob"}, {"chatId": "ann", "name": "ann"}]})
    );
    ann.say("2", "@here! 大家好@Room").await;
    let received = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(received["mentions"], json!({"here": true, "room": true}));
    ann.say("3", "nobody").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // Said again when nobody of that name is here, it is the message that it was.
    drop(bob);
    ann.until("CLOSE_CONNECTION").await;
    ann.say("1", "@bob @cem @ann x@bob.org").await;
    let again = ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        (&again["n"], &again["mentions"]["people"][0]["name"]),
        (&json!(1), &json!("Bob"))
    );
    ann.say("4", "@bob").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["mentions"], Value::Null);

    // And it is kept.
    let place = place.restarted().await;
    let mut cem = place.enter(json!({"name": "cem", "cursors": {"lobby": 0}})).await;
    assert_eq!(
        cem.until("RECEIVE_MESSAGE").await["mentions"]["people"][0]["chatId"],
        "Bob"
    );
}

/// What somebody is told of a room that they are in.
fn told(rooms: &Value, room: &str) -> Value {
    let rooms = rooms.as_array().expect("a list");
    let told = rooms
        .iter()
        .find(|it| it["room"] == room)
        .expect("they are in it");
    json!([told["n"], told["read"], told["unread"], told["mentions"]])
}

#[tokio::test]
async fn what_waits_is_counted_for_each_device_that_comes_and_when_one_reads() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
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
        bob.say(key, text).await;
        bob.until("RECEIVE_MESSAGE").await;
    }
    ann.say("5", "mine @here @ann").await;
    while ann.until("RECEIVE_MESSAGE").await["n"] != 5 {}

    // A device that comes is told as of now, though the first was told long ago.
    let mut phone = place.enter(hello.clone()).await;
    assert_eq!(told(&phone.welcome["rooms"], "lobby"), json!([5, 0, 4, 2]));
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 2}))
        .await;
    for device in [&mut ann, &mut phone] {
        let room = device.until("ROOM").await;
        assert_eq!(told(&json!([room]), "lobby"), json!([5, 2, 2, 1]));
    }
    phone
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 5}))
        .await;
    assert_eq!(
        told(&json!([phone.until("ROOM").await]), "lobby"),
        json!([5, 5, null, null])
    );

    for key in 6..120 {
        bob.say(&key.to_string(), "@Ann").await;
    }
    while bob.until("RECEIVE_MESSAGE").await["n"] != 119 {}
    drop((ann, phone));
    let place = place.restarted().await;
    let ann = place.enter(hello).await;
    assert_eq!(told(&ann.welcome["rooms"], "lobby"), json!([119, 5, 100, 100]));
    let bob = place.person("bob").await;
    assert_eq!(
        told(&bob.welcome["rooms"], "lobby"),
        json!([119, null, null, null]),
        "never read"
    );
}

#[tokio::test]
async fn what_was_said_since_somebody_came_into_a_room_waits_before_they_have_read_anything() {
    let place = place().await;
    let bob = place.member("bob").await;
    let mut ann = place.person("ann").await;
    let bobs = place.enter_as(&bob).await.id().to_owned();

    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den", "private": true}))
        .await;
    ann.until("ROOM").await;
    ann.said_in(&den, "1", "before").await;
    let bring_in = json!({"code": "ADD_MEMBER", "room": den, "chatId": bobs});
    ann.request(bring_in).await.expect("he is brought in");
    ann.said_in(&den, "2", "@room after").await;

    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": [bobs]})).await;
    let direct = ann.until("ROOM").await["room"]
        .as_str()
        .expect("an id")
        .to_owned();
    for key in ["3", "4", "5"] {
        ann.said_in(&direct, key, "psst").await;
    }

    let phone = place.enter_as(&bob).await;
    let rooms = &phone.welcome["rooms"];
    assert_eq!(told(rooms, &den), json!([2, 1, 1, 1]), "brought in");
    assert_eq!(
        told(rooms, &direct),
        json!([3, 0, 3, null]),
        "a first conversation"
    );
    assert_eq!(told(rooms, "lobby"), json!([0, null, null, null]));

    // Hidden, and begun again by what is said.
    let mut phone = phone;
    phone.send(json!({"code": "LEAVE_ROOM", "room": direct})).await;
    phone.until("LEFT_ROOM").await;
    ann.said_in(&direct, "6", "are you there?").await;
    let back = phone.until("ROOM").await;
    assert_eq!(
        (&back["read"], &back["unread"]),
        (&json!(3), &Value::Null),
        "as of before it"
    );
    let laptop = place.enter_as(&bob).await;
    assert_eq!(told(&laptop.welcome["rooms"], &direct), json!([4, 3, 1, null]));

    let tea = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": tea, "name": "tea"}))
        .await;
    ann.until("ROOM").await;
    ann.said_in(&tea, "7", "before").await;
    phone.send(json!({"code": "JOIN_ROOM", "room": tea})).await;
    let joined = phone.until("ROOM").await;
    assert_eq!(told(&json!([joined]), &tea), json!([1, 1, null, null]), "joined");
    ann.said_in(&tea, "8", "after").await;
    let laptop = place.enter_as(&bob).await;
    assert_eq!(told(&laptop.welcome["rooms"], &tea), json!([2, 1, 1, null]));
}

#[tokio::test]
async fn whoever_comes_back_to_a_room_finds_what_waits_there() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let den = uuid::Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": den, "name": "den"}))
        .await;
    ann.until("ROOM").await;
    bob.send(json!({"code": "JOIN_ROOM", "room": den})).await;
    bob.until("ROOM").await;
    ann.said_in(&den, "1", "hello").await;
    bob.send(json!({"code": "MARK_READ", "room": den, "n": 1})).await;
    bob.until("ROOM").await;
    bob.send(json!({"code": "LEAVE_ROOM", "room": den})).await;
    bob.until("LEFT_ROOM").await;
    ann.said_in(&den, "2", "@room back?").await;
    bob.send(json!({"code": "JOIN_ROOM", "room": den})).await;
    assert_eq!(told(&json!([bob.until("ROOM").await]), &den), json!([2, 1, 1, 1]));
    // And tomorrow, when it is asked of the store.
    let hello = json!({"name": "bob", "chatId": "bob", "token": bob.welcome["you"]["token"]});
    let bob = place.enter(hello).await;
    assert_eq!(told(&bob.welcome["rooms"], &den), json!([2, 1, 1, 1]));
}

#[tokio::test]
async fn what_one_wants_to_hear_of_a_room_holds_on_all_devices_and_tomorrow() {
    let place = place().await;
    let mut ann = place.person("ann").await;
    let hello = json!({"name": "ann", "chatId": "ann", "token": ann.welcome["you"]["token"]});
    let mut phone = place.enter(hello.clone()).await;
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
    // Reading leaves it as it is.
    ann.say("1", "words").await;
    ann.until("RECEIVE_MESSAGE").await;
    ann.send(json!({"code": "MARK_READ", "room": "lobby", "n": 1}))
        .await;
    let told = phone.until("ROOM").await;
    assert_eq!((&told["read"], &told["level"]), (&json!(1), &json!("nothing")));

    drop((ann, phone));
    let place = place.restarted().await;
    let mut ann = place.enter(hello).await;
    assert_eq!(ann.welcome["rooms"][0]["level"], "nothing");
    ann.send(json!({"code": "SET_LEVEL", "room": "lobby", "level": "all"}))
        .await;
    assert_eq!(ann.until("ROOM").await["level"], Value::Null);
    let bob = place.person("bob").await;
    assert_eq!(bob.welcome["rooms"][0]["level"], Value::Null, "hers is not his");
}
