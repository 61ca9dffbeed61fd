//! The access rules, and each permission for each role.

use serde_json::{Value, json};
use snug::server::Server;

use crate::support::{Client, TestServer, config, credential, start_server, texts};

/// A credential for each role, the lowest first; all but the guest have an account.
async fn one_of_each(server: &TestServer) -> [String; 4] {
    let owner = server.owner("Olga").await;
    let moderator = server.member("Mo").await;
    let appointed = set_role(server, &owner, &moderator, "moderator").await;
    assert_eq!(appointed, 204);
    let guest = server.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let guest = credential(&cookie).to_owned();
    [guest, server.member("Mia").await, moderator, owner]
}

async fn id(server: &TestServer, proof: &str) -> Value {
    let session = server.ask("POST", "/api/session", Some(proof), Value::Null).await;
    session.body["chatId"].clone()
}

async fn moderate(server: &TestServer, proof: &str, act: Value) -> (u16, Value) {
    let answer = server.ask("POST", "/api/moderation", Some(proof), act).await;
    (answer.status, answer.body["error"].clone())
}

async fn set_role(server: &TestServer, by: &str, whom: &str, role: &str) -> u16 {
    let person = id(server, whom).await;
    moderate(
        server,
        by,
        json!({"action": "set_role", "chatId": person, "role": role}),
    )
    .await
    .0
}

#[tokio::test]
async fn the_owner_link_works_once() {
    let server = start_server().await;
    let stale = server.inner.owner_link().expect("nobody owns it");
    let link = server.inner.owner_link().expect("nobody owns it");
    let account_body = |link: &str, name: &str| {
        let secret = link.split("#owner=").nth(1).expect("a secret");
        json!({"name": name, "password": "correct horse", "owner": secret})
    };
    for (link, name, status) in [(&stale, "Eve", 410), (&link, "Olga", 200), (&link, "Eve", 410)] {
        let answer = server
            .ask("POST", "/api/account", None, account_body(link, name))
            .await;
        assert_eq!(answer.status, status, "{name}");
    }
    assert_eq!(server.inner.owner_link(), None);
    assert_eq!(server.restarted().await.inner.owner_link(), None);
}

#[tokio::test]
async fn each_role_has_its_permissions() {
    let server = start_server().await;
    let roles = one_of_each(&server).await;
    let target = id(&server, &server.member("Tom").await).await;
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
            let (status, error) = moderate(&server, proof, wanted.clone()).await;
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
            let answer = server.ask(method, path, Some(proof), body).await;
            let status = if role >= least { 200 } else { 403 };
            assert_eq!(answer.status, status, "{method} {path} by {role}");
        }
        assert_eq!(
            server.ask(method, path, None, Value::Null).await.status,
            401,
            "{path}"
        );
    }
    assert_eq!(
        server
            .ask("POST", "/api/moderation", None, acts[0].0.clone())
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn nobody_can_moderate_a_user_of_the_same_or_a_higher_role() {
    let server = start_server().await;
    let [_, member, moderator, owner] = one_of_each(&server).await;
    let (other, olga) = (id(&server, &moderator).await, id(&server, &owner).await);
    let mute = |person: &Value| json!({"action": "mute", "chatId": person, "minutes": 1});
    let refused = (403, json!("not_allowed"));
    assert_eq!(moderate(&server, &moderator, mute(&olga)).await, refused);
    assert_eq!(moderate(&server, &moderator, mute(&other)).await, refused);
    assert_eq!(moderate(&server, &owner, mute(&olga)).await, refused);
    assert_eq!(moderate(&server, &owner, mute(&other)).await.0, 204);
    assert_eq!(
        moderate(&server, &owner, mute(&json!("nobody"))).await,
        (404, json!("not_found"))
    );
    let alone = moderate(
        &server,
        &owner,
        json!({"action": "set_role", "chatId": olga, "role": "member"}),
    )
    .await;
    assert_eq!(alone, (409, json!("last_owner")));
    assert_eq!(set_role(&server, &owner, &member, "owner").await, 204);
    assert_eq!(set_role(&server, &owner, &owner, "member").await, 204);
    assert_eq!(set_role(&server, &owner, &member, "member").await, 403);
}

fn assert_muted_for_an_hour(ms: &Value) {
    let ms = ms.as_u64().expect("a number");
    assert!((3_500_000..=3_600_000).contains(&ms), "{ms}");
}

#[tokio::test]
async fn a_muted_user_receives_messages_and_cannot_post() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let (mut olga, mut bob) = (server.join_as(&owner).await, server.guest("bob").await);
    let mute = |minutes| json!({"action": "mute", "chatId": "bob", "minutes": minutes});
    moderate(&server, &owner, mute(60)).await;
    assert_muted_for_an_hour(&bob.until("MUTED").await["for"]);
    bob.post("1", "psst").await;
    let refused = bob.until("ERROR").await;
    // An automatic retry would be posted when the mute ends.
    assert_eq!(
        (&refused["error"], &refused["retry"]),
        (&json!("muted"), &json!(false))
    );
    let proof = json!({"chatId": bob.id(), "name": "bob", "token": bob.welcome["you"]["token"]});
    let elsewhere = server.join(proof).await;
    assert_muted_for_an_hour(&elsewhere.welcome["you"]["mutedFor"]);
    olga.post("1", "quiet now").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["text"], "quiet now");
    moderate(&server, &owner, mute(0)).await;
    assert_eq!(bob.until("MUTED").await["for"], 0);
    bob.post("1", "thanks").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["text"], "thanks");
}

