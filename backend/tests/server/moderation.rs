//! The access rules, and who may do what: each permission from each role.

use serde_json::{Value, json};
use snug::server::Server;

use crate::support::{Client, Place, config, credential, place, texts};

/// What proves somebody of each role, from the smallest; all but the guest keep a name.
async fn one_of_each(place: &Place) -> [String; 4] {
    let owner = place.owner("Olga").await;
    let moderator = place.member("Mo").await;
    let appointed = appoint(place, &owner, &moderator, "moderator").await;
    assert_eq!(appointed, 204);
    let guest = place.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let guest = credential(&cookie).to_owned();
    [guest, place.member("Mia").await, moderator, owner]
}

async fn id(place: &Place, proof: &str) -> Value {
    let session = place.ask("POST", "/api/session", Some(proof), Value::Null).await;
    session.body["chatId"].clone()
}

async fn act(place: &Place, proof: &str, act: Value) -> (u16, Value) {
    let answer = place.ask("POST", "/api/moderation", Some(proof), act).await;
    (answer.status, answer.body["error"].clone())
}

async fn appoint(place: &Place, by: &str, whom: &str, role: &str) -> u16 {
    let person = id(place, whom).await;
    act(
        place,
        by,
        json!({"action": "set_role", "chatId": person, "role": role}),
    )
    .await
    .0
}

#[tokio::test]
async fn the_owners_link_is_good_once() {
    let place = place().await;
    let stale = place.server.owner_link().expect("nobody owns it");
    let link = place.server.owner_link().expect("nobody owns it");
    let found = |link: &str, name: &str| {
        let secret = link.split("#owner=").nth(1).expect("a secret");
        json!({"name": name, "password": "correct horse", "owner": secret})
    };
    for (link, name, status) in [(&stale, "Eve", 410), (&link, "Olga", 200), (&link, "Eve", 410)] {
        let answer = place.ask("POST", "/api/account", None, found(link, name)).await;
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(place.server.owner_link(), None);
    assert_eq!(place.restarted().await.server.owner_link(), None);
}

#[tokio::test]
async fn each_role_may_what_it_may() {
    let place = place().await;
    let roles = one_of_each(&place).await;
    let target = id(&place, &place.member("Tom").await).await;
    let lobby = "lobby";
    let acts = [
        (json!({"action": "mute", "chatId": target, "minutes": 5}), 2),
        (json!({"action": "mute", "chatId": target, "minutes": 0}), 2),
        (json!({"action": "ban", "chatId": target, "minutes": 5}), 2),
        (json!({"action": "unban", "chatId": target}), 2),
        (json!({"action": "set_slow_mode", "room": lobby, "seconds": 0}), 2),
        (
            json!({"action": "set_role", "chatId": target, "role": "member"}),
            3,
        ),
        (
            json!({"action": "set_rules", "rules": {"joinPolicy": "anyone", "roomCreationRole": "guest"}}),
            3,
        ),
    ];
    for (wanted, least) in &acts {
        for (role, proof) in roles.iter().enumerate() {
            let (status, error) = act(&place, proof, wanted.clone()).await;
            if role >= *least {
                assert_eq!(status, 204, "{wanted} by {role}: {error}");
            } else {
                assert_eq!((status, error), (403, json!("not_allowed")), "{wanted} by {role}");
            }
        }
    }
    for (method, path, least) in [
        ("GET", "/api/sessions", 1),
        ("POST", "/api/sign-in-link", 1),
        ("GET", "/api/users", 2),
        ("GET", "/api/invites", 2),
        ("POST", "/api/invites", 2),
        ("GET", "/api/audit-log", 3),
    ] {
        for (role, proof) in roles.iter().enumerate() {
            let body = match (method, path) {
                ("POST", "/api/invites") => json!({}),
                (_, "/api/sign-in-link") => json!({"password": "correct horse"}),
                _ => Value::Null,
            };
            let answer = place.ask(method, path, Some(proof), body).await;
            let status = if role >= least { 200 } else { 403 };
            assert_eq!(answer.status, status, "{method} {path} by {role}");
        }
        assert_eq!(
            place.ask(method, path, None, Value::Null).await.status,
            401,
            "{path}"
        );
    }
    assert_eq!(
        place
            .ask("POST", "/api/moderation", None, acts[0].0.clone())
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn nobody_deals_with_whom_they_are_not_greater_than() {
    let place = place().await;
    let [_, member, moderator, owner] = one_of_each(&place).await;
    let (other, olga) = (id(&place, &moderator).await, id(&place, &owner).await);
    let mute = |person: &Value| json!({"action": "mute", "chatId": person, "minutes": 1});
    let refused = (403, json!("not_allowed"));
    assert_eq!(act(&place, &moderator, mute(&olga)).await, refused);
    assert_eq!(act(&place, &moderator, mute(&other)).await, refused);
    assert_eq!(act(&place, &owner, mute(&olga)).await, refused);
    assert_eq!(act(&place, &owner, mute(&other)).await.0, 204);
    assert_eq!(
        act(&place, &owner, mute(&json!("nobody"))).await,
        (404, json!("not_found"))
    );
    let alone = act(
        &place,
        &owner,
        json!({"action": "set_role", "chatId": olga, "role": "member"}),
    )
    .await;
    assert_eq!(alone, (409, json!("last_owner")));
    assert_eq!(appoint(&place, &owner, &member, "owner").await, 204);
    assert_eq!(appoint(&place, &owner, &owner, "member").await, 204);
    assert_eq!(appoint(&place, &owner, &member, "member").await, 403);
}

fn assert_muted_for_an_hour(ms: &Value) {
    let ms = ms.as_u64().expect("a number");
    assert!((3_500_000..=3_600_000).contains(&ms), "{ms}");
}

#[tokio::test]
async fn somebody_who_is_muted_hears_and_does_not_speak() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let (mut olga, mut bob) = (place.enter_as(&owner).await, place.person("bob").await);
    let mute = |minutes| json!({"action": "mute", "chatId": "bob", "minutes": minutes});
    act(&place, &owner, mute(60)).await;
    assert_muted_for_an_hour(&bob.until("MUTED").await["for"]);
    bob.say("1", "psst").await;
    let refused = bob.until("ERROR").await;
    // Sent again by itself, it would be posted when the mute ends.
    assert_eq!(
        (&refused["error"], &refused["retry"]),
        (&json!("muted"), &json!(false))
    );
    let proof = json!({"chatId": bob.id(), "name": "bob", "token": bob.welcome["you"]["token"]});
    let elsewhere = place.enter(proof).await;
    assert_muted_for_an_hour(&elsewhere.welcome["you"]["mutedFor"]);
    olga.say("1", "quiet now").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["text"], "quiet now");
    act(&place, &owner, mute(0)).await;
    assert_eq!(bob.until("MUTED").await["for"], 0);
    bob.say("1", "thanks").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["text"], "thanks");
}

