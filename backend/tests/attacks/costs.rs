//! Actions that cost the server much and the client little, and moderation of guests.

use serde_json::{Value, json};

use crate::support::{Answer, Client, FRIEND, Snug, attacker};

async fn act(snug: &Snug, by: &str, act: Value) -> Answer {
    snug.ask(FRIEND, "POST", "/api/moderation", Some(by), act).await
}

async fn answer(client: &mut Client, frame: Value) -> Value {
    client.send(frame).await;
    client.until_one_of(&["ERROR", "ROOM"]).await
}

const TEA: &str = "0190a1b2-2222-7000-8000-000000000001";
const ZOO: &str = "0190a1b2-2222-7000-8000-000000000002";
const NEW: &str = "0190a1b2-2222-7000-8000-000000000003";

/// A12.
#[tokio::test]
async fn a_muted_user_changes_nothing_that_others_see() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let mut olga = snug.join(FRIEND, json!({"name": "Olga", "token": owner})).await;
    let mia = snug.member(FRIEND, "Mia").await;
    let on_mia = json!({"name": "Mia", "token": mia});
    let (bob, mia_s) = (
        snug.guest(attacker(1), "bob").await,
        snug.join(attacker(2), on_mia).await,
    );
    let bobs = bob.bearer();
    let mut muted = [(bob, TEA), (mia_s, ZOO)];
    let mias = muted[1].0.id().to_owned();
    for (client, room) in &mut muted {
        let name = format!("room-{}", &room[35..]);
        let opened = answer(client, json!({"code": "CREATE_ROOM", "room": room, "name": name})).await;
        assert_eq!(opened["code"], "ROOM");
        olga.send(json!({"code": "JOIN_ROOM", "room": room})).await;
        olga.until_one_of(&["ROOM"]).await;
        let person = client.id();
        let mute = json!({"action": "mute", "chatId": person, "minutes": 60});
        assert_eq!(act(&snug, &owner, mute).await.status, 204);
    }
    olga.drain().await;
    let olgas = olga.id().to_owned();
    for (client, room) in &mut muted {
        let other = if *room == TEA { mias.as_str() } else { "bob" };
        for frame in [
            json!({"code": "RECEIVE_MESSAGE", "key": "1", "text": "SHOUT"}),
            json!({"code": "SET_STATUS", "status": "SHOUT"}),
            json!({"code": "EDIT_ROOM", "room": room, "name": "shout"}),
            json!({"code": "EDIT_ROOM", "room": room, "topic": "SHOUT"}),
            json!({"code": "EDIT_ROOM", "room": room, "archived": true}),
            json!({"code": "CREATE_ROOM", "room": NEW, "name": "shout"}),
            json!({"code": "OPEN_DIRECT", "chatIds": [olgas]}),
            json!({"code": "ADD_MEMBER", "room": room, "chatId": other}),
            json!({"code": "REMOVE_MEMBER", "room": room, "chatId": olgas}),
        ] {
            let refused = answer(client, frame.clone()).await;
            assert_eq!(refused["error"], "muted", "{frame}");
        }
        client
            .send(json!({"code": "TYPING", "room": room, "typing": true}))
            .await;
        client.drain().await;
        // A muted user can still change private data and delete their own data.
        client
            .send(json!({"code": "SET_LEVEL", "room": room, "level": "nothing"}))
            .await;
        assert_eq!(client.until_one_of(&["ROOM", "ERROR"]).await["code"], "ROOM");
    }
    let account = json!({"name": "SHOUT", "avatar": "emoji:1:S"});
    let shown = snug
        .ask(attacker(2), "PUT", "/api/account", Some(&mia), account)
        .await;
    assert_eq!(shown.body["error"], "muted");
    let account = json!({"name": "SHOUT", "password": "correct horse"});
    let kept = snug
        .ask(attacker(1), "POST", "/api/account", Some(&bobs), account)
        .await;
    assert_eq!(kept.body["error"], "muted");
    let token = bobs.rsplit_once('.').map(|it| it.1);
    let again =
        json!({"name": "SHOUT", "avatar": "emoji:1:S", "status": "SHOUT", "chatId": "bob", "token": token});
    let mut again = snug.join(attacker(3), again).await;
    again.drain().await;
    assert_eq!(again.welcome["you"]["name"], "bob");
    let received = olga.drain().await;
    let words = json!(received).to_string();
    assert!(
        !words.to_lowercase().contains("shout") && !words.contains("emoji"),
        "{words}"
    );
    assert!(
        received.iter().all(|it| it["code"] == "SAVE_USER_INFO"),
        "{words}"
    );
}