#[tokio::test]
async fn a_banned_user_receives_nothing_more() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let (mut olga, bob) = (server.join_as(&owner).await, server.member("Bob").await);
    let mut on_two = [server.join_as(&bob).await, server.join_as(&bob).await];
    for client in &mut on_two {
        client.drain().await;
    }
    let person = on_two[0].id().to_owned();
    let out = json!({"action": "ban", "chatId": person, "minutes": 60});
    assert_eq!(moderate(&server, &owner, out).await.0, 204);
    olga.post("1", "psst").await;
    olga.until("RECEIVE_MESSAGE").await;
    for client in &mut on_two {
        let received = received_until_close(client).await;
        assert!(texts(&received).is_empty(), "{received:?}");
    }
    let mut back = server.open_socket().await;
    back.hello(json!({"name": "Bob", "token": bob})).await;
    assert_eq!(back.until("ERROR").await["error"], "banned");
    assert_eq!(back.closed_with().await, 4007);
    for (method, path) in [
        ("GET", "/api/rooms?search="),
        ("GET", "/api/rooms/lobby/messages?before=9"),
    ] {
        let refused = server.ask(method, path, Some(&bob), Value::Null).await;
        assert_eq!((refused.status, &refused.body["error"]), (403, &json!("banned")));
    }
    let sign_in = json!({"name": "Bob", "password": "correct horse"});
    let refused = server.ask("POST", "/api/sign-in", None, sign_in).await;
    assert_eq!(refused.body["error"], "banned");
    let server = server.restarted().await;
    let mut back = server.open_socket().await;
    back.hello(json!({"name": "Bob", "token": bob})).await;
    assert_eq!(back.until("ERROR").await["error"], "banned");
    let let_in = json!({"action": "unban", "chatId": person});
    assert_eq!(moderate(&server, &owner, let_in).await.0, 204);
    server.join_as(&bob).await;
}

async fn received_until_close(client: &mut Client) -> Vec<Value> {
    let mut received = Vec::new();
    while let Some(frame) = client.next().await {
        received.push(frame);
    }
    received
}

