//! Attacks on identity: accounts, ids, links and devices of other users.

use futures_util::future::join_all;
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::support::{Answer, Client, FRIEND, Snug, attacker};

const PASSWORD: &str = "correct horse";

/// The credential of a new guest, as in the cookie.
async fn guest_cookie(snug: &Snug, number: u16) -> String {
    let origin = format!("origin: http://{}\r\n", snug.address);
    let answer = snug
        .request(attacker(number), "POST", "/api/session", &origin, Value::Null)
        .await;
    let mut lines = answer.head.lines();
    let cookie = lines.find_map(|it| it.strip_prefix("set-cookie: snug"));
    let value = cookie.and_then(|it| it.split(';').next()?.split_once('='));
    value.expect("a cookie").1.to_owned()
}

async fn sign_in(snug: &Snug, number: u16, name: &str, password: &str) -> Answer {
    let body = json!({"name": name, "password": password});
    snug.ask(attacker(number), "POST", "/api/sign-in", None, body)
        .await
}

fn token(answer: &Answer) -> String {
    answer.body["token"].as_str().expect("a token").to_owned()
}

/// The row count that a query of the server's database returns.
fn count(snug: &Snug, query: &str) -> usize {
    let database = snug.folder.path().join("snug.db");
    let tables =
        Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).expect("it is there");
    tables.query_row(query, [], |row| row.get(0)).expect("a number")
}

/// A5: an attacker with a guest's cookie sends registrations that fail, at about the time at which the guest registers.
#[tokio::test]
async fn a_guests_credential_does_not_set_the_password_of_an_account() {
    let snug = Snug::start(&[]);
    for number in 0..12 {
        let cookie = guest_cookie(&snug, number).await;
        let register = |from: u16, body: Value| {
            let (snug, cookie) = (&snug, &cookie);
            async move {
                snug.ask(attacker(from), "POST", "/api/account", Some(cookie), body)
                    .await
            }
        };
        let name = format!("Victim {number}");
        let eve = json!({"name": format!("Eve {number}"), "password": "battery staple", "invite": "bogus"});
        let victim = json!({"name": name, "password": PASSWORD});
        // One before and one after, so that one of the guest's hashes is ready at each moment.
        let (before, own, after) = tokio::join!(
            register(100 + number, eve.clone()),
            register(number, victim),
            register(200 + number, eve.clone()),
        );
        assert_eq!(own.status, 200, "{}", own.body);
        assert_ne!((before.status, after.status), (200, 200));
        let hers = sign_in(&snug, 100 + number, &name, "battery staple").await;
        assert_eq!(hers.status, 403, "{number}: Eve signs in as the victim");
        assert_eq!(
            sign_in(&snug, number, &name, PASSWORD).await.status,
            200,
            "{number}"
        );
    }
    // Failed registrations leave nothing behind.
    assert_eq!(count(&snug, "SELECT count(*) FROM passwords"), 12);
}

/// A5: a thief with a session makes a sign-in link, and uses it after the victim has signed the thief out.
#[tokio::test]
async fn a_sign_in_link_ends_with_the_session_that_made_it() {
    let snug = Snug::start(&[]);
    let ann = snug.member(FRIEND, "Ann").await;
    let link = async |number| {
        let thief = token(&sign_in(&snug, number, "Ann", PASSWORD).await);
        let body = json!({"password": PASSWORD});
        let link = snug
            .ask(attacker(number), "POST", "/api/sign-in-link", Some(&thief), body)
            .await;
        assert_eq!(link.status, 200, "{}", link.body);
        (thief, link.body)
    };
    let spend = async |number, link: Value| {
        snug.ask(attacker(number), "POST", "/api/sign-in", None, link)
            .await
            .status
    };

    // The victim signs the device out.
    let (_, secret) = link(1).await;
    let devices = snug
        .ask(FRIEND, "GET", "/api/sessions", Some(&ann), Value::Null)
        .await;
    let devices = devices.body.as_array().expect("a list").clone();
    let other = devices
        .iter()
        .find(|it| it["current"] == false)
        .expect("the thief's");
    let path = format!("/api/sessions/{}", other["session"].as_str().expect("an id"));
    let ended = snug.ask(FRIEND, "DELETE", &path, Some(&ann), Value::Null).await;
    assert_eq!(ended.status, 204);
    assert_eq!(spend(1, secret).await, 410);

    // The thief signs out.
    let (thief, secret) = link(2).await;
    let out = snug
        .ask(attacker(2), "POST", "/api/sign-out", Some(&thief), Value::Null)
        .await;
    assert_eq!(out.status, 204);
    assert_eq!(spend(2, secret).await, 410);

    // The password changes.
    let (_, secret) = link(3).await;
    let change = json!({"old": PASSWORD, "new": "battery staple"});
    let changed = snug
        .ask(FRIEND, "PUT", "/api/account/password", Some(&ann), change)
        .await;
    assert_eq!(changed.status, 204);
    assert_eq!(spend(3, secret).await, 410);

    // The victim's own link still works.
    let body = json!({"password": "battery staple"});
    let own = snug
        .ask(FRIEND, "POST", "/api/sign-in-link", Some(&ann), body)
        .await;
    assert_eq!(spend(4, own.body).await, 200);
}

