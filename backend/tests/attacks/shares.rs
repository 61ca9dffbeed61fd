//! Resources that all users share: nobody may exhaust them, take them, or learn from them about others.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, FRIEND, Snug, attacker};

async fn open_room(client: &mut Client, name: &str, private: bool) -> Value {
    let room = Uuid::now_v7().to_string();
    client
        .send(json!({"code": "CREATE_ROOM", "room": room, "name": name, "private": private}))
        .await;
    client.until_one_of(&["ROOM", "ERROR"]).await
}

/// The id of a direct conversation of these users before ids were keyed.
fn computed(people: &mut [&str]) -> String {
    use sha2::{Digest, Sha256};
    people.sort_unstable();
    let hash = Sha256::digest(people.join("\n"));
    hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// All answers about a room, word for word, without the room's id.
async fn answers(snug: &Snug, room: &str) -> Vec<String> {
    // A new guest each time, so that rate limits do not change the answer.
    let mut eve = snug.join(attacker(1), json!({"name": "eve"})).await;
    eve.drain().await;
    let mut received = Vec::new();
    for frame in [
        json!({"code": "LEAVE_ROOM"}),
        json!({"code": "JOIN_ROOM"}),
        json!({"code": "RECEIVE_MESSAGE", "text": "hello"}),
        json!({"code": "DELETE_MESSAGE", "n": 1}),
        json!({"code": "ADD_MEMBER", "chatId": eve.id()}),
        json!({"code": "ADD_MEMBER", "chatId": "ann"}),
        json!({"code": "REMOVE_MEMBER", "chatId": "ann"}),
        json!({"code": "MARK_READ", "n": 1}),
        json!({"code": "SYNC_ROOM", "after": 0}),
        json!({"code": "SET_LEVEL", "level": "nothing"}),
        json!({"code": "EDIT_ROOM", "name": "mine"}),
        json!({"code": "EDIT_ROOM", "archived": true}),
        json!({"code": "TYPING", "typing": true}),
    ] {
        let mut frame = frame;
        frame["room"] = room.into();
        frame["key"] = "k".into();
        eve.send(frame).await;
        received.extend(eve.drain().await.iter().map(Value::to_string));
    }
    let bearer = eve.bearer();
    for path in [
        "messages?before=9",
        "messages?around=1",
        "messages?after=0",
        "members",
        "online?search=a",
    ] {
        let path = format!("/api/rooms/{room}/{path}");
        let answer = snug
            .ask(attacker(1), "GET", &path, Some(&bearer), Value::Null)
            .await;
        received.push(format!("{} {}", answer.status, answer.body));
    }
    let act = json!({"action": "set_slow_mode", "room": room, "seconds": 5});
    let answer = snug
        .ask(attacker(1), "POST", "/api/moderation", Some(&bearer), act)
        .await;
    received.push(format!("{} {}", answer.status, answer.body));
    received
        .into_iter()
        .map(|it| it.replace(room, "the room"))
        .collect()
}

/// A7: a stranger asked for the direct conversation of two users by its id, which was a hash of their ids.
#[tokio::test]
async fn a_stranger_cannot_distinguish_an_existing_room_from_a_missing_one() {
    let snug = Snug::start(&[]);
    let mut ann = snug.guest(FRIEND, "ann").await;
    let bob = snug.guest(FRIEND, "bob").await;
    ann.send(json!({"code": "OPEN_DIRECT", "chatIds": [bob.id()]}))
        .await;
    let direct = ann.until_one_of(&["ROOM"]).await["room"].clone();
    let direct = direct.as_str().expect("an id").to_owned();
    let private = open_room(&mut ann, "den", true).await["room"].clone();
    let private = private.as_str().expect("an id").to_owned();
    let guessed = computed(&mut [ann.id(), bob.id()]);
    assert_ne!(direct, guessed, "the id cannot be computed");

    let nowhere = Uuid::now_v7();
    let expected = answers(&snug, &nowhere.to_string()).await;
    for room in [direct, private, guessed, nowhere.simple().to_string()] {
        assert_eq!(answers(&snug, &room).await, expected, "{room}");
    }
}

/// B11: a room with a name that resembles the name of another room, or the lobby's.
#[tokio::test]
async fn no_two_open_rooms_have_names_that_look_the_same() {
    let snug = Snug::start(&[]);
    let mut ann = snug.guest(FRIEND, "ann").await;
    let admin = open_room(&mut ann, "admin", false).await;
    assert_eq!(admin["code"], "ROOM");
    let tea = open_room(&mut ann, "tea", false).await;
    let mut eve = snug.guest(attacker(1), "eve").await;
    for name in [
        "l\u{43e}bby",
        "\u{ff4c}\u{ff4f}\u{ff42}\u{ff42}\u{ff59}",
        "l0bby",
        "\u{430}dmin",
        "\u{ff54}\u{ff45}\u{ff41}",
        "te\u{430}",
    ] {
        assert_eq!(
            open_room(&mut eve, name, false).await["error"],
            "room_name_taken",
            "{name}"
        );
        // A rename does not allow it either.
        ann.send(json!({"code": "EDIT_ROOM", "room": tea["room"], "name": name}))
            .await;
        let answer = ann.until_one_of(&["ROOM", "ERROR"]).await;
        let its_own = name.contains('\u{ff54}') || name.starts_with("te");
        assert_eq!(answer["error"] == "room_name_taken", !its_own, "{name}: {answer}");
    }
}

/// A3, rooms: guests of one network opened rooms until the owner could open none.
#[tokio::test]
async fn guests_of_one_network_leave_rooms_for_others() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let mut opened = 0;
    for _ in 0..12 {
        let mut guest = snug.join(attacker(1), json!({"name": "eve"})).await;
        let mut mine = 0;
        for n in 0..8 {
            let name = format!("room-{}-{n}", Uuid::now_v7().simple());
            let answer = open_room(&mut guest, &name[..40.min(name.len())], false).await;
            match answer["error"].as_str() {
                None => mine += 1,
                Some(refused) => assert!(["too_many_rooms", "rate_limited"].contains(&refused), "{answer}"),
            }
        }
        assert!(mine <= 4, "one guest has {mine}");
        opened += mine;
    }
    assert!((1..=22).contains(&opened), "the network has {opened}");
    let mut friend = snug.guest(FRIEND, "friend").await;
    assert_eq!(open_room(&mut friend, "tea", false).await["code"], "ROOM");
    let mut olga = snug.join(FRIEND, json!({"name": "?", "token": owner})).await;
    assert_eq!(open_room(&mut olga, "rules", false).await["code"], "ROOM");
    // A member at the attackers' address has a separate rate.
    let member = snug.member(attacker(1), "Mia").await;
    let mut mia = snug
        .join(attacker(1), json!({"name": "?", "token": member}))
        .await;
    assert_eq!(open_room(&mut mia, "mia", false).await["code"], "ROOM");
}