#[tokio::test]
async fn someone_put_out_hears_nothing_more() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let (mut olga, bob) = (place.enter_as(&owner).await, place.member("Bob").await);
    let mut on_two = [place.enter_as(&bob).await, place.enter_as(&bob).await];
    for client in &mut on_two {
        client.drain().await;
    }
    let person = on_two[0].id().to_owned();
    let out = json!({"action": "ban", "chatId": person, "minutes": 60});
    assert_eq!(act(&place, &owner, out).await.0, 204);
    olga.say("1", "psst").await;
    olga.until("RECEIVE_MESSAGE").await;
    for client in &mut on_two {
        let received = received_until_close(client).await;
        assert!(texts(&received).is_empty(), "{received:?}");
    }
    let mut back = place.stranger().await;
    back.hello(json!({"name": "Bob", "token": bob})).await;
    assert_eq!(back.until("ERROR").await["error"], "banned");
    assert_eq!(back.closed_with().await, 4007);
    for (method, path) in [
        ("GET", "/api/rooms?search="),
        ("GET", "/api/rooms/lobby/messages?before=9"),
    ] {
        let refused = place.ask(method, path, Some(&bob), Value::Null).await;
        assert_eq!((refused.status, &refused.body["error"]), (403, &json!("banned")));
    }
    let sign_in = json!({"name": "Bob", "password": "correct horse"});
    let refused = place.ask("POST", "/api/sign-in", None, sign_in).await;
    assert_eq!(refused.body["error"], "banned");
    let place = place.restarted().await;
    let mut back = place.stranger().await;
    back.hello(json!({"name": "Bob", "token": bob})).await;
    assert_eq!(back.until("ERROR").await["error"], "banned");
    let let_in = json!({"action": "unban", "chatId": person});
    assert_eq!(act(&place, &owner, let_in).await.0, 204);
    place.enter_as(&bob).await;
}

async fn received_until_close(client: &mut Client) -> Vec<Value> {
    let mut received = Vec::new();
    while let Some(frame) = client.next().await {
        received.push(frame);
    }
    received
}

