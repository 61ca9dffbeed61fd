//! Accounts, and the devices that are signed in to them.

use serde_json::{Value, json};

use crate::support::{start_server, start_server_with};

#[tokio::test]
async fn a_guest_who_registers_keeps_their_name_and_id() {
    let server = start_server().await;
    let guest = server
        .ask_as_page("POST", "/api/session", None, Value::Null)
        .await;
    let cookie = guest.cookie.expect("a cookie");
    let account = json!({"name": "Ann", "avatar": "emoji:3:🦊", "password": "correct horse"});
    let kept = server
        .ask_as_page("POST", "/api/account", Some(&cookie), account)
        .await;
    assert_eq!(kept.body["chatId"], guest.body["chatId"]);
    assert_eq!(
        kept.body["account"],
        json!({"name": "Ann", "avatar": "emoji:3:🦊", "role": "member"})
    );
    assert_eq!(kept.body["token"], Value::Null, "a page has its cookie");
    let new = kept.cookie.expect("another cookie");
    assert_ne!(new, cookie);
    // The guest's credential is void: it may have been copied, and cannot be revoked. A cookie for it could overwrite the new one.
    let again = server
        .ask_as_page("POST", "/api/session", Some(&cookie), Value::Null)
        .await;
    assert_eq!(
        (&again.body["error"], again.cookie),
        (&Value::from("session_replaced"), None)
    );
    let again = server
        .ask_as_page("POST", "/api/session", Some(&new), Value::Null)
        .await;
    assert_eq!(again.body["chatId"], guest.body["chatId"]);
}

#[tokio::test]
async fn a_member_has_the_same_name_on_every_device() {
    let server = start_server().await;
    let laptop = server.member("Ann").await;
    let sign_in = json!({"name": "ann", "password": "correct horse"});
    let phone = server.ask("POST", "/api/sign-in", None, sign_in).await;
    let phone = phone.body["token"].as_str().expect("a token").to_owned();
    let (laptop, phone) = (server.join_as(&laptop).await, server.join_as(&phone).await);
    assert_eq!(laptop.welcome["you"]["name"], "Ann");
    assert_eq!(laptop.welcome["you"], phone.welcome["you"]);
    assert_eq!(
        laptop.welcome["you"]["token"],
        Value::Null,
        "a session needs no token"
    );
}

#[tokio::test]
async fn a_registered_name_is_reserved_also_while_its_member_is_offline() {
    let server = start_server().await;
    server.member("Ann").await;
    let server = server.restarted().await;
    for (name, given) in [("Ann", "Ann (2)"), ("Аnn", "Аnn (2)"), ("Anna", "Anna")] {
        let guest = server.join(json!({"name": name})).await;
        assert_eq!(guest.welcome["you"]["name"], given);
    }
    for name in ["Ann", "ANN", "Аnn"] {
        let account = json!({"name": name, "password": "correct horse"});
        let refused = server.ask("POST", "/api/account", None, account).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (409, &json!("name_taken"))
        );
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_have_the_same_refusal_and_attempts_are_limited() {
    let server = start_server().await;
    server.member("Ann").await;
    for name in ["Ann", "Nobody", "\u{202e}"] {
        let sign_in = json!({"name": name, "password": "battery staple"});
        let refused = server.ask("POST", "/api/sign-in", None, sign_in).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (403, &json!("wrong_password"))
        );
    }
    let mut refused = Vec::new();
    for _ in 0..20 {
        let sign_in = json!({"name": "Ann", "password": "battery staple"});
        refused.push(server.ask("POST", "/api/sign-in", None, sign_in).await.status);
    }
    assert_eq!(refused.last(), Some(&429), "{refused:?}");
}