/// A3, rooms: no request deleted a room.
#[tokio::test]
async fn an_owner_deletes_a_room_with_all_its_messages() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let mut eve = snug.guest(attacker(1), "eve").await;
    let room = open_room(&mut eve, "den", false).await["room"].clone();
    let room = room.as_str().expect("an id").to_owned();
    eve.post(&room, "1", "unforgettable").await;
    eve.until_one_of(&["RECEIVE_MESSAGE"]).await;
    let delete = async |by: &str, room: &str| {
        let act = json!({"action": "delete_room", "room": room});
        let answer = snug.ask(FRIEND, "POST", "/api/moderation", Some(by), act).await;
        (answer.status, answer.body["error"].clone())
    };
    let member = snug.member(FRIEND, "Mia").await;
    assert_eq!(delete(&eve.bearer(), &room).await, (403, json!("not_allowed")));
    assert_eq!(delete(&member, &room).await, (403, json!("not_allowed")));
    assert_eq!(delete(&owner, "lobby").await.1, json!("lobby_fixed"));
    let private = open_room(&mut eve, "attic", true).await["room"].clone();
    let private = private.as_str().expect("an id").to_owned();
    assert_eq!(
        delete(&owner, &private).await,
        (404, json!("not_found")),
        "she is no room member"
    );
    assert_eq!(delete(&owner, &room).await.0, 204);
    let left = eve.until_one_of(&["LEFT_ROOM"]).await;
    assert_eq!(
        (&left["room"], &left["removedByOther"]),
        (&json!(room), &json!(true))
    );
    assert_eq!(delete(&owner, &room).await.0, 404);
    eve.post(&room, "2", "hello?").await;
    assert_eq!(eve.until_one_of(&["ERROR"]).await["error"], "not_found");
    let record = snug
        .ask(FRIEND, "GET", "/api/audit-log", Some(&owner), Value::Null)
        .await;
    assert_eq!(
        (&record.body[0]["action"]["action"], &record.body[0]["target"]),
        (&json!("delete_room"), &json!("den"))
    );
    for file in std::fs::read_dir(snug.folder.path()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("readable");
        let found = bytes.windows(13).any(|it| it == b"unforgettable");
        assert!(!found, "{}", path.display());
    }
}