/// A12.
#[tokio::test]
async fn a_muted_moderator_cannot_moderate() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let max = snug.member(FRIEND, "Max").await;
    let client = snug.join(FRIEND, json!({"name": "Max", "token": max})).await;
    let appoint = json!({"action": "set_role", "chatId": client.id(), "role": "moderator"});
    assert_eq!(act(&snug, &owner, appoint).await.status, 204);
    let slow = json!({"action": "set_slow_mode", "room": "lobby", "seconds": 5});
    assert_eq!(act(&snug, &max, slow.clone()).await.status, 204);
    let mute = json!({"action": "mute", "chatId": client.id(), "minutes": 60});
    assert_eq!(act(&snug, &owner, mute).await.status, 204);
    assert_eq!(act(&snug, &max, slow).await.body["error"], "muted");
}

/// A13.
#[tokio::test]
async fn the_server_resolves_a_limited_number_of_mentions_in_a_message() {
    let snug = Snug::start(&[]);
    let (mut ann, mut eve) = (
        snug.guest(FRIEND, "ann").await,
        snug.guest(attacker(1), "eve").await,
    );
    eve.drain().await;
    for (before, found) in [(99, true), (100, false), (1_900, false)] {
        let text = "@あ".repeat(before) + "@ann";
        eve.post("lobby", &format!("k{before}"), &text).await;
        let said = ann.until_one_of(&["RECEIVE_MESSAGE"]).await;
        assert_eq!(said["mentions"].is_object(), found, "{before}");
    }
}

/// A13.
#[tokio::test]
async fn history_is_rate_limited_by_bytes() {
    let settings = ["--read-kib-per-second", "64", "--read-kib-burst", "1024"];
    let snug = Snug::start(&settings);
    let words = "字".repeat(4_000);
    let mut page = 0;
    for speaker in 0..4 {
        let mut speaker = snug.guest(attacker(speaker), &format!("s{speaker}")).await;
        for key in 0..15 {
            speaker.post("lobby", &format!("k{key}"), &words).await;
            page += words.len();
        }
        while speaker.until_one_of(&["RECEIVE_MESSAGE"]).await["key"] != "k14" {}
    }
    // A page has 50 of these 60 messages.
    page = page * 50 / 60;
    let mut eve = snug.guest(attacker(9), "eve").await;
    eve.drain().await;
    let (mut pages, mut later) = (0, 0);
    for _ in 0..40 {
        eve.send(json!({"code": "SYNC_ROOM", "room": "lobby", "after": 0}))
            .await;
    }
    for frame in eve.drain().await {
        match frame["code"].as_str() {
            Some("PAGE") => pages += 1,
            Some("ERROR") => {
                assert_eq!(
                    (&frame["error"], &frame["room"]),
                    (&json!("rate_limited"), &json!("lobby"))
                );
                assert!(frame["retryAfter"].as_u64().is_some_and(|it| it > 0), "{frame}");
                later += 1;
            }
            _ => {}
        }
    }
    assert_eq!(pages + later, 40);
    assert!(
        (1..=1 + 1024 * 1024 / page + 1).contains(&pages),
        "{pages} pages of {page} bytes"
    );
    // The allowance is shared by HTTP and all connections of the user.
    let history = "/api/rooms/lobby/messages?before=60";
    let refused = snug
        .ask(attacker(9), "GET", history, Some(&eve.bearer()), Value::Null)
        .await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (429, &json!("rate_limited"))
    );
    assert!(refused.body["retryAfter"].as_u64().is_some() && refused.head.contains("retry-after"));
    let token = eve.welcome["you"]["token"].clone();
    let mut again = snug.connect(attacker(9), &[]).await.expect("it shakes hands");
    again
        .hello(json!({"name": "eve", "chatId": "eve", "token": token, "cursors": {"lobby": 0}}))
        .await;
    assert_eq!(
        again.until_one_of(&["WELCOME", "ERROR"]).await["error"],
        "rate_limited"
    );
    // Other users still have their allowance.
    let friend = snug.guest(FRIEND, "ann").await;
    let read = snug
        .ask(FRIEND, "GET", history, Some(&friend.bearer()), Value::Null)
        .await;
    assert_eq!(read.status, 200);
}