#[tokio::test]
async fn the_end_of_a_session_closes_its_connections_and_no_others() {
    let server = start_server().await;
    let laptop = server.member("Ann").await;
    let sign_in = json!({"name": "Ann", "password": "correct horse"});
    let phone = server.ask("POST", "/api/sign-in", None, sign_in).await;
    let phone = phone.body["token"].as_str().expect("a token").to_owned();
    let (mut on_laptop, mut on_phone) = (server.join_as(&laptop).await, server.join_as(&phone).await);
    let devices = server
        .ask("GET", "/api/sessions", Some(&laptop), Value::Null)
        .await;
    let devices = devices.body.as_array().expect("a list").clone();
    assert_eq!(devices.len(), 2);
    let other = devices
        .iter()
        .find(|it| it["current"] == false)
        .expect("the phone");
    let path = format!("/api/sessions/{}", other["session"].as_str().expect("an id"));
    let ended = server.ask("DELETE", &path, Some(&laptop), Value::Null).await;
    assert_eq!(ended.status, 204);
    assert_eq!(on_phone.closed_with().await, 4006);
    on_laptop.post("1", "still here").await;
    on_laptop.until("RECEIVE_MESSAGE").await;
    let gone = server
        .ask("GET", "/api/sessions", Some(&phone), Value::Null)
        .await;
    assert_eq!(gone.status, 401);
    let mut back = server.open_socket().await;
    back.hello(json!({"name": "Ann", "token": phone})).await;
    assert_eq!(back.until("ERROR").await["error"], "session_ended");
}

#[tokio::test]
async fn nobody_can_end_a_session_of_another_member() {
    let server = start_server().await;
    let (ann, eve) = (server.member("Ann").await, server.member("Eve").await);
    let devices = server.ask("GET", "/api/sessions", Some(&ann), Value::Null).await;
    let path = format!(
        "/api/sessions/{}",
        devices.body[0]["session"].as_str().expect("an id")
    );
    server.ask("DELETE", &path, Some(&eve), Value::Null).await;
    let devices = server.ask("GET", "/api/sessions", Some(&ann), Value::Null).await;
    assert_eq!(devices.body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_new_password_ends_all_other_sessions() {
    let server = start_server().await;
    let laptop = server.member("Ann").await;
    let sign_in = json!({"name": "Ann", "password": "correct horse"});
    let phone = server.ask("POST", "/api/sign-in", None, sign_in.clone()).await;
    let phone = phone.body["token"].as_str().expect("a token").to_owned();
    let mut on_phone = server.join_as(&phone).await;
    let change = |old: &str| json!({"old": old, "new": "battery staple"});
    let refused = server
        .ask(
            "PUT",
            "/api/account/password",
            Some(&laptop),
            change("wrong password"),
        )
        .await;
    assert_eq!(refused.body["error"], "wrong_password");
    let changed = server
        .ask(
            "PUT",
            "/api/account/password",
            Some(&laptop),
            change("correct horse"),
        )
        .await;
    assert_eq!(changed.status, 204);
    assert_eq!(on_phone.closed_with().await, 4006);
    server.join_as(&laptop).await;
    let old = server.ask("POST", "/api/sign-in", None, sign_in).await;
    assert_eq!(old.body["error"], "wrong_password");
}

#[tokio::test]
async fn a_sign_in_link_signs_one_device_in_once() {
    let server = start_server().await;
    let laptop = server.member("Ann").await;
    let wrong = json!({"password": "battery staple"});
    let refused = server
        .ask("POST", "/api/sign-in-link", Some(&laptop), wrong)
        .await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (403, &json!("wrong_password"))
    );
    let proof = json!({"password": "correct horse"});
    let link = server
        .ask("POST", "/api/sign-in-link", Some(&laptop), proof)
        .await;
    let whose = async || {
        let path = "/api/sign-in-link/account";
        server.ask("POST", path, None, link.body.clone()).await
    };
    assert_eq!(whose().await.body["name"], "Ann", "and the link stays good");
    let phone = server.ask("POST", "/api/sign-in", None, link.body.clone()).await;
    assert_eq!(phone.body["account"]["name"], "Ann");
    assert_eq!(whose().await.body["error"], "link_expired");
    let again = server.ask("POST", "/api/sign-in", None, link.body.clone()).await;
    assert_eq!(
        (again.status, &again.body["error"]),
        (410, &json!("link_expired"))
    );
    let guest = server.ask("POST", "/api/sign-in-link", None, Value::Null).await;
    assert_eq!(guest.status, 401);
}

#[tokio::test]
async fn the_other_devices_are_notified_of_a_new_sign_in() {
    let server = start_server().await;
    let laptop = server.member("Ann").await;
    let mut on_laptop = server.join_as(&laptop).await;
    let mut bob = server.guest("bob").await;
    let sign_in = json!({"name": "Ann", "password": "correct horse"});
    let agent = "user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n";
    let phone = server.request("POST", "/api/sign-in", agent, sign_in).await;
    let told = on_laptop.until("SECURITY_NOTICE").await;
    assert_eq!(
        (&told["event"], &told["device"]),
        (&json!("signed_in"), &json!("Firefox · Linux"))
    );
    let mut on_phone = server
        .join_as(phone.body["token"].as_str().expect("a token"))
        .await;
    for client in [&mut on_phone, &mut bob] {
        let received = client.drain().await;
        assert!(
            received.iter().all(|it| it["code"] != "SECURITY_NOTICE"),
            "{received:?}"
        );
    }
}

#[tokio::test]
async fn signing_out_ends_the_session_and_clears_the_cookie() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    let cookie = server.cookie(&ann);
    let out = server
        .ask_as_page("POST", "/api/sign-out", Some(&cookie), Value::Null)
        .await;
    assert_eq!((out.status, out.cookie), (204, Some(server.cookie(""))));
    let gone = server
        .ask_as_page("GET", "/api/sessions", Some(&cookie), Value::Null)
        .await;
    assert_eq!(gone.status, 401);
}

