//! Rooms that not everybody finds: private ones, and direct conversations.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, place, texts};

/// A private room of somebody's.
async fn den(client: &mut Client, name: &str) -> String {
    let room = Uuid::now_v7().to_string();
    client
        .send(json!({"code": "CREATE_ROOM", "room": room, "name": name, "private": true}))
        .await;
    let told = client.until_one_of(&["ROOM", "ERROR"]).await;
    assert_eq!((&told["kind"], &told["room"]), (&json!("private"), &json!(room)));
    room
}

async fn bring_in(by: &mut Client, room: &str, person: &str) -> Result<Value, String> {
    by.request(json!({"code": "ADD_MEMBER", "room": room, "chatId": person}))
        .await
}

async fn take_out(by: &mut Client, room: &str, person: &str) -> Result<Value, String> {
    by.request(json!({"code": "REMOVE_MEMBER", "room": room, "chatId": person}))
        .await
}

/// What proves a guest who has come in.
fn proof(client: &Client) -> String {
    let token = client.welcome["you"]["token"].as_str().expect("a token");
    format!("{}.{token}", client.id())
}

#[tokio::test]
async fn for_a_stranger_a_private_room_does_not_exist() {
    let place = place().await;
    let (mut ann, mut eve) = (place.person("ann").await, place.person("eve").await);
    let room = den(&mut ann, "den").await;
    ann.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": "1", "text": "psst"}))
        .await;
    ann.until("RECEIVE_MESSAGE").await;
    let nowhere = Uuid::now_v7().to_string();
    // Each refusal is word for word the one for a room that is not there.
    for frame in [
        json!({"code": "JOIN_ROOM"}),
        json!({"code": "RECEIVE_MESSAGE", "text": "hello"}),
        json!({"code": "MARK_READ", "n": 1}),
        json!({"code": "EDIT_ROOM", "name": "mine"}),
        json!({"code": "DELETE_MESSAGE", "n": 1}),
        json!({"code": "ADD_MEMBER", "chatId": "eve"}),
        json!({"code": "REMOVE_MEMBER", "chatId": "ann"}),
    ] {
        let mut answers = Vec::new();
        for room in [&room, &nowhere] {
            let mut frame = frame.clone();
            frame["room"] = room.as_str().into();
            frame["key"] = "k".into();
            eve.send(frame).await;
            let error = eve.until("ERROR").await;
            assert_eq!(error["error"], "not_found");
            answers.push(error);
        }
        assert_eq!(answers[0], answers[1], "{frame}");
    }
    for path in ["messages?before=9", "members"] {
        for room in [&room, &nowhere] {
            let path = format!("/api/rooms/{room}/{path}");
            let answer = place.ask("GET", &path, Some(&proof(&eve)), Value::Null).await;
            assert_eq!((answer.status, &answer.body["error"]), (404, &json!("not_found")));
        }
    }
    eve.send(json!({"code": "LEAVE_ROOM", "room": room})).await;
    eve.send(json!({"code": "SYNC_ROOM", "room": room, "after": 0}))
        .await;
    let received = eve.drain().await;
    assert!(texts(&received).iter().all(|it| *it != "psst"), "{received:?}");
    let search = place
        .ask("GET", "/api/rooms?search=den", Some(&proof(&eve)), Value::Null)
        .await;
    assert_eq!(search.body, json!([]));
    // Its name is not taken either: that would tell.
    eve.send(json!({"code": "CREATE_ROOM", "room": nowhere, "name": "den"}))
        .await;
    assert_eq!(eve.until("ROOM").await["name"], "den");
}

#[tokio::test]
async fn whoever_is_brought_in_reads_and_speaks_at_once_and_not_after_being_taken_out() {
    let place = place().await;
    let (mut ann, mut bob) = (place.person("ann").await, place.person("bob").await);
    let room = den(&mut ann, "den").await;
    let say = |key: &str| json!({"code": "RECEIVE_MESSAGE", "room": room, "key": key, "text": "here"});
    ann.send(say("1")).await;
    ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        bring_in(&mut ann, &room, "nobody").await,
        Err("not_found".to_owned())
    );
    bring_in(&mut ann, &room, "bob").await.expect("he is brought in");
    let told = bob.until("ROOM").await;
    assert_eq!((&told["kind"], &told["n"]), (&json!("private"), &json!(1)));
    bob.send(json!({"code": "SYNC_ROOM", "room": room, "after": 0}))
        .await;
    assert_eq!(
        bob.until_one_of(&["RECEIVE_MESSAGE", "PAGE"]).await["room"],
        room.as_str()
    );
    bob.send(say("2")).await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["chatId"], "bob");
    let members = place
        .ask(
            "GET",
            &format!("/api/rooms/{room}/members"),
            Some(&proof(&bob)),
            Value::Null,
        )
        .await;
    let names: Vec<_> = members
        .body
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["ann", "bob"]);

    // Who brought nobody in and did not open it takes nobody out.
    assert_eq!(
        take_out(&mut bob, &room, "ann").await,
        Err("not_allowed".to_owned())
    );
    take_out(&mut ann, &room, "bob").await.expect("he is taken out");
    let left = bob.until("LEFT_ROOM").await;
    assert_eq!(
        (&left["room"], &left["removedByOther"]),
        (&json!(room), &json!(true)),
        "not of their own accord"
    );
    ann.send(say("3")).await;
    ann.until("RECEIVE_MESSAGE").await;
    let received = bob.drain().await;
    assert!(texts(&received).is_empty(), "{received:?}");
}