/// A13.
#[tokio::test]
async fn guests_of_one_network_share_an_allowance_for_history() {
    let settings = [
        "--network-read-kib-per-second",
        "1",
        "--network-read-kib-burst",
        "1",
    ];
    let snug = Snug::start(&settings);
    let mut ann = snug.guest(FRIEND, "ann").await;
    ann.post("lobby", "1", &"x".repeat(2_000)).await;
    ann.until_one_of(&["RECEIVE_MESSAGE"]).await;
    let member = snug.member(attacker(1), "Mia").await;
    let history = "/api/rooms/lobby/messages?before=9";
    let mut statuses = Vec::new();
    for name in ["eve", "mallory"] {
        let guest = snug.guest(attacker(1), name).await;
        let read = snug
            .ask(attacker(1), "GET", history, Some(&guest.bearer()), Value::Null)
            .await;
        statuses.push(read.status);
    }
    assert_eq!(statuses, [200, 429]);
    let read = snug
        .ask(attacker(1), "GET", history, Some(&member), Value::Null)
        .await;
    assert_eq!(read.status, 200, "a member has a separate allowance");
}

/// A13.
#[tokio::test]
async fn a_member_can_rename_herself_at_a_limited_rate() {
    let snug = Snug::start(&[]);
    let mia = snug.member(FRIEND, "Mia").await;
    let mut taken = 0;
    for n in 0..20 {
        let profile = json!({"name": format!("Mia {n}"), "avatar": "emoji:1:M"});
        let answer = snug.ask(FRIEND, "PUT", "/api/account", Some(&mia), profile).await;
        match answer.status {
            200 => taken += 1,
            status => {
                assert_eq!((status, &answer.body["error"]), (429, &json!("rate_limited")));
                assert!(
                    answer.body["retryAfter"].as_u64().is_some_and(|it| it > 1_000),
                    "{}",
                    answer.body
                );
            }
        }
    }
    assert_eq!(taken, 5);
}

/// A13.
#[tokio::test]
async fn searches_are_rate_limited() {
    let snug = Snug::start(&[]);
    let eve = snug.guest(attacker(1), "eve").await;
    let ann = snug.guest(FRIEND, "ann").await;
    for path in [
        "/api/rooms?search=a",
        "/api/rooms/lobby/online?search=a",
        "/api/rooms/lobby/members",
    ] {
        let mut refused = 0;
        for _ in 0..40 {
            let answer = snug
                .ask(attacker(1), "GET", path, Some(&eve.bearer()), Value::Null)
                .await;
            refused += usize::from(answer.status == 429 && answer.body["retryAfter"].is_u64());
        }
        assert!(refused >= 10, "{path}: {refused}");
        let answer = snug
            .ask(FRIEND, "GET", path, Some(&ann.bearer()), Value::Null)
            .await;
        assert_eq!(answer.status, 200, "{path}");
    }
}