#[tokio::test]
async fn a_member_can_change_their_name_and_avatar_and_all_users_see_it() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    let (mut on_laptop, mut bob) = (server.join_as(&ann).await, server.guest("bob").await);
    on_laptop.drain().await;
    bob.drain().await;
    let profile = json!({"name": "Anna", "avatar": "emoji:1:🐙"});
    let shown = server.ask("PUT", "/api/account", Some(&ann), profile).await;
    assert_eq!(shown.body["account"]["name"], "Anna");
    for client in [&mut on_laptop, &mut bob] {
        let roster = client.until("SAVE_USER_INFO").await;
        let people = roster["chatUsers"].as_array().expect("all of them");
        assert!(
            people
                .iter()
                .any(|it| it["name"] == "Anna" && it["avatar"] == "emoji:1:🐙")
        );
    }
    on_laptop.post("1", "hello").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["name"], "Anna");
    // The old name is free again.
    assert_eq!(
        server.join(json!({"name": "Ann"})).await.welcome["you"]["name"],
        "Ann"
    );
}

/// B12: an emoji avatar has exactly one emoji.
#[tokio::test]
async fn a_members_avatar_is_one_emoji_or_two_letters() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    for bad in ["emoji:1:F*CK", "emoji:1:words", "emoji:1:🦊🦊", "🦊", "x"] {
        let profile = json!({"name": "Ann", "avatar": bad});
        let refused = server.ask("PUT", "/api/account", Some(&ann), profile).await;
        assert_eq!(refused.body["error"], "bad_avatar", "{bad}");
        let account = json!({"name": "Eve", "avatar": bad, "password": "correct horse"});
        let refused = server.ask("POST", "/api/account", None, account).await;
        assert_eq!(refused.body["error"], "bad_avatar", "{bad}");
    }
    for good in ["emoji:1:👩‍🚀", "emoji:0:AB", "emoji:2:❤"] {
        let profile = json!({"name": "Ann", "avatar": good});
        let shown = server.ask("PUT", "/api/account", Some(&ann), profile).await;
        assert_eq!(shown.body["account"]["avatar"], good);
    }
}

/// B12: an unknown avatar does not prevent the simplest client from joining.
#[tokio::test]
async fn a_guest_can_join_with_any_avatar() {
    let server = start_server().await;
    let fox = server
        .join(json!({"name": "a", "chatId": "a", "avatar": "🦊"}))
        .await;
    let fox = fox.welcome["you"]["avatar"]
        .as_str()
        .expect("an avatar")
        .to_owned();
    assert!(fox.starts_with("emoji:") && fox.ends_with(":🦊"), "{fox}");
    let none = server.join(json!({"name": "b", "chatId": "b"})).await;
    drop(none.socket);
    for unknown in ["http://x/y.png", "emoji:1:F*CK", "", "picture:x", "🦊🦊"] {
        let hello = json!({"name": "b", "chatId": "b-x", "avatar": unknown});
        let guest = server.join(hello).await;
        let avatar = guest.welcome["you"]["avatar"].as_str().expect("an avatar");
        assert!(avatar.starts_with("face:"), "{unknown}: {avatar}");
        let mut guest = guest;
        guest.send(json!({"code": "CLOSE_CONNECTION"})).await;
        assert_eq!(guest.closed_with().await, 1000);
    }
}