#[tokio::test]
async fn a_ban_by_network_covers_guests_of_the_same_address_but_not_members() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = || {
        let mut config = config(folder.path());
        config.trusted_proxy = vec!["127.0.0.1/32".parse().expect("a network")];
        config
    };
    let inner = Server::start(&settings()).await.expect("it starts");
    let server = TestServer {
        inner,
        folder: tempfile::tempdir().expect("a folder"),
    };
    let owner = server.owner("Olga").await;
    let mia = server.member("Mia").await;
    let mut mia = server.join_as(&mia).await;
    let enters = async |server: &TestServer, name: &str| {
        let mut client = server
            .connect(&[("x-forwarded-for", "192.0.2.7")])
            .await
            .expect("it shakes hands");
        client.hello(json!({"name": name, "chatId": name})).await;
        let received = client.until_one_of(&["WELCOME", "ERROR"]).await;
        (client, received["error"].clone())
    };
    let ((mut bob, _), (mut cem, _)) = (enters(&server, "bob").await, enters(&server, "cem").await);
    let out = json!({"action": "ban", "chatId": "bob", "minutes": 60, "address": true});
    assert_eq!(moderate(&server, &owner, out).await.0, 204);
    assert_eq!(bob.closed_with().await, 4007);
    assert_eq!(cem.closed_with().await, 4007);
    mia.drain().await;
    let TestServer { inner, folder: other } = server;
    inner.drain().await;
    let inner = Server::start(&settings()).await.expect("it starts");
    let server = TestServer { inner, folder: other };
    assert_eq!(enters(&server, "dan").await.1, "banned");
    moderate(&server, &owner, json!({"action": "unban", "chatId": "bob"})).await;
    assert_eq!(enters(&server, "dan").await.1, Value::Null);
}

#[tokio::test]
async fn an_invite_admits_as_many_users_as_it_says() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let mut early = server.guest("early").await;
    let rules = |join_policy| json!({"action": "set_rules", "rules": {"joinPolicy": join_policy, "roomCreationRole": "guest"}});
    assert_eq!(moderate(&server, &owner, rules("invited")).await.0, 204);
    assert_eq!(early.closed_with().await, 4007, "they have no invite");
    let made = server
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
        let guest = server.ask("POST", "/api/session", None, Value::Null).await;
        let cookie = guest.cookie.expect("a cookie");
        guests.push(credential(&cookie).to_owned());
    }
    let enters = async |guest: &str| {
        let (id, token) = guest.rsplit_once('.').expect("an id and its proof");
        let mut client = server.open_socket().await;
        client
            .hello(json!({"name": "guest", "chatId": id, "token": token}))
            .await;
        client.until_one_of(&["WELCOME", "ERROR"]).await
    };
    assert_eq!(enters(&guests[0]).await["error"], "invite_required");
    for status in [200, 200] {
        let taken = server
            .ask("POST", "/api/invites/redeem", Some(&guests[0]), secret.clone())
            .await;
        assert_eq!(
            taken.status, status,
            "redeeming twice is no error: {}",
            taken.body
        );
    }
    assert_eq!(enters(&guests[0]).await["code"], "WELCOME");
    let spent = server
        .ask("POST", "/api/invites/redeem", Some(&guests[1]), secret.clone())
        .await;
    assert_eq!(spent.body["error"], "link_expired");
    assert_eq!(enters(&guests[1]).await["error"], "invite_required");
    // Stricter rules apply also to guests who were admitted before.
    assert_eq!(moderate(&server, &owner, rules("members")).await.0, 204);
    assert_eq!(enters(&guests[0]).await["error"], "members_only");
    let account = json!({"name": "Guest", "password": "correct horse"});
    let kept = server
        .ask("POST", "/api/account", Some(&guests[0]), account)
        .await;
    assert_eq!(kept.status, 200, "an invite allows registering");
    let account = json!({"name": "Other", "password": "correct horse"});
    let refused = server
        .ask("POST", "/api/account", Some(&guests[1]), account)
        .await;
    assert_eq!(refused.body["error"], "invite_required");
}