#[tokio::test]
async fn guests_from_the_same_address_stay_out_too_if_it_is_wanted_and_members_do_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = || {
        let mut config = config(folder.path());
        config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
        config
    };
    let server = Server::start(&settings()).await.expect("it starts");
    let place = Place {
        server,
        folder: tempfile::tempdir().expect("a folder"),
    };
    let owner = place.owner("Olga").await;
    let mia = place.member("Mia").await;
    let mut mia = place.enter_as(&mia).await;
    let enters = async |place: &Place, name: &str| {
        let mut client = place
            .connect(&[("x-forwarded-for", "192.0.2.7")])
            .await
            .expect("it shakes hands");
        client.hello(json!({"name": name, "chatId": name})).await;
        let received = client.until_one_of(&["WELCOME", "ERROR"]).await;
        (client, received["error"].clone())
    };
    let ((mut bob, _), (mut cem, _)) = (enters(&place, "bob").await, enters(&place, "cem").await);
    let out = json!({"action": "ban", "chatId": "bob", "minutes": 60, "address": true});
    assert_eq!(act(&place, &owner, out).await.0, 204);
    assert_eq!(bob.closed_with().await, 4007);
    assert_eq!(cem.closed_with().await, 4007);
    mia.drain().await;
    let Place {
        server,
        folder: other,
    } = place;
    server.drain().await;
    let server = Server::start(&settings()).await.expect("it starts");
    let place = Place {
        server,
        folder: other,
    };
    assert_eq!(enters(&place, "dan").await.1, "banned");
    act(&place, &owner, json!({"action": "unban", "chatId": "bob"})).await;
    assert_eq!(enters(&place, "dan").await.1, Value::Null);
}

#[tokio::test]
async fn an_invitation_lets_in_as_many_as_it_says() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let mut early = place.person("early").await;
    let rules = |join_policy| json!({"action": "set_rules", "rules": {"joinPolicy": join_policy, "roomCreationRole": "guest"}});
    assert_eq!(act(&place, &owner, rules("invited")).await.0, 204);
    assert_eq!(early.closed_with().await, 4007, "nobody invited them");
    let made = place
        .ask(
            "POST",
            "/api/invites",
            Some(&owner),
            json!({"uses": 1, "hours": 1}),
        )
        .await;
    let secret = made.body;
    let mut guests = Vec::new();
    for _ in 0..2 {
        let guest = place.ask("POST", "/api/session", None, Value::Null).await;
        let cookie = guest.cookie.expect("a cookie");
        guests.push(credential(&cookie).to_owned());
    }
    let enters = async |guest: &str| {
        let (id, token) = guest.rsplit_once('.').expect("an id and its proof");
        let mut client = place.stranger().await;
        client
            .hello(json!({"name": "guest", "chatId": id, "token": token}))
            .await;
        client.until_one_of(&["WELCOME", "ERROR"]).await
    };
    assert_eq!(enters(&guests[0]).await["error"], "invite_required");
    for status in [200, 200] {
        let taken = place
            .ask("POST", "/api/invites/redeem", Some(&guests[0]), secret.clone())
            .await;
        assert_eq!(taken.status, status, "once and for all: {}", taken.body);
    }
    assert_eq!(enters(&guests[0]).await["code"], "WELCOME");
    let spent = place
        .ask("POST", "/api/invites/redeem", Some(&guests[1]), secret.clone())
        .await;
    assert_eq!(spent.body["error"], "link_expired");
    assert_eq!(enters(&guests[1]).await["error"], "invite_required");
    // The rules are as strict as they were after a restart, and stricter when they are.
    assert_eq!(act(&place, &owner, rules("members")).await.0, 204);
    assert_eq!(enters(&guests[0]).await["error"], "members_only");
    let account = json!({"name": "Guest", "password": "correct horse"});
    let kept = place.ask("POST", "/api/account", Some(&guests[0]), account).await;
    assert_eq!(kept.status, 200, "an invitation is good for keeping a name");
    let account = json!({"name": "Other", "password": "correct horse"});
    let refused = place.ask("POST", "/api/account", Some(&guests[1]), account).await;
    assert_eq!(refused.body["error"], "invite_required");
}

#[tokio::test]
async fn a_guest_who_was_invited_is_recorded_under_the_name_they_go_by() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let secret = place
        .ask("POST", "/api/invites", Some(&owner), json!({}))
        .await
        .body;
    let guest = place.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let proof = credential(&cookie);
    let taken = place
        .ask("POST", "/api/invites/redeem", Some(proof), secret)
        .await;
    assert_eq!(taken.status, 200);
    let (person, token) = proof.rsplit_once('.').expect("an id and its proof");
    let mut client = place.stranger().await;
    client
        .hello(json!({"name": "Greta", "chatId": person, "token": token}))
        .await;
    client.until("WELCOME").await;
    let mute = json!({"action": "mute", "chatId": person, "minutes": 10});
    assert_eq!(act(&place, &owner, mute).await.0, 204);
    let record = place
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await;
    assert_eq!(record.body[0]["target"], "Greta");
    let known = place.ask("GET", "/api/users", Some(&owner), Value::Null).await;
    assert_eq!(known.body[1]["name"], "Greta");
}