/// B12: a chosen id does not come first on the join screen.
#[tokio::test]
async fn the_join_screen_shows_members_first_and_nobody_can_choose_to_be_shown() {
    let server = start_server().await;
    let mut here = Vec::new();
    for n in 0..5 {
        here.push(server.guest(&format!("-{n}")).await);
    }
    for name in ["Mia", "Mo"] {
        let token = server.member(name).await;
        here.push(server.join_as(&token).await);
    }
    for n in 0..30 {
        here.push(server.guest(&format!("guest-{n}")).await);
    }
    let faces = async || server.ask("GET", "/api/server", None, Value::Null).await.body["faces"].clone();
    let seen = faces().await;
    let names: Vec<_> = (seen.as_array().expect("a list").iter())
        .map(|it| it["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(names.len(), 5);
    let mut members = names[..2].to_vec();
    members.sort();
    assert_eq!(members, ["Mia", "Mo"]);
    assert_eq!(faces().await, seen, "the same on the next request");
}

#[tokio::test]
async fn registering_closes_the_connections_of_the_earlier_guest() {
    let server = start_server().await;
    let mut guest = server.guest("ann").await;
    let token = guest.welcome["you"]["token"]
        .as_str()
        .expect("a proof")
        .to_owned();
    let bearer = format!("ann.{token}");
    let account = json!({"name": "Ann", "password": "correct horse"});
    let kept = server.ask("POST", "/api/account", Some(&bearer), account).await;
    assert_eq!(kept.body["chatId"], "ann");
    assert_eq!(guest.closed_with().await, 4006);
    let mut thief = server.open_socket().await;
    for (hello, error) in [
        (
            json!({"name": "x", "chatId": "ann", "token": token}),
            "session_ended",
        ),
        (json!({"name": "x", "chatId": "ann"}), "chat_id_taken"),
    ] {
        thief.hello(hello).await;
        assert_eq!(thief.until("ERROR").await["error"], error);
    }
}

#[tokio::test]
async fn a_rejected_id_does_not_give_access_to_its_rooms() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    let open = json!({"code": "CREATE_ROOM", "room": "0190a1b2-2222-7000-8000-000000000000", "name": "den"});
    ann.send(open).await;
    ann.until("ROOM").await;
    let token = ann.welcome["you"]["token"].clone();
    ann.send(json!({"code": "CLOSE_CONNECTION"})).await;
    assert_eq!(ann.closed_with().await, 1000);
    let mut eve = server.open_socket().await;
    eve.hello(json!({"name": "ann", "chatId": "ann"})).await;
    assert_eq!(eve.until("ERROR").await["error"], "chat_id_taken");
    let ann = server
        .join(json!({"name": "ann", "chatId": "ann", "token": token}))
        .await;
    assert_eq!(ann.welcome["rooms"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_write_with_a_cookie_but_without_an_origin_is_refused() {
    let server = start_server_with(|_| {}).await;
    let ann = server.member("Ann").await;
    let refused = server
        .request(
            "POST",
            "/api/sign-out",
            &format!("cookie: {}\r\n", server.cookie(&ann)),
            Value::Null,
        )
        .await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (403, &json!("forbidden_origin"))
    );
    let elsewhere = format!(
        "origin: https://evil.example\r\ncookie: {}\r\n",
        server.cookie(&ann)
    );
    let refused = server
        .request("POST", "/api/sign-out", &elsewhere, Value::Null)
        .await;
    assert_eq!(refused.status, 403);
}

#[tokio::test]
async fn malformed_registrations_are_refused() {
    let server = start_server().await;
    for (body, error) in [
        (json!({"name": "Ann"}), "bad_frame"),
        (json!({"name": "Ann", "password": "short"}), "bad_password"),
        (json!({"name": " ", "password": "correct horse"}), "name_empty"),
        (
            json!({"name": "Ann", "password": "correct horse", "avatar": "x"}),
            "bad_avatar",
        ),
        (
            json!({"name": "Ann", "password": "correct horse", "owner": "guess"}),
            "link_expired",
        ),
        (
            json!({"name": "Ann", "password": "correct horse", "invite": "guess"}),
            "link_expired",
        ),
        (json!("x".repeat(70_000)), "too_large"),
    ] {
        let refused = server.ask("POST", "/api/account", None, body).await;
        assert_eq!(refused.body["error"], error);
    }
    server.member("Ann").await;
}
