//! Private rooms and direct conversations.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, start_server, texts};

/// Opens a private room.
async fn den(client: &mut Client, name: &str) -> String {
    let room = Uuid::now_v7().to_string();
    client
        .send(json!({"code": "CREATE_ROOM", "room": room, "name": name, "private": true}))
        .await;
    let told = client.until_one_of(&["ROOM", "ERROR"]).await;
    assert_eq!((&told["kind"], &told["room"]), (&json!("private"), &json!(room)));
    room
}

async fn add_member(by: &mut Client, room: &str, person: &str) -> Result<Value, String> {
    by.request(json!({"code": "ADD_MEMBER", "room": room, "chatId": person}))
        .await
}

async fn remove_member(by: &mut Client, room: &str, person: &str) -> Result<Value, String> {
    by.request(json!({"code": "REMOVE_MEMBER", "room": room, "chatId": person}))
        .await
}

/// The credential of a guest who has joined.
fn proof(client: &Client) -> String {
    let token = client.welcome["you"]["token"].as_str().expect("a token");
    format!("{}.{token}", client.id())
}

#[tokio::test]
async fn for_a_stranger_a_private_room_does_not_exist() {
    let server = start_server().await;
    let (mut ann, mut eve) = (server.guest("ann").await, server.guest("eve").await);
    let room = den(&mut ann, "den").await;
    ann.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": "1", "text": "psst"}))
        .await;
    ann.until("RECEIVE_MESSAGE").await;
    let nowhere = Uuid::now_v7().to_string();
    // Each refusal is word for word the one for a missing room.
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
            let answer = server.ask("GET", &path, Some(&proof(&eve)), Value::Null).await;
            assert_eq!((answer.status, &answer.body["error"]), (404, &json!("not_found")));
        }
    }
    eve.send(json!({"code": "LEAVE_ROOM", "room": room})).await;
    eve.send(json!({"code": "SYNC_ROOM", "room": room, "after": 0}))
        .await;
    let received = eve.drain().await;
    assert!(texts(&received).iter().all(|it| *it != "psst"), "{received:?}");
    let search = server
        .ask("GET", "/api/rooms?search=den", Some(&proof(&eve)), Value::Null)
        .await;
    assert_eq!(search.body, json!([]));
    // Its name is not taken either: that would reveal it.
    eve.send(json!({"code": "CREATE_ROOM", "room": nowhere, "name": "den"}))
        .await;
    assert_eq!(eve.until("ROOM").await["name"], "den");
}

#[tokio::test]
async fn an_added_member_can_read_and_post_at_once_but_not_after_being_removed() {
    let server = start_server().await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    let room = den(&mut ann, "den").await;
    let say = |key: &str| json!({"code": "RECEIVE_MESSAGE", "room": room, "key": key, "text": "here"});
    ann.send(say("1")).await;
    ann.until("RECEIVE_MESSAGE").await;
    assert_eq!(
        add_member(&mut ann, &room, "nobody").await,
        Err("not_found".to_owned())
    );
    add_member(&mut ann, &room, "bob")
        .await
        .expect("he is brought in");
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
    let members = server
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

    // A member who neither opened the room nor added the other cannot remove them.
    assert_eq!(
        remove_member(&mut bob, &room, "ann").await,
        Err("not_allowed".to_owned())
    );
    remove_member(&mut ann, &room, "bob")
        .await
        .expect("he is taken out");
    let left = bob.until("LEFT_ROOM").await;
    assert_eq!(
        (&left["room"], &left["removedByOther"]),
        (&json!(room), &json!(true)),
        "removed by another user"
    );
    ann.send(say("3")).await;
    ann.until("RECEIVE_MESSAGE").await;
    let received = bob.drain().await;
    assert!(texts(&received).is_empty(), "{received:?}");
}

#[tokio::test]
async fn a_direct_conversation_is_the_same_one_for_both_users_and_closed_to_others() {
    let server = start_server().await;
    let (mut ann, mut bob, mut eve) = (
        server.guest("ann").await,
        server.guest("bob").await,
        server.guest("eve").await,
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
    // Nobody can join it, be removed from it or edit it.
    let not_allowed = Err("not_allowed".to_owned());
    assert_eq!(add_member(&mut ann, &room, "eve").await, not_allowed);
    assert_eq!(remove_member(&mut ann, &room, "bob").await, not_allowed);
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
            "that would reveal that the room exists"
        );
    }
    for people in [json!([]), json!(["ann"]), json!(["nobody"])] {
        ann.send(json!({"code": "OPEN_DIRECT", "chatIds": people})).await;
        assert_eq!(ann.until("ERROR").await["error"], "not_found");
    }
    let crowd: Vec<_> = (0..8).map(|n| format!("p{n}")).collect();
    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": crowd})).await;
    assert_eq!(ann.until("ERROR").await["error"], "too_large");
    let server = server.restarted().await;
    let token = ann.welcome["you"]["token"].clone();
    let ann = server
        .join(json!({"name": "ann", "chatId": "ann", "token": token}))
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
async fn a_room_manager_can_edit_a_room_and_all_members_are_notified() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let (mut olga, mut ann, mut bob) = (
        server.join_as(&owner).await,
        server.guest("ann").await,
        server.guest("bob").await,
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
    let mut cem = server.guest("cem").await;
    cem.send(json!({"code": "JOIN_ROOM", "room": room})).await;
    assert_eq!(cem.until("ERROR").await["error"], "archived");
    let search = server
        .ask("GET", "/api/rooms?search=tea", Some(&proof(&cem)), Value::Null)
        .await;
    assert_eq!(search.body, json!([]));
    let server = server.restarted().await;
    let mut olga = server.join_as(&owner).await;
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