#[tokio::test]
async fn a_withdrawn_invitation_is_good_no_more() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let made = place.ask("POST", "/api/invites", Some(&owner), json!({})).await;
    let list = place.ask("GET", "/api/invites", Some(&owner), Value::Null).await;
    assert!(
        !list
            .body
            .to_string()
            .contains(made.body["secret"].as_str().expect("it"))
    );
    let path = format!("/api/invites/{}", list.body[0]["id"].as_str().expect("an id"));
    assert_eq!(
        place.ask("DELETE", &path, Some(&owner), Value::Null).await.status,
        204
    );
    assert_eq!(
        place.ask("DELETE", &path, Some(&owner), Value::Null).await.status,
        404
    );
    let account = json!({"name": "Bob", "password": "correct horse", "invite": made.body["secret"]});
    let refused = place.ask("POST", "/api/account", None, account).await;
    assert_eq!(refused.body["error"], "link_expired");
}

#[tokio::test]
async fn rooms_are_opened_by_whom_the_rules_let() {
    let place = place().await;
    let roles = one_of_each(&place).await;
    let owner = &roles[3];
    let rules =
        json!({"action": "set_rules", "rules": {"joinPolicy": "anyone", "roomCreationRole": "moderator"}});
    assert_eq!(act(&place, owner, rules).await.0, 204);
    for (role, proof) in roles.iter().enumerate().skip(1) {
        let mut client = place.enter_as(proof).await;
        let room = format!("0190a1b2-2222-7000-8000-00000000000{role}");
        client
            .send(json!({"code": "CREATE_ROOM", "room": room, "name": format!("room-{role}")}))
            .await;
        let answer = client.until_one_of(&["ROOM", "ERROR"]).await;
        match role {
            1 => assert_eq!(answer["error"], "not_allowed"),
            _ => assert_eq!(answer["room"], room.as_str()),
        }
    }
}

#[tokio::test]
async fn in_a_slow_room_one_waits_and_moderators_do_not() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let slow = json!({"action": "set_slow_mode", "room": "lobby", "seconds": 3600});
    assert_eq!(act(&place, &owner, slow).await.0, 204);
    let mut bob = place.person("bob").await;
    bob.say("1", "one").await;
    bob.until("RECEIVE_MESSAGE").await;
    bob.say("2", "two").await;
    assert_eq!(bob.until("ERROR").await["error"], "slow_mode");
    // The same one again is not a second one.
    bob.say("1", "one").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["n"], 1);
    let mut olga = place.enter_as(&owner).await;
    for key in ["1", "2"] {
        olga.say(key, "as I like").await;
        olga.until("RECEIVE_MESSAGE").await;
    }
}

#[tokio::test]
async fn the_record_has_what_was_done_in_order() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    place.person("bob").await;
    let bob = place.person("bob2").await;
    for wanted in [
        json!({"action": "mute", "chatId": bob.id(), "minutes": 5}),
        json!({"action": "set_slow_mode", "room": "lobby", "seconds": 5}),
    ] {
        assert_eq!(act(&place, &owner, wanted).await.0, 204);
    }
    let record = place
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await;
    let acts: Vec<_> = record.body.as_array().expect("a list").clone();
    let told: Vec<_> = acts
        .iter()
        .map(|it| {
            (
                it["action"]["action"].as_str(),
                it["byName"].as_str(),
                it["target"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("set_slow_mode"), Some("Olga"), Some("lobby")),
            (Some("mute"), Some("Olga"), Some("bob2"))
        ]
    );
    let before = place
        .ask("GET", "/api/audit-log?before=2", Some(&owner), Value::Null)
        .await;
    assert_eq!(before.body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_user_who_joins_while_their_role_changes_is_told_the_new_one() {
    let place = place().await;
    let (olga, bob) = (place.owner("Olga").await, place.member("Bob").await);
    let person = id(&place, &bob).await;
    for turn in 0..40 {
        let role = ["moderator", "member"][turn % 2];
        let change = json!({"action": "set_role", "chatId": person, "role": role});
        let (changed, mut client) = tokio::join!(act(&place, &olga, change), place.enter_as(&bob));
        assert_eq!(changed.0, 204);
        let mut known = client.welcome["you"]["role"].clone();
        while known != role {
            let frame = client.next().await.expect("it comes");
            let people =
                ["chatUsers", "joined"].map(|list| frame[list].as_array().cloned().unwrap_or_default());
            let mut me = people.concat();
            me.retain(|it| it["chatId"] == person);
            if let Some(me) = me.last() {
                known = me["role"].clone();
            }
        }
        client.send(json!({"code": "CLOSE_CONNECTION"})).await;
        client.closed_with().await;
    }
}
