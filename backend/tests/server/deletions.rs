//! Deleted messages and accounts: gone for present and later users, and from every file of the folder.

use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::support::{Client, TestServer, start_server, texts};

async fn moderate(server: &TestServer, proof: &str, act: Value) -> (u16, Value) {
    let answer = server.ask("POST", "/api/moderation", Some(proof), act).await;
    (answer.status, answer.body["error"].clone())
}

async fn delete(by: &mut Client, room: &str, n: u64) -> Result<Value, String> {
    by.request(json!({"code": "DELETE_MESSAGE", "room": room, "n": n}))
        .await
}

fn refused(code: &str) -> Result<Value, String> {
    Err(code.to_owned())
}

/// A guest in the lobby, with the guest's credential.
async fn guest(server: &TestServer, name: &str) -> (Client, String) {
    let client = server.guest(name).await;
    let token = client.welcome["you"]["token"].as_str().expect("a token");
    let proof = format!("{}.{token}", client.id());
    (client, proof)
}

async fn history(server: &TestServer, proof: &str) -> Value {
    let path = "/api/rooms/lobby/messages?before=1000";
    server.ask("GET", path, Some(proof), Value::Null).await.body
}

/// Whether a file in a folder contains this text.
fn contains_text(folder: &Path, words: &str) -> bool {
    fs::read_dir(folder).expect("a folder").any(|entry| {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        bytes.windows(words.len()).any(|it| it == words.as_bytes())
    })
}