#[tokio::test]
async fn a_conversation_is_the_same_one_whoever_begins_it_and_nobody_elses() {
    let place = place().await;
    let (mut ann, mut bob, mut eve) = (
        place.person("ann").await,
        place.person("bob").await,
        place.person("eve").await,
    );
    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": ["bob"]})).await;
    let told = ann.until("ROOM").await;
    assert_eq!(
        (&told["kind"], &told["createdBy"]),
        (&json!("direct"), &Value::Null)
    );
    assert_eq!(told["participants"][1]["name"], "bob");
    let room = told["room"].as_str().expect("an id").to_owned();
    assert_eq!(bob.until("ROOM").await["room"], room.as_str());
    let done = bob
        .request(json!({"code": "OPEN_DIRECT", "chatIds": ["ann", "bob", "ann"]}))
        .await;
    assert_eq!(done.expect("it is opened")["room"], room.as_str());
    ann.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": "1", "text": "psst"}))
        .await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["text"], "psst");
    assert!(texts(&eve.drain().await).is_empty());
    // Nobody comes in, goes out or makes it another one.
    let not_allowed = Err("not_allowed".to_owned());
    assert_eq!(bring_in(&mut ann, &room, "eve").await, not_allowed);
    assert_eq!(take_out(&mut ann, &room, "bob").await, not_allowed);
    ann.send(json!({"code": "EDIT_ROOM", "room": room, "name": "ours"}))
        .await;
    assert_eq!(ann.until("ERROR").await["error"], "not_allowed");
    for frame in [
        json!({"code": "JOIN_ROOM", "room": room}),
        json!({"code": "LEAVE_ROOM", "room": room}),
    ] {
        assert_ne!(
            eve.request(frame).await,
            not_allowed,
            "that would tell that it is there"
        );
    }
    for people in [json!([]), json!(["ann"]), json!(["nobody"])] {
        ann.send(json!({"code": "OPEN_DIRECT", "chatIds": people})).await;
        assert_eq!(ann.until("ERROR").await["error"], "not_found");
    }
    let crowd: Vec<_> = (0..8).map(|n| format!("p{n}")).collect();
    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": crowd})).await;
    assert_eq!(ann.until("ERROR").await["error"], "too_large");
    let place = place.restarted().await;
    let token = ann.welcome["you"]["token"].clone();
    let ann = place
        .enter(json!({"name": "ann", "chatId": "ann", "token": token}))
        .await;
    let rooms = ann.welcome["rooms"].as_array().expect("a list");
    let direct = rooms
        .iter()
        .find(|it| it["kind"] == "direct")
        .expect("it is kept");
    assert_eq!(
        (&direct["n"], &direct["participants"][1]["name"]),
        (&json!(1), &json!("bob"))
    );
}

#[tokio::test]
async fn a_room_is_changed_by_whoever_looks_after_it_and_all_are_told() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let (mut olga, mut ann, mut bob) = (
        place.enter_as(&owner).await,
        place.person("ann").await,
        place.person("bob").await,
    );
    let room = Uuid::now_v7().to_string();
    ann.send(json!({"code": "CREATE_ROOM", "room": room, "name": "tea"}))
        .await;
    ann.until("ROOM").await;
    for client in [&mut bob, &mut olga] {
        client.send(json!({"code": "JOIN_ROOM", "room": room})).await;
        assert_eq!(client.until("ROOM").await["createdBy"], "ann");
    }
    let edit = |change: Value| {
        let mut frame = json!({"code": "EDIT_ROOM", "room": room});
        for (field, value) in change.as_object().expect("fields") {
            frame[field] = value.clone();
        }
        frame
    };
    bob.send(edit(json!({"topic": "mine"}))).await;
    assert_eq!(bob.until("ERROR").await["error"], "not_allowed");
    ann.send(edit(json!({"name": "tea-time", "topic": "What we drink"})))
        .await;
    for client in [&mut ann, &mut bob] {
        let told = client.until("ROOM").await;
        assert_eq!(
            (&told["name"], &told["topic"]),
            (&json!("tea-time"), &json!("What we drink"))
        );
    }
    ann.send(edit(json!({"name": "lobby"}))).await;
    assert_eq!(ann.until("ERROR").await["error"], "room_name_taken");
    olga.until("ROOM").await;
    olga.send(edit(json!({"archived": true}))).await;
    assert_eq!(bob.until("ROOM").await["archived"], true);
    bob.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": "1", "text": "too late"}))
        .await;
    assert_eq!(bob.until("ERROR").await["error"], "archived");
    let mut cem = place.person("cem").await;
    cem.send(json!({"code": "JOIN_ROOM", "room": room})).await;
    assert_eq!(cem.until("ERROR").await["error"], "archived");
    let search = place
        .ask("GET", "/api/rooms?search=tea", Some(&proof(&cem)), Value::Null)
        .await;
    assert_eq!(search.body, json!([]));
    let place = place.restarted().await;
    let mut olga = place.enter_as(&owner).await;
    let rooms = olga.welcome["rooms"].as_array().expect("a list");
    let created_by: Vec<_> = rooms.iter().map(|it| (&it["name"], &it["createdBy"])).collect();
    assert!(
        created_by.contains(&(&json!("tea-time"), &json!("ann")))
            && created_by.contains(&(&json!("lobby"), &Value::Null)),
        "{created_by:?}"
    );
    olga.send(edit(json!({"archived": false}))).await;
    assert_eq!(olga.until("ROOM").await["archived"], Value::Null);
    olga.send(json!({"code": "EDIT_ROOM", "room": "lobby", "archived": true}))
        .await;
    assert_eq!(olga.until("ERROR").await["error"], "lobby_fixed");
    olga.send(json!({"code": "EDIT_ROOM", "room": "lobby", "topic": "Welcome"}))
        .await;
    assert_eq!(olga.until("ROOM").await["topic"], "Welcome");
}