/// B4: a client signs in while the account is deleted, and has the credential of the earlier guest.
#[tokio::test]
async fn nobody_can_sign_in_to_a_deleted_account() {
    let snug = Snug::start(&[]);
    for number in 0..4 {
        let cookie = guest_cookie(&snug, number).await;
        let name = format!("Ann {number}");
        let account = json!({"name": name, "password": PASSWORD});
        let ann = snug
            .ask(attacker(number), "POST", "/api/account", Some(&cookie), account)
            .await;
        let ann = token(&ann);
        let signs_in = join_all((0..8).map(|it| sign_in(&snug, 50 + it, &name, PASSWORD)));
        let body = json!({"password": PASSWORD});
        let erases = snug.ask(FRIEND, "DELETE", "/api/account", Some(&ann), body);
        let (signed_in, erased) = tokio::join!(signs_in, erases);
        assert_eq!(erased.status, 204);
        let proofs = signed_in.iter().filter(|it| it.status == 200).map(token);
        for proof in proofs.chain([ann, cookie]) {
            let answer = snug
                .ask(FRIEND, "GET", "/api/sessions", Some(&proof), Value::Null)
                .await;
            assert_eq!(answer.status, 401, "{}", answer.body);
        }
    }
    assert_eq!(count(&snug, "SELECT count(*) FROM sessions"), 0);
    assert_eq!(count(&snug, "SELECT count(*) FROM passwords"), 0);
}

/// B1: a user is banned with their address, then unbanned, or their account is deleted.
#[tokio::test]
async fn the_address_is_deleted_with_the_ban() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let act = async |act: Value| {
        let answer = snug
            .ask(FRIEND, "POST", "/api/moderation", Some(&owner), act)
            .await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    };
    let ban = |person: &str| json!({"action": "ban", "chatId": person, "minutes": null, "address": true});
    let guest = snug.guest(attacker(7), "guest").await;
    act(ban(guest.id())).await;
    assert_eq!(count(&snug, "SELECT count(*) FROM network_bans"), 1);
    act(json!({"action": "unban", "chatId": guest.id()})).await;
    let member = snug.member(attacker(8), "Mia").await;
    let member = snug
        .join(attacker(8), json!({"name": "Mia", "token": member}))
        .await;
    act(ban(member.id())).await;
    act(json!({"action": "delete_account", "chatId": member.id()})).await;
    snug.wait_until_erased("127.66.0.").await;
}

/// Waits until a user is no longer in the roster.
async fn wait_until_gone(friend: &mut Client, id: &str) {
    loop {
        // In a small room the frame names the users who remain.
        let left = friend.until_one_of(&["CLOSE_CONNECTION"]).await;
        if !left.to_string().contains(id) {
            return;
        }
    }
}

/// The error for a client that claims this id with this token.
async fn refused(snug: &Snug, token: Value) -> Value {
    let mut client = snug.connect(attacker(9), &[]).await.expect("it shakes hands");
    let mut hello = json!({"name": "Eve", "chatId": "ann-bot"});
    if !token.is_null() {
        hello["token"] = token;
    }
    client.hello(hello).await;
    client.until_one_of(&["WELCOME", "ERROR"]).await["error"].clone()
}