/// A3, rooms of a user: a guest added a member to so many rooms that the member could join no other room.
#[tokio::test]
async fn adding_a_member_to_rooms_does_not_use_their_room_limit() {
    let snug = Snug::start(&[]);
    let member = snug.member(FRIEND, "Mia").await;
    let mut mia = snug.join(FRIEND, json!({"name": "?", "token": member})).await;
    let bring = |room: &str, whom: &str| json!({"code": "ADD_MEMBER", "room": room, "chatId": whom});
    let mut brought = 0;
    let mut last = None;
    for n in 0..6u16 {
        let mut guest = snug.join(attacker(n), json!({"name": "eve"})).await;
        let mut reached = None;
        for k in 0..4 {
            let room = open_room(&mut guest, &format!("den-{n}-{k}"), true).await["room"].clone();
            let room = room.as_str().expect("an id").to_owned();
            match guest.request(bring(&room, mia.id())).await {
                Ok(_) => {
                    brought += 1;
                    reached = Some(room);
                }
                Err(error) => assert_eq!(error, "too_many_rooms"),
            }
        }
        last = reached.map(|room| (guest, room)).or(last);
    }
    assert_eq!(brought, 16, "the limit of rooms to which guests can add a member");
    mia.drain().await;
    assert_eq!(open_room(&mut mia, "mine", false).await["code"], "ROOM");
    // Guests cannot add a member again who has left.
    let (mut guest, room) = last.expect("one");
    mia.send(json!({"code": "LEAVE_ROOM", "room": room})).await;
    mia.until_one_of(&["LEFT_ROOM"]).await;
    let again = guest.request(bring(&room, mia.id())).await;
    assert_eq!(again, Err("not_allowed".to_owned()));
}

/// A3, push subscriptions: cookies from `POST /api/session` subscribed 10,000 browsers, and the owner was refused.
#[tokio::test]
async fn guests_who_have_not_joined_cannot_subscribe_and_members_always_can() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let subscription = |n: usize| {
        // A point of the curve (RFC 8291, appendix A).
        let key = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        let keys = json!({"p256dh": key, "auth": "BTBZMqHH6r4Tts7J_aSIgg"});
        json!({"endpoint": format!("https://push.example/{n}"), "keys": keys})
    };
    for n in 0..20 {
        let from = attacker(n);
        let session = snug.request(from, "POST", "/api/session", "", Value::Null).await;
        let cookie = session
            .head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: ")?.split(';').next())
            .expect("a cookie");
        let headers = format!("cookie: {cookie}\r\norigin: http://{}\r\n", snug.address);
        let answer = snug
            .request(from, "POST", "/api/push", &headers, subscription(n.into()))
            .await;
        assert_eq!(
            (answer.status, &answer.body["error"]),
            (401, &json!("hello_required"))
        );
    }
    // Guests who have joined can subscribe, within the rate of their network.
    let mut taken = 0;
    for n in 0..6 {
        let guest = snug.join(attacker(1), json!({"name": "eve"})).await;
        for k in 0..10 {
            let answer = snug
                .ask(
                    attacker(1),
                    "POST",
                    "/api/push",
                    Some(&guest.bearer()),
                    subscription(100 + 10 * n + k),
                )
                .await;
            taken += usize::from(answer.status == 204);
        }
    }
    assert!((10..=22).contains(&taken), "the network has {taken}");
    let answer = snug
        .ask(FRIEND, "POST", "/api/push", Some(&owner), subscription(1_000))
        .await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// A3, direct conversations: a guest began so many with a member that the member reached the limit, and could not leave them.