/// A12.
#[tokio::test]
async fn new_guests_of_one_network_share_an_allowance_for_messages() {
    let snug = Snug::start(&[]);
    let mia = snug.member(attacker(1), "Mia").await;
    let mut mia = snug.join(attacker(1), json!({"name": "Mia", "token": mia})).await;
    let (mut said, mut refused) = (0, 0);
    for guest in 0..60 {
        let mut guest = snug.guest(attacker(1), &format!("g{guest}")).await;
        for key in 0..10 {
            guest.post("lobby", &format!("k{key}"), "noise").await;
        }
        let mut answers = 0;
        while answers < 10 {
            let received = guest.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await;
            if received["error"] == "rate_limited" && received["retryAfter"].is_u64() {
                refused += 1;
            } else if received["chatId"] == guest.id() {
                said += 1;
            } else {
                continue;
            }
            answers += 1;
        }
    }
    assert_eq!(said + refused, 600);
    assert!(refused > 100, "{refused}");
    mia.post("lobby", "1", "I am a member").await;
    loop {
        let frame = mia.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await;
        assert_eq!(frame["code"], "RECEIVE_MESSAGE");
        if frame["text"] == "I am a member" {
            break;
        }
    }
    let mut ann = snug.guest(FRIEND, "ann").await;
    ann.post("lobby", "1", "from elsewhere").await;
    assert_eq!(
        ann.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await["code"],
        "RECEIVE_MESSAGE"
    );
}

/// A12.
#[tokio::test]
async fn in_slow_mode_new_guests_of_one_network_wait_for_each_other() {
    let snug = Snug::start(&[]);
    let owner = snug.owner().await;
    let slow = json!({"action": "set_slow_mode", "room": "lobby", "seconds": 3600});
    assert_eq!(act(&snug, &owner, slow).await.status, 204);
    let says = async |mut client: Client, key: &str| {
        client.drain().await;
        client.post("lobby", key, "noise").await;
        let frame = client.until_one_of(&["RECEIVE_MESSAGE", "ERROR"]).await;
        frame["error"].as_str().unwrap_or("said").to_owned()
    };
    // A muted guest does not use a turn of the others.
    let muted = snug.guest(attacker(1), "muted").await;
    let mute = json!({"action": "mute", "chatId": "muted", "minutes": 60});
    assert_eq!(act(&snug, &owner, mute).await.status, 204);
    assert_eq!(says(muted, "1").await, "muted");
    let mut answers = Vec::new();
    for guest in 0..10 {
        let guest = snug.guest(attacker(1), &format!("g{guest}")).await;
        answers.push(says(guest, "1").await);
    }
    assert_eq!(
        answers.iter().filter(|it| *it == "said").count(),
        1,
        "{answers:?}"
    );
    assert!(answers.contains(&"slow_mode".to_owned()));
    assert_eq!(says(snug.guest(FRIEND, "ann").await, "1").await, "said");
    let mia = snug.member(attacker(1), "Mia").await;
    let mia = snug.join(attacker(1), json!({"name": "Mia", "token": mia})).await;
    assert_eq!(says(mia, "1").await, "said");
}

/// Sends a hello from an address. Returns the code of the refusal, or `WELCOME`.
async fn try_join(snug: &Snug, from: std::net::Ipv4Addr, hello: Value) -> String {
    let mut client = snug.connect(from, &[]).await.expect("it shakes hands");
    client.hello(hello).await;
    let frame = client.until_one_of(&["WELCOME", "ERROR"]).await;
    frame["error"].as_str().unwrap_or("WELCOME").to_owned()
}

