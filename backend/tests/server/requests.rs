//! Requests: each one with a key is answered once, with the key and after its effect.

use std::num::NonZeroU32;

use futures_util::SinkExt;
use serde_json::{Value, json};
use snug::config::Rate;
use snug_shared::{limits::ID_BYTES, wire::ClientFrame};
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

use crate::support::{Client, TestServer, start_server, start_server_with};

const DEN: &str = "0190a1b2-2222-7000-8000-000000000001";
const TEA: &str = "0190a1b2-2222-7000-8000-000000000002";

/// The requests of a code that takes a key.
struct Case {
    /// A request that succeeds.
    fine: Value,
    /// Fields that make the request fail, and the code of the refusal.
    refused: Vec<(Value, &'static str)>,
}

fn case(fine: Value, refused: &[(Value, &'static str)]) -> Case {
    Case {
        fine,
        refused: refused.to_vec(),
    }
}

/// A case for each code that takes a key, in an order in which each can succeed.
fn cases() -> Vec<Case> {
    let attic = (json!({"room": "attic"}), "not_found");
    let nobody = (json!({"chatId": "nobody"}), "not_found");
    let lobby = (json!({"room": "lobby"}), "lobby_fixed");
    let no_id = (json!({"room": "a b"}), "bad_id");
    vec![
        case(
            json!({"code": "RECEIVE_MESSAGE", "room": "lobby", "text": "hello"}),
            &[attic.clone(), no_id.clone(), (json!({"text": " "}), "text_empty")],
        ),
        case(
            json!({"code": "CREATE_ROOM", "room": DEN, "name": "den", "private": true}),
            &[
                (json!({"name": "a/b"}), "bad_room_name"),
                (json!({"room": "lobby"}), "bad_id"),
            ],
        ),
        case(
            json!({"code": "OPEN_DIRECT", "chatIds": ["bob"]}),
            &[
                (json!({"chatIds": ["nobody"]}), "not_found"),
                (json!({"chatIds": ["a b"]}), "bad_id"),
            ],
        ),
        case(
            json!({"code": "EDIT_ROOM", "room": DEN, "topic": "tea"}),
            &[
                attic.clone(),
                no_id.clone(),
                (json!({"topic": "x".repeat(201)}), "bad_topic"),
            ],
        ),
        case(
            json!({"code": "JOIN_ROOM", "room": TEA}),
            &[attic.clone(), no_id.clone()],
        ),
        case(
            json!({"code": "ADD_MEMBER", "room": DEN, "chatId": "bob"}),
            &[attic.clone(), nobody.clone()],
        ),
        case(
            json!({"code": "REMOVE_MEMBER", "room": DEN, "chatId": "bob"}),
            &[
                attic.clone(),
                lobby.clone(),
                (json!({"room": TEA}), "not_allowed"),
            ],
        ),
        case(
            json!({"code": "LEAVE_ROOM", "room": TEA}),
            &[lobby, no_id.clone()],
        ),
        case(
            json!({"code": "MARK_READ", "room": "lobby", "n": 1}),
            &[attic.clone(), no_id.clone()],
        ),
        case(
            json!({"code": "SET_LEVEL", "room": "lobby", "level": "nothing"}),
            &[attic.clone(), no_id.clone()],
        ),
        case(
            json!({"code": "BLOCK", "chatId": "cem", "blocked": true}),
            &[nobody, (json!({"chatId": "a b"}), "bad_id")],
        ),
        case(
            json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": 1}),
            &[attic, no_id, (json!({"n": 99}), "not_found")],
        ),
        case(
            json!({"code": "SET_STATUS", "status": "tea"}),
            &[(json!({"status": "x".repeat(1_000)}), "bad_status")],
        ),
        case(
            json!({"code": "SET_SETTINGS", "settings": {"theme": "dark"}}),
            &[(json!({"settings": {"theme": "sepia"}}), "bad_frame")],
        ),
    ]
}

/// A frame for each code that takes no key.
fn without_key() -> [Value; 6] {
    [
        json!({"code": "SAVE_USER_INFO", "name": "ann"}),
        json!({"code": "SYNC_ROOM", "room": "lobby", "after": 0}),
        json!({"code": "TYPING", "room": "lobby", "typing": true}),
        json!({"code": "AWAY", "away": true}),
        json!({"code": "PING"}),
        json!({"code": "CLOSE_CONNECTION"}),
    ]
}

/// A frame with other values for some fields.
fn with(frame: &Value, fields: &Value) -> Value {
    let mut frame = frame.clone();
    for (field, value) in fields.as_object().expect("fields") {
        frame[field] = value.clone();
    }
    frame
}

/// A frame in which no field has the right type.
fn malformed(frame: &Value) -> Value {
    let mut frame = frame.clone();
    for (field, value) in frame.as_object_mut().expect("fields") {
        if field != "code" {
            *value = json!([7]);
        }
    }
    frame
}

fn new_key() -> String {
    Uuid::now_v7().to_string()
}

/// Sends a request and returns its only answer.
async fn answer(client: &mut Client, request: &Value, key: &str) -> Value {
    client.send(with(request, &json!({"key": key}))).await;
    let answer = loop {
        let frame = client.next().await.expect("the connection stays");
        if frame["key"] == key {
            break frame;
        }
    };
    // Requests are answered in order: a second answer would come before this one's.
    let after = new_key();
    client
        .send(json!({"code": "MARK_READ", "room": "lobby", "n": 0, "key": after}))
        .await;
    loop {
        let frame = client.next().await.expect("the connection stays");
        assert_ne!(frame["key"], key, "{request} is answered again: {frame}");
        if frame["key"] == after.as_str() {
            return answer;
        }
    }
}

/// Sends a request, and checks that it succeeds.
async fn expect_success(client: &mut Client, request: &Value, key: &str) {
    let answer = answer(client, request, key).await;
    let expected = match request["code"].as_str() {
        Some("RECEIVE_MESSAGE") => "RECEIVE_MESSAGE",
        _ => "DONE",
    };
    assert_eq!(answer["code"], expected, "{request}: {answer}");
    if ["CREATE_ROOM", "JOIN_ROOM", "OPEN_DIRECT"].contains(&request["code"].as_str().expect("a code")) {
        assert!(answer["room"].is_string(), "{request}: {answer}");
    }
}

/// Sends a request, and checks that it is refused.
async fn expect_refusal(client: &mut Client, request: &Value, key: &str, code: &str) {
    let answer = answer(client, request, key).await;
    assert_eq!(
        (&answer["code"], &answer["error"]),
        (&json!("ERROR"), &json!(code)),
        "{request}: {answer}"
    );
}

/// The sender of the requests and the users they are about; one of these has opened a room to join.
async fn users(server: &TestServer) -> [Client; 3] {
    let [ann, mut bob, cem] = [
        server.join_as(&server.member("Ann").await).await,
        server.guest("bob").await,
        server.guest("cem").await,
    ];
    let open = json!({"code": "CREATE_ROOM", "room": TEA, "name": "tea"});
    bob.request(open).await.expect("a room to join");
    [ann, bob, cem]
}

#[test]
fn every_code_that_takes_a_key_has_a_case() {
    let cases = cases().into_iter().map(|it| it.fine);
    let mut codes = Vec::new();
    for (takes_key, frame) in cases
        .map(|it| (true, it))
        .chain(without_key().map(|it| (false, it)))
    {
        let keyed = with(&frame, &json!({"key": "k"}));
        let decoded: ClientFrame = serde_json::from_value(keyed).expect("a frame");
        assert_eq!(decoded.key().is_some(), takes_key, "{frame}");
        codes.push(frame["code"].as_str().expect("a code").to_owned());
    }
    codes.sort_unstable();
    let mut all = ClientFrame::CODES.to_vec();
    all.sort_unstable();
    assert_eq!(codes, all);
}

#[tokio::test]
async fn each_request_is_answered_once_with_its_key() {
    let server = start_server().await;
    let [mut ann, _bob, _cem] = users(&server).await;
    for Case { fine, refused } in cases() {
        let key = new_key();
        expect_success(&mut ann, &fine, &key).await;
        for key in [key, new_key()] {
            expect_success(&mut ann, &fine, &key).await;
        }
        for (fields, code) in refused {
            expect_refusal(&mut ann, &with(&fine, &fields), &new_key(), code).await;
        }
        expect_refusal(&mut ann, &malformed(&fine), &new_key(), "bad_frame").await;
    }
}

#[tokio::test]
async fn a_malformed_key_is_refused() {
    let server = start_server().await;
    let [mut ann, _bob, _cem] = users(&server).await;
    for Case { fine, .. } in cases() {
        for key in ["", "a b", &"k".repeat(ID_BYTES + 1)] {
            expect_refusal(&mut ann, &fine, key, "bad_id").await;
        }
        expect_success(
            &mut ann,
            &fine,
            &format!("{:k<ID_BYTES$}", fine["code"].as_str().expect("a code")),
        )
        .await;
    }
}

#[tokio::test]
async fn a_request_above_a_rate_is_refused_with_its_key() {
    let slow = Rate {
        per_second: NonZeroU32::MIN,
        burst: NonZeroU32::MIN,
    };
    for frames in [true, false] {
        let server = start_server_with(|config| {
            if frames {
                config.frames = slow;
            } else {
                config.messages = slow;
            }
        })
        .await;
        let mut ann = server.guest("ann").await;
        for Case { fine, .. } in cases() {
            // The request that a second adds to the allowance may be among them.
            let mut refused = Value::Null;
            for _ in 0..5 {
                refused = answer(&mut ann, &fine, &new_key()).await;
                if refused["error"] == "rate_limited" {
                    break;
                }
            }
            assert_eq!(refused["error"], "rate_limited", "{fine}");
            assert!(refused["retryAfter"].as_u64() > Some(0), "{fine}: {refused}");
        }
    }
}

#[tokio::test]
async fn a_request_without_a_key_is_answered_only_by_its_effect_or_its_refusal() {
    let server = start_server().await;
    let [mut ann, _bob, _cem] = users(&server).await;
    ann.send(json!({"code": "JOIN_ROOM", "room": "attic"})).await;
    let error = ann.until("ERROR").await;
    assert_eq!(
        (&error["error"], &error["key"], &error["room"]),
        (&json!("not_found"), &Value::Null, &Value::Null)
    );
    let join = json!({"code": "JOIN_ROOM", "room": TEA});
    ann.send(join.clone()).await;
    assert_eq!(ann.until("ROOM").await["room"], TEA);
    ann.send(join).await;
    ann.send(json!({"code": "LEAVE_ROOM", "room": DEN})).await;
    let (before, _) = frames_and_answer(&mut ann, json!({"code": "SET_STATUS"})).await;
    let answers = ["ROOM", "LEFT_ROOM", "DONE", "ERROR"].map(Value::from);
    assert!(
        before.iter().all(|it| !answers.contains(&it["code"])),
        "nothing has changed: {before:?}"
    );
}

/// Sends a request. Returns the frames before the answer, and the answer.
async fn frames_and_answer(client: &mut Client, request: Value) -> (Vec<Value>, Value) {
    let key = new_key();
    client.send(with(&request, &json!({"key": key}))).await;
    let mut before = Vec::new();
    loop {
        let frame = client.next().await.expect("the connection stays");
        if frame["key"] == key.as_str() {
            assert_eq!(frame["code"], "DONE", "{request}");
            return (before, frame);
        }
        before.push(frame);
    }
}

#[tokio::test]
async fn a_request_is_answered_after_its_effect() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let (mut olga, mut phone) = (server.join_as(&owner).await, server.join_as(&owner).await);
    let shows = |before: &[Value], effect: &str, request: &Value, room: &Value| {
        let effects = before
            .iter()
            .filter(|it| it["code"] == effect && it["room"] == *room);
        assert_eq!(effects.count(), 1, "{request}: {before:?}");
    };
    for round in 0..8 {
        let room = json!(new_key());
        for (mut request, effect) in [
            (
                json!({"code": "CREATE_ROOM", "name": format!("room-{round}")}),
                "ROOM",
            ),
            (json!({"code": "LEAVE_ROOM"}), "LEFT_ROOM"),
            (json!({"code": "JOIN_ROOM"}), "ROOM"),
            (json!({"code": "SET_LEVEL", "level": "nothing"}), "ROOM"),
            (json!({"code": "EDIT_ROOM", "topic": "tea"}), "ROOM"),
        ] {
            request["room"] = room.clone();
            let (before, done) = frames_and_answer(&mut olga, request.clone()).await;
            shows(&before, effect, &request, &room);
            let opens = ["CREATE_ROOM", "JOIN_ROOM"].map(Value::from);
            let opened = if opens.contains(&request["code"]) {
                &room
            } else {
                &Value::Null
            };
            assert_eq!(done["room"], *opened, "{request}");
        }

        let theme = if round % 2 == 0 { "dark" } else { "light" };
        let set = json!({"code": "SET_SETTINGS", "settings": {"theme": theme}});
        let (before, _) = frames_and_answer(&mut olga, set.clone()).await;
        shows(&before, "SETTINGS", &set, &Value::Null);

        let name = format!("guest-{round}");
        let _guest = server.guest(&name).await;
        let begin = json!({"code": "OPEN_DIRECT", "chatIds": [name]});
        let (before, done) = frames_and_answer(&mut olga, begin.clone()).await;
        shows(&before, "ROOM", &begin, &done["room"]);
        assert!(done["room"].is_string());

        olga.post_in_and_wait("lobby", &format!("{round}"), "hello").await;
        for (code, effect) in [("MARK_READ", "ROOM"), ("DELETE_MESSAGE", "DELETED")] {
            let request = json!({"code": code, "room": "lobby", "n": 2 * round + 1});
            let (before, done) = frames_and_answer(&mut olga, request.clone()).await;
            shows(&before, effect, &request, &json!("lobby"));
            assert_eq!(done["room"], Value::Null, "{request}");
        }
    }
    let received = phone.drain().await;
    assert!(
        received.iter().all(|it| it["code"] != "DONE"),
        "an answer is for the connection that asked"
    );
}

#[tokio::test]
async fn a_message_is_acknowledged_even_if_its_author_leaves_at_once() {
    let server = start_server().await;
    let [mut ann, _bob, _cem] = users(&server).await;
    for _ in 0..20 {
        let join = json!({"code": "JOIN_ROOM", "room": TEA});
        ann.request(join).await.expect("she is in it");
        let [said, left] = [new_key(), new_key()];
        for frame in [
            json!({"code": "RECEIVE_MESSAGE", "room": TEA, "key": said, "text": "bye"}),
            json!({"code": "LEAVE_ROOM", "room": TEA, "key": left}),
        ] {
            let frame = Message::text(frame.to_string());
            ann.socket.feed(frame).await.expect("it is open");
        }
        ann.socket.flush().await.expect("it is open");
        let mut answers = 0;
        loop {
            let frame = ann.next().await.expect("the connection stays");
            answers += usize::from(frame["key"] == said.as_str());
            if frame["key"] == left.as_str() {
                break;
            }
        }
        assert_eq!(answers, 1, "it was posted");
    }
}
