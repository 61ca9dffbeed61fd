//! Attacks on the store: numbers out of its range, deletions that delay others, files that other users can read.

use serde_json::{Value, json};
use tokio::time::timeout;
use uuid::Uuid;

use crate::support::{Client, FRIEND, Snug, TIMEOUT, attacker, contains};

/// A4: only the request that the database cannot store is refused, not the other messages of the same transaction.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_out_of_the_stores_range_refuses_only_its_own_request() {
    const TALKERS: usize = 5;
    const MESSAGES: usize = 20;
    let snug = Snug::start(&[]);
    let eve = snug.guest(attacker(1), "eve").await;
    let mut talkers: Vec<Client> = Vec::new();
    for talker in 0..TALKERS {
        talkers.push(snug.guest(FRIEND, &format!("talker-{talker}")).await);
    }
    let poison = json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": u64::MAX});
    let eves = json!({"name": "eve", "chatId": "eve", "token": eve.welcome["you"]["token"]});
    let attack = futures_util::future::join_all((0..8).map(|number| {
        let (snug, eves, poison) = (&snug, &eves, &poison);
        async move {
            let mut eve = snug.join(attacker(number), eves.clone()).await;
            let mut answers = Vec::new();
            for _ in 0..20 {
                answers.push(eve.request(poison.clone()).await);
            }
            answers
        }
    }));
    let talk = futures_util::future::join_all(talkers.iter_mut().map(|talker| async {
        let mut refused = Vec::new();
        for n in 0..MESSAGES {
            let key = format!("{}-{n}", talker.id());
            talker.post("lobby", &key, "hello").await;
            loop {
                let frame = talker.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await;
                if frame["code"] == "ERROR" {
                    refused.push(frame["error"].clone());
                    break;
                }
                if frame["key"] == key.as_str() {
                    break;
                }
            }
        }
        refused
    }));
    let (answers, refused) = tokio::join!(attack, talk);
    assert_eq!(refused.concat(), Vec::<Value>::new());
    let bad_frame = Err("bad_frame".to_owned());
    assert!(answers.concat().iter().all(|it| *it == bad_frame), "{answers:?}");
}

/// A4: the same for each number that a client can send, at both ends of its range in the protocol.
#[tokio::test]
async fn no_number_of_a_client_is_out_of_the_stores_range() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let mut olga = snug.join(FRIEND, json!({"name": "?", "token": owner})).await;
    let mut ann = snug.guest(FRIEND, "ann").await;
    ann.post("lobby", "first", "hello").await;
    ann.until_one_of(&["RECEIVE_MESSAGE"]).await;
    let numbers = [
        "0",
        "-1",
        "1.5",
        "4294967295",
        "4294967296",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "18446744073709551616",
        "1e999",
        "-9223372036854775809",
    ];
    for number in numbers {
        for (path, body) in [
            (
                "/api/moderation",
                r#"{"action": "set_slow_mode","room":"den","seconds":%}"#,
            ),
            (
                "/api/moderation",
                r#"{"action": "mute","chatId":"nobody","minutes":%}"#,
            ),
            (
                "/api/moderation",
                r#"{"action": "ban","chatId":"nobody","minutes":%}"#,
            ),
            ("/api/invites", r#"{"hours":%,"uses":%}"#),
        ] {
            let body = body.replace('%', number);
            let answer = snug.ask_raw(FRIEND, "POST", path, Some(&owner), &body).await;
            assert!(answer.status < 500, "{body}: {answer:?}");
        }
        for path in [
            "/api/rooms/lobby/messages?before=%",
            "/api/rooms/lobby/messages?around=%",
            "/api/rooms/lobby/messages?after=%",
            "/api/audit-log?before=%",
        ] {
            let path = path.replace('%', number);
            let answer = snug.ask(FRIEND, "GET", &path, Some(&owner), Value::Null).await;
            assert!(answer.status < 500, "{path}: {answer:?}");
        }
        let key = Uuid::now_v7().to_string();
        for (frame, expected) in [
            (
                r#"{"code":"MARK_READ","room":"lobby","n":%,"key":"$"}"#,
                Value::Null,
            ),
            (
                r#"{"code":"SET_SETTINGS","settings":{"quietHours":{"from":%,"to":%}},"key":"$"}"#,
                Value::Null,
            ),
            (
                r#"{"code":"DELETE_MESSAGE","room":"lobby","n":%,"key":"$"}"#,
                json!("not_found"),
            ),
        ] {
            olga.send_raw(&frame.replace('%', number).replace('$', &key))
                .await;
            let error = olga.next_with(&[&key]).await["error"].clone();
            assert!(
                error == expected || error == "bad_frame",
                "{frame} {number}: {error}"
            );
        }
        let frame = r#"{"code":"SYNC_ROOM","room":"lobby","after":%}"#;
        ann.send_raw(&frame.replace('%', number)).await;
        for refused in ann.drain().await.into_iter().filter(|it| it["code"] == "ERROR") {
            assert_eq!(refused["error"], "bad_frame", "{frame} {number}");
        }
        let mut bob = snug.connect(FRIEND, &[]).await.expect("it shakes hands");
        let hello = r#"{"code":"SAVE_USER_INFO","name":"bob","cursors":{"lobby":%}}"#;
        bob.send_raw(&hello.replace('%', number)).await;
        let answer = bob.until_one_of(&["WELCOME", "ERROR"]).await;
        assert!(
            answer["code"] == "WELCOME" || answer["error"] == "bad_frame",
            "{answer}"
        );
    }
    ann.post("lobby", "last", "still here").await;
    assert_eq!(
        ann.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await["key"],
        "last"
    );
}

/// A13, B2: a long reader, such as a backup, delays no deletion and no message; the words leave the write-ahead log
/// by themselves when the reader has finished.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_long_reader_delays_nobody_and_deleted_words_leave_the_files_after_it() {
    const DELETIONS: u64 = 12;
    const SECRET: &str = "the-word-that-has-to-go";
    let snug = Snug::start(&["--messages-burst", "100"]);
    let (mut ann, mut bob) = (snug.guest(FRIEND, "ann").await, snug.guest(FRIEND, "bob").await);
    for n in 1..=DELETIONS {
        ann.post("lobby", &n.to_string(), SECRET).await;
        ann.until_one_of(&["RECEIVE_MESSAGE"]).await;
    }
    let reader = rusqlite::Connection::open(snug.folder.path().join("snug.db")).expect("a database");
    reader
        .execute_batch("BEGIN; SELECT count(*) FROM messages;")
        .expect("it reads");
    let talk = async {
        for n in 1..=DELETIONS {
            let delete = json!({"code": "DELETE_MESSAGE", "room": "lobby", "n": n});
            ann.request(delete).await.expect("it is hers");
            let key = format!("bob-{n}");
            bob.post("lobby", &key, "hello").await;
            while bob.until_one_of(&["RECEIVE_MESSAGE"]).await["key"] != key.as_str() {}
        }
    };
    // SQLite waits for five seconds where it waits at all.
    timeout(TIMEOUT, talk).await.expect("nobody waits for the reader");
    assert!(
        contains(&snug.folder.path().join("snug.db-wal"), SECRET),
        "the reader's snapshot has the message"
    );
    drop(reader);
    snug.wait_until_erased(SECRET).await;
}