#[tokio::test]
async fn beginning_direct_conversations_does_not_use_the_others_limit() {
    let snug = Snug::start(&[]);
    let (mia, fritz) = (
        snug.member(FRIEND, "Mia").await,
        snug.member(FRIEND, "Fritz").await,
    );
    let mut mia = snug.join(FRIEND, json!({"name": "?", "token": mia})).await;
    let mut fritz = snug.join(FRIEND, json!({"name": "?", "token": fritz})).await;
    let mut begun = 0;
    for n in 0..6u16 {
        let mut guest = snug.join(attacker(n), json!({"name": "eve"})).await;
        let mut mine = 0;
        for with_fritz in [false, true] {
            let mut people = vec![mia.id()];
            people.extend(with_fritz.then(|| fritz.id()));
            guest
                .send(json!({"code": "OPEN_DIRECT", "chatIds": people}))
                .await;
            match guest.until_one_of(&["ROOM", "ERROR"]).await["error"].as_str() {
                None => mine += 1,
                Some(refused) => assert_eq!(refused, "too_many_rooms"),
            }
        }
        begun += mine;
    }
    assert_eq!(begun, 12);
    mia.drain().await;
    fritz.drain().await;
    mia.send(json!({"code": "OPEN_DIRECT", "chatIds": [fritz.id()]}))
        .await;
    let room = mia.until_one_of(&["ROOM", "ERROR"]).await["room"].clone();
    assert!(room.is_string(), "friends can message each other");
    fritz.until_one_of(&["ROOM"]).await;
}

/// A3, direct conversations: users could neither leave them nor block others.
#[tokio::test]
async fn a_user_can_hide_a_direct_conversation_and_block_another_user() {
    let snug = Snug::start(&[]);
    let mia = snug.member(FRIEND, "Mia").await;
    let (mut mia, token) = (snug.join(FRIEND, json!({"name": "?", "token": mia})).await, mia);
    let mut eve = snug.guest(attacker(1), "eve").await;
    eve.send(json!({"code": "OPEN_DIRECT", "chatIds": [mia.id()]}))
        .await;
    let room = eve.until_one_of(&["ROOM"]).await["room"].clone();
    let room = room.as_str().expect("an id").to_owned();
    let hide = async |mia: &mut Client| {
        mia.send(json!({"code": "LEAVE_ROOM", "room": room})).await;
        mia.until_one_of(&["LEFT_ROOM"]).await;
    };
    mia.until_one_of(&["ROOM"]).await;
    hide(&mut mia).await;
    // A new message shows it again.
    eve.post(&room, "1", "hello").await;
    assert_eq!(mia.until_one_of(&["ROOM"]).await["room"], room.as_str());
    assert_eq!(mia.until_one_of(&["RECEIVE_MESSAGE"]).await["text"], "hello");
    hide(&mut mia).await;
    // So does the user who has hidden it.
    mia.send(json!({"code": "OPEN_DIRECT", "chatIds": [eve.id()]}))
        .await;
    assert_eq!(mia.until_one_of(&["ROOM"]).await["room"], room.as_str());

    let eves = eve.id().to_owned();
    let block = |blocked: bool| json!({"code": "BLOCK", "chatId": eves, "blocked": blocked});
    mia.request(block(true)).await.expect("she is blocked");
    let known = snug
        .ask(FRIEND, "GET", "/api/blocks", Some(&token), Value::Null)
        .await;
    assert_eq!(known.body, json!([eves]));
    hide(&mut mia).await;
    eve.post(&room, "2", "hello?").await;
    assert_eq!(eve.until_one_of(&["ERROR"]).await["error"], "not_allowed");
    let den = open_room(&mut eve, "den", true).await["room"].clone();
    let bring = json!({"code": "ADD_MEMBER", "room": den, "chatId": mia.id()});
    assert_eq!(eve.request(bring).await, Err("not_allowed".to_owned()));
    let received = mia.drain().await;
    assert!(
        received
            .iter()
            .all(|it| it["code"] != "ROOM" && it["code"] != "RECEIVE_MESSAGE"),
        "{received:?}"
    );
    mia.request(block(false)).await.expect("she no longer is");
    eve.post(&room, "3", "again").await;
    assert_eq!(mia.until_one_of(&["RECEIVE_MESSAGE"]).await["text"], "again");
}