/// A12.
#[tokio::test]
async fn guests_can_be_muted_and_banned_after_they_have_left() {
    let snug = Snug::start(&["--grace-ms", "0"]);
    let owner = snug.owner().await;
    let mut olga = snug.join(FRIEND, json!({"name": "Olga", "token": owner})).await;
    let mut leave = async |from, name: &str| {
        let mut guest = snug.guest(from, name).await;
        guest.post("lobby", "1", "noise").await;
        guest.until_one_of(&["RECEIVE_MESSAGE"]).await;
        let token = guest.welcome["you"]["token"].clone();
        drop(guest);
        while olga
            .until_one_of(&["CLOSE_CONNECTION"])
            .await
            .to_string()
            .contains(name)
        {}
        json!({"name": "SHOUT", "chatId": name, "token": token})
    };
    let (loud, eve) = (leave(attacker(1), "loud").await, leave(attacker(2), "eve").await);
    let mute = json!({"action": "mute", "chatId": "eve", "minutes": 60});
    assert_eq!(act(&snug, &owner, mute).await.status, 204);
    let mut eve = snug.join(attacker(3), eve).await;
    assert_eq!(eve.welcome["you"]["name"], "eve", "under the name that she had");
    eve.post("lobby", "2", "more noise").await;
    assert_eq!(
        eve.until_one_of(&["ERROR", "RECEIVE_MESSAGE"]).await["error"],
        "muted"
    );
    let out = json!({"action": "ban", "chatId": "loud", "minutes": 60, "address": true});
    assert_eq!(act(&snug, &owner, out).await.status, 204);
    assert_eq!(try_join(&snug, attacker(9), loud).await, "banned");
    assert_eq!(
        try_join(&snug, attacker(1), json!({"name": "new"})).await,
        "banned"
    );
    let account = json!({"name": "New", "password": "correct horse"});
    let refused = snug.ask(attacker(1), "POST", "/api/account", None, account).await;
    assert_eq!(refused.body["error"], "banned");
    assert_eq!(try_join(&snug, FRIEND, json!({"name": "new"})).await, "WELCOME");
    let never = json!({"action": "mute", "chatId": "never-here", "minutes": 60});
    assert_eq!(act(&snug, &owner, never).await.status, 404);
}

/// BC-33.
#[tokio::test]
async fn a_ban_by_network_does_not_cover_a_proxy_or_the_network_of_the_moderator() {
    let snug = Snug::start(&["--trusted-proxy", "127.77.0.1"]);
    let owner = snug.owner().await;
    // She sends the request from one network and is connected from another.
    let _olga = snug
        .join(attacker(5), json!({"name": "Olga", "token": owner}))
        .await;
    let forwarded = [("x-forwarded-for", "203.0.113.9".to_owned())];
    let proxy = std::net::Ipv4Addr::new(127, 77, 0, 1);
    for (name, from, headers) in [
        ("here", FRIEND, &[][..]),
        ("beside", attacker(5), &[]),
        ("proxied", attacker(6), &forwarded),
        ("trusted", proxy, &[]),
    ] {
        let mut guest = snug.connect(from, headers).await.expect("it shakes hands");
        guest.hello(json!({"name": name, "chatId": name})).await;
        guest.until_one_of(&["WELCOME"]).await;
        let out = |address| json!({"action": "ban", "chatId": name, "minutes": 60, "address": address});
        let refused = act(&snug, &owner, out(true)).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (409, &json!("shared_network")),
            "{name}"
        );
        guest.drain().await;
        assert_eq!(act(&snug, &owner, out(false)).await.status, 204, "{name}");
        while guest.next().await.is_some() {}
        assert_eq!(
            try_join(&snug, from, json!({"name": "another"})).await,
            "WELCOME",
            "{name}"
        );
    }
    // A client at a public address gets no protection from this header.
    let mut eve = snug
        .connect(proxy, &[("x-forwarded-for", "203.0.113.9".to_owned())])
        .await
        .expect("it shakes hands");
    eve.hello(json!({"name": "eve", "chatId": "eve"})).await;
    eve.until_one_of(&["WELCOME"]).await;
    let out = json!({"action": "ban", "chatId": "eve", "minutes": 60, "address": true});
    assert_eq!(act(&snug, &owner, out).await.status, 204);
}

/// B10.
#[tokio::test]
async fn a_name_needs_visible_characters() {
    let snug = Snug::start(&[]);
    let _olga = snug.owner().await;
    for blank in [
        '\u{1D173}',
        '\u{180B}',
        '\u{2065}',
        '\u{16FE4}',
        '\u{13430}',
        '\u{1D159}',
    ] {
        for name in [blank.to_string(), format!("Olga{blank}"), format!("Ol{blank}ga")] {
            let refused = try_join(&snug, attacker(1), json!({"name": name})).await;
            assert!(
                ["name_empty", "name_characters"].contains(&refused.as_str()),
                "{name:?}: {refused}"
            );
        }
    }
}