#[tokio::test]
async fn a_message_that_its_author_deletes_is_gone_for_all_users_and_from_the_folder() {
    let server = start_server().await;
    let (mut ann, proof) = guest(&server, "ann").await;
    let (mut bob, _) = guest(&server, "bob").await;
    for (key, text) in [("1", "hello"), ("2", "hush-hush, @bob"), ("3", "bye")] {
        ann.post(key, text).await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    assert_eq!(texts(&bob.drain().await), ["hello", "hush-hush, @bob", "bye"]);
    assert!(contains_text(server.folder.path(), "hush-hush"));

    delete(&mut ann, "lobby", 2).await.expect("it is hers");
    let received = bob.drain().await;
    let deleted = json!({"code": "DELETED", "room": "lobby", "n": 4, "of": 2, "chatId": "ann",
        "mentions": {"people": [{"chatId": "bob", "name": "bob"}]}});
    assert_eq!(received, [deleted]);
    let nothing = json!({"room": "lobby", "n": 2});
    let page = history(&server, &proof).await;
    assert_eq!(
        texts(page["messages"].as_array().expect("messages")),
        ["hello", "bye"]
    );
    assert_eq!(page["deleted"][0], nothing);

    // A client that catches up skips it, from the lane and from the store.
    let cursors = json!({"name": "eve", "cursors": {"lobby": 1}});
    let mut eve = server.join(cursors.clone()).await;
    assert_eq!(
        codes(&eve.drain().await),
        ["DELETED", "RECEIVE_MESSAGE", "DELETED"]
    );
    delete(&mut ann, "lobby", 2).await.expect("it is deleted already");
    assert!(eve.drain().await.is_empty(), "once");
    ann.post("2", "hush-hush, @bob").await;
    assert_eq!(ann.until("ERROR").await["error"], "message_deleted");

    let server = server.restarted().await;
    let mut eve = server.join(cursors).await;
    assert_eq!(
        codes(&eve.drain().await),
        ["DELETED", "RECEIVE_MESSAGE", "DELETED"]
    );
    server.inner.drain().await;
    assert!(!contains_text(server.folder.path(), "hush-hush"));
    assert!(contains_text(server.folder.path(), "hello"));
}

fn codes(frames: &[Value]) -> Vec<&str> {
    let of_the_log = |it: &&str| *it == "DELETED" || *it == "RECEIVE_MESSAGE";
    let codes = frames.iter().filter_map(|it| it["code"].as_str());
    codes.filter(of_the_log).collect()
}

#[tokio::test]
async fn moderators_delete_messages_of_others_and_the_audit_log_has_it() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let moderator = server.member("Mo").await;
    let member = server.member("Mia").await;
    let (mut eve, _) = guest(&server, "eve").await;
    let mut olga = server.join_as(&owner).await;
    let mut mo = server.join_as(&moderator).await;
    let mo_appointed = json!({"action": "set_role", "chatId": mo.id(), "role": "moderator"});
    assert_eq!(moderate(&server, &owner, mo_appointed).await.0, 204);
    let mut mia = server.join_as(&member).await;
    for key in ["1", "2"] {
        eve.post(key, "spam").await;
        eve.until("RECEIVE_MESSAGE").await;
    }
    mia.post("1", "hi").await;
    mia.until("RECEIVE_MESSAGE").await;
    assert_eq!(delete(&mut eve, "lobby", 3).await, refused("not_allowed"));
    assert_eq!(delete(&mut mia, "lobby", 1).await, refused("not_allowed"));
    for (by, n) in [(&mut mo, 1), (&mut olga, 2)] {
        delete(by, "lobby", n).await.expect("they may");
    }
    delete(&mut mo, "lobby", 3).await.expect("he may");
    let by_http = json!({"action": "delete_message", "room": "lobby", "n": 1});
    assert_eq!(
        moderate(&server, &owner, by_http).await,
        (400, json!("bad_frame"))
    );
    let not_found = refused("not_found");
    delete(&mut mo, "lobby", 3).await.expect("it is deleted already");
    for (room, n) in [("lobby", 4), ("lobby", 99), ("nowhere", 1)] {
        assert_eq!(delete(&mut mo, room, n).await, not_found, "{room} {n}");
    }
    let record = server
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await
        .body;
    let deleted: Vec<_> = record
        .as_array()
        .expect("a list")
        .iter()
        .filter(|it| it["action"]["action"] == "delete_message")
        .map(|it| {
            (
                it["byName"].clone(),
                it["action"]["n"].clone(),
                it["target"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!("Mo"), json!(3), json!("Mia")),
        (json!("Olga"), json!(2), Value::Null),
        (json!("Mo"), json!(1), Value::Null),
    ];
    assert_eq!(deleted, expected);
}

#[tokio::test]
async fn only_the_author_deletes_a_message_in_a_direct_conversation() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let member = server.member("Mia").await;
    let mut mia = server.join_as(&member).await;
    let mut olga = server.join_as(&owner).await;
    mia.send(json!({"code": "OPEN_DIRECT", "chatIds": [olga.id()]}))
        .await;
    let room = mia.until("ROOM").await["room"]
        .as_str()
        .expect("an id")
        .to_owned();
    mia.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": "1", "text": "psst"}))
        .await;
    mia.until("RECEIVE_MESSAGE").await;
    olga.until("RECEIVE_MESSAGE").await;
    assert_eq!(delete(&mut olga, &room, 1).await, refused("not_allowed"));
    delete(&mut mia, &room, 1).await.expect("it is hers");
    assert_eq!(olga.until("DELETED").await["of"], 1);
    let record = server
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await;
    assert_eq!(record.body, json!([]));
}

#[tokio::test]
async fn a_deletion_waits_for_nobody() {
    let server = start_server().await;
    let (mut ann, _) = guest(&server, "ann").await;
    let (mut bob, token) = guest(&server, "bob").await;
    bob.send(json!({"code": "MARK_READ", "room": "lobby", "n": 0}))
        .await;
    bob.until("ROOM").await;
    drop(bob);
    for key in ["1", "2", "3"] {
        ann.post(key, "@room tea").await;
        ann.until("RECEIVE_MESSAGE").await;
    }
    delete(&mut ann, "lobby", 2).await.expect("it is hers");
    let (chat_id, token) = token.split_once('.').expect("both");
    let bob = server
        .join(json!({"name": "bob", "chatId": chat_id, "token": token}))
        .await;
    let lobby = &bob.welcome["rooms"][0];
    assert_eq!(
        (&lobby["n"], &lobby["unread"], &lobby["mentions"]),
        (&json!(4), &json!(2), &json!(2))
    );
}

#[tokio::test]
async fn a_user_who_deletes_their_account_leaves_no_message_and_no_name() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let mut olga = server.join_as(&owner).await;
    let account = json!({"name": "Zebedee", "password": "correct horse"});
    let proof = server
        .ask("POST", "/api/account", None, account.clone())
        .await
        .body["token"]
        .clone();
    let proof = proof.as_str().expect("a token");
    let mut zeb = server.join_as(proof).await;
    let id = zeb.id().to_owned();
    for key in ["1", "2"] {
        zeb.post(key, "hush-hush").await;
        zeb.until("RECEIVE_MESSAGE").await;
    }
    olga.send(json!({"code": "OPEN_DIRECT", "chatIds": [id]})).await;
    let direct = olga.until("ROOM").await["room"].clone();
    zeb.send(json!({"code": "RECEIVE_MESSAGE", "room": direct, "key": "3", "text": "hush-hush too"}))
        .await;
    zeb.until("RECEIVE_MESSAGE").await;
    let mute = json!({"action": "mute", "chatId": id, "minutes": 0});
    assert_eq!(moderate(&server, &owner, mute).await.0, 204);
    olga.drain().await;

    let erase = |password: &str| json!({"password": password});
    let wrong = server
        .ask("DELETE", "/api/account", Some(proof), erase("wrong horse"))
        .await;
    assert_eq!(
        (wrong.status, &wrong.body["error"]),
        (403, &json!("wrong_password"))
    );
    let erased = server
        .ask("DELETE", "/api/account", Some(proof), erase("correct horse"))
        .await;
    assert_eq!(erased.status, 204);
    assert_eq!(zeb.closed_with().await, 4006);
    let received = olga.drain().await;
    let all_of_them = |it: &&Value| it["code"] == "DELETED" && it["chatId"] == json!(id);
    assert_eq!(received.iter().filter(all_of_them).count(), 2, "{received:?}");
    let conversation = received
        .iter()
        .find(|it| it["code"] == "ROOM")
        .expect("it is otherwise");
    let names = conversation["participants"].as_array().expect("people").iter();
    let mut names: Vec<_> = names.map(|it| it["name"].as_str().expect("a name")).collect();
    names.sort_unstable();
    assert_eq!(names, ["?", "Olga"]);

    // The name is free, and nobody can sign in to the account.
    let sign_in = server.ask("POST", "/api/sign-in", None, account.clone()).await;
    assert_eq!(sign_in.body["error"], "wrong_password");
    assert_eq!(history(&server, &owner).await["messages"], json!([]));
    let record = server
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await
        .body;
    assert_eq!(record[0]["target"], "?");
    let files = server.folder.path().join("copy");
    let server = server.restarted().await;
    snug::backup::backup(server.folder.path(), &files).expect("a backup, whose log and tables agree");
    let backup = fs::read(&files).expect("it is there");
    server.inner.drain().await;
    for words in ["hush-hush", "Zebedee", "zebedee"] {
        assert!(!contains_text(server.folder.path(), words), "{words}");
        assert!(
            !backup.windows(words.len()).any(|it| it == words.as_bytes()),
            "{words}"
        );
    }
}