/// A5: an attacker claims an id before the program that will use it, and keeps the token.
#[tokio::test]
async fn an_earlier_claim_of_an_id_is_void_once_the_id_has_a_room() {
    let mut snug = Snug::start(&[]);
    let mut friend = snug.guest(FRIEND, "friend").await;
    let mut eve = snug.guest(attacker(1), "ann-bot").await;
    let (hers, bearer) = (eve.welcome["you"]["token"].clone(), eve.bearer());
    // A refused request stores nothing for the id, and so does not bind it.
    eve.send(json!({"code": "JOIN_ROOM", "room": "0190a1b2-2222-7000-8000-000000000000"}))
        .await;
    assert_eq!(eve.until_one_of(&["ERROR"]).await["error"], "not_found");
    eve.send(json!({"code": "JOIN_ROOM", "room": "lobby"})).await;
    eve.drain().await;
    drop(eve);
    wait_until_gone(&mut friend, "ann-bot").await;
    assert_eq!(count(&snug, "SELECT count(*) FROM id_claims"), 0);

    let mut ann = snug.guest(attacker(2), "ann-bot").await;
    let token = ann.welcome["you"]["token"].clone();
    assert_ne!(token, hers);
    let rooms = async |snug: &Snug, bearer: &str| {
        let answer = snug
            .ask(
                attacker(9),
                "GET",
                "/api/rooms/lobby/members",
                Some(bearer),
                Value::Null,
            )
            .await;
        answer.status
    };
    let taken = json!("chat_id_taken");
    assert_eq!(refused(&snug, hers.clone()).await, taken, "Ann is online");
    assert_eq!(rooms(&snug, &bearer).await, 401, "Ann is online");

    friend
        .send(json!({"code": "OPEN_DIRECT", "chatIds": ["ann-bot"]}))
        .await;
    let room = friend.until_one_of(&["ROOM"]).await["room"].clone();
    let room = room.as_str().expect("an id");
    friend.post(room, "1", "the code is 4711").await;
    assert_eq!(
        ann.until_one_of(&["RECEIVE_MESSAGE"]).await["text"],
        "the code is 4711"
    );
    let anns = ann.bearer();
    drop(ann);
    wait_until_gone(&mut friend, "ann-bot").await;
    assert_eq!(
        count(&snug, "SELECT count(*) FROM id_claims"),
        2,
        "Ann's and her friend's"
    );

    for again in [false, true] {
        if again {
            let folder = std::mem::replace(&mut snug.folder, tempfile::tempdir().expect("a folder"));
            drop(snug);
            snug = Snug::start_in(folder, &[]);
        }
        for token in [hers.clone(), Value::Null] {
            assert_eq!(refused(&snug, token).await, taken);
        }
        let path = format!("/api/rooms/{room}/messages?before=9");
        let read = async |bearer: &str| {
            let answer = snug
                .ask(attacker(9), "GET", &path, Some(bearer), Value::Null)
                .await;
            answer.status
        };
        assert_eq!((read(&bearer).await, read(&anns).await), (401, 200));
        let hello = json!({"name": "Ann", "chatId": "ann-bot", "token": token});
        let ann = snug.join(attacker(2), hello).await;
        assert_eq!(ann.welcome["rooms"].as_array().map(Vec::len), Some(2));
        assert_eq!(ann.welcome["you"]["token"], token);
    }
}

/// A5: a void claim is no account either, and nobody has the server's id.
#[tokio::test]
async fn nobody_can_register_an_id_that_another_user_has_online() {
    let snug = Snug::start(&[]);
    let mut friend = snug.guest(FRIEND, "friend").await;
    let eve = snug.guest(attacker(1), "ann-bot").await;
    let bearer = eve.bearer();
    drop(eve);
    wait_until_gone(&mut friend, "ann-bot").await;
    let mut ann = snug.guest(attacker(2), "ann-bot").await;
    let account = json!({"name": "Eve", "password": PASSWORD});
    let answer = snug
        .ask(attacker(1), "POST", "/api/account", Some(&bearer), account)
        .await;
    // A client without a credential becomes a new guest.
    assert_eq!(answer.status, 200);
    assert_ne!(answer.body["chatId"], "ann-bot");
    let room = "0190a1b2-2222-7000-8000-000000000000";
    ann.send(json!({"code": "CREATE_ROOM", "room": room, "name": "den"}))
        .await;
    assert_eq!(ann.until_one_of(&["ROOM", "ERROR"]).await["room"], room);
    let mut snugs = snug.connect(attacker(3), &[]).await.expect("it shakes hands");
    snugs.hello(json!({"name": "Snug", "chatId": "snug"})).await;
    let answer = snugs.until_one_of(&["WELCOME", "ERROR"]).await;
    assert_eq!(answer["error"], "chat_id_taken");
}