#[tokio::test]
async fn a_guest_who_redeems_an_invite_is_in_the_audit_log_under_their_current_name() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let secret = server
        .ask("POST", "/api/invites", Some(&owner), json!({}))
        .await
        .body;
    let guest = server.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let proof = credential(&cookie);
    let taken = server
        .ask("POST", "/api/invites/redeem", Some(proof), secret)
        .await;
    assert_eq!(taken.status, 200);
    let (person, token) = proof.rsplit_once('.').expect("an id and its proof");
    let mut client = server.open_socket().await;
    client
        .hello(json!({"name": "Greta", "chatId": person, "token": token}))
        .await;
    client.until("WELCOME").await;
    let mute = json!({"action": "mute", "chatId": person, "minutes": 10});
    assert_eq!(moderate(&server, &owner, mute).await.0, 204);
    let record = server
        .ask("GET", "/api/audit-log", Some(&owner), Value::Null)
        .await;
    assert_eq!(record.body[0]["target"], "Greta");
    let known = server.ask("GET", "/api/users", Some(&owner), Value::Null).await;
    assert_eq!(known.body[1]["name"], "Greta");
}

#[tokio::test]
async fn a_revoked_invite_no_longer_works() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let made = server.ask("POST", "/api/invites", Some(&owner), json!({})).await;
    let list = server.ask("GET", "/api/invites", Some(&owner), Value::Null).await;
    assert!(
        !list
            .body
            .to_string()
            .contains(made.body["secret"].as_str().expect("it"))
    );
    let path = format!("/api/invites/{}", list.body[0]["id"].as_str().expect("an id"));
    assert_eq!(
        server
            .ask("DELETE", &path, Some(&owner), Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        server
            .ask("DELETE", &path, Some(&owner), Value::Null)
            .await
            .status,
        404
    );
    let account = json!({"name": "Bob", "password": "correct horse", "invite": made.body["secret"]});
    let refused = server.ask("POST", "/api/account", None, account).await;
    assert_eq!(refused.body["error"], "link_expired");
}

#[tokio::test]
async fn the_rules_say_which_roles_can_open_rooms() {
    let server = start_server().await;
    let roles = one_of_each(&server).await;
    let owner = &roles[3];
    let rules =
        json!({"action": "set_rules", "rules": {"joinPolicy": "anyone", "roomCreationRole": "moderator"}});
    assert_eq!(moderate(&server, owner, rules).await.0, 204);
    for (role, proof) in roles.iter().enumerate().skip(1) {
        let mut client = server.join_as(proof).await;
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
async fn slow_mode_applies_to_users_but_not_to_moderators() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let slow = json!({"action": "set_slow_mode", "room": "lobby", "seconds": 3600});
    assert_eq!(moderate(&server, &owner, slow).await.0, 204);
    let mut bob = server.guest("bob").await;
    bob.post("1", "one").await;
    bob.until("RECEIVE_MESSAGE").await;
    bob.post("2", "two").await;
    assert_eq!(bob.until("ERROR").await["error"], "slow_mode");
    // A retry is not a second message.
    bob.post("1", "one").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["n"], 1);
    let mut olga = server.join_as(&owner).await;
    for key in ["1", "2"] {
        olga.post(key, "as I like").await;
        olga.until("RECEIVE_MESSAGE").await;
    }
}

#[tokio::test]
async fn the_audit_log_has_all_actions_in_order() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    server.guest("bob").await;
    let bob = server.guest("bob2").await;
    for wanted in [
        json!({"action": "mute", "chatId": bob.id(), "minutes": 5}),
        json!({"action": "set_slow_mode", "room": "lobby", "seconds": 5}),
    ] {
        assert_eq!(moderate(&server, &owner, wanted).await.0, 204);
    }
    let record = server
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
    let before = server
        .ask("GET", "/api/audit-log?before=2", Some(&owner), Value::Null)
        .await;
    assert_eq!(before.body.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_user_who_joins_while_their_role_changes_is_told_the_new_one() {
    let server = start_server().await;
    let (olga, bob) = (server.owner("Olga").await, server.member("Bob").await);
    let person = id(&server, &bob).await;
    for turn in 0..40 {
        let role = ["moderator", "member"][turn % 2];
        let change = json!({"action": "set_role", "chatId": person, "role": role});
        let (changed, mut client) = tokio::join!(moderate(&server, &olga, change), server.join_as(&bob));
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