#[tokio::test]
async fn an_owner_can_delete_accounts_but_not_the_last_owner() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let moderator = server.member("Mo").await;
    let member = server.member("Mia").await;
    let (mo, mut mia) = (server.join_as(&moderator).await, server.join_as(&member).await);
    let appointed = json!({"action": "set_role", "chatId": mo.id(), "role": "moderator"});
    assert_eq!(moderate(&server, &owner, appointed).await.0, 204);
    let erase = |person: &str| json!({"action": "delete_account", "chatId": person});
    let not_allowed = (403, json!("not_allowed"));
    for proof in [&member, &moderator] {
        assert_eq!(moderate(&server, proof, erase(mia.id())).await, not_allowed);
    }
    let olga = server.join_as(&owner).await;
    assert_eq!(moderate(&server, &owner, erase(olga.id())).await, not_allowed);
    assert_eq!(
        moderate(&server, &owner, erase("nobody")).await,
        (404, json!("not_found"))
    );
    // A banned user stays banned.
    let ban = json!({"action": "ban", "chatId": mia.id(), "minutes": null});
    assert_eq!(moderate(&server, &owner, ban).await.0, 204);
    assert_eq!(mia.closed_with().await, 4007);
    assert_eq!(moderate(&server, &owner, erase(mia.id())).await.0, 204);
    let known = server
        .ask("GET", "/api/users", Some(&owner), Value::Null)
        .await
        .body;
    let still = known
        .as_array()
        .expect("a list")
        .iter()
        .find(|it| it["chatId"] == json!(mia.id()));
    let still = still.expect("she is known");
    assert_eq!((&still["name"], &still["role"]), (&json!("?"), &json!("guest")));
    assert!(still["bannedUntil"].is_i64());

    let own = json!({"password": "correct horse"});
    let last = server
        .ask("DELETE", "/api/account", Some(&owner), own.clone())
        .await;
    assert_eq!(last.body["error"], "last_owner");
    let mo = server.ask("DELETE", "/api/account", Some(&moderator), own).await;
    assert_eq!(mo.status, 204);
}
