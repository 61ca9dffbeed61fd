//! Pushes, as a push service and a browser receive them.

mod quiet;
mod service;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use rusqlite::Connection;
use serde_json::{Value, json};
use snug::clock;
use tokio::{net::TcpListener, task::yield_now, time::timeout};

use self::service::{Browser, Post, Service};
use crate::{
    metrics::metrics,
    support::{Client, TIMEOUT, TestServer, start_server, start_server_with},
};

const DEN: &str = "0190a1b2-2222-7000-8000-000000000000";

/// Starts a server that may connect to the push service of a test.
async fn start_push_server() -> TestServer {
    start_server_with(|config| config.push_network = vec!["127.0.0.0/8".parse().expect("a network")]).await
}

async fn subscribe(server: &TestServer, proof: &str, browser: &Browser) {
    let answer = server
        .ask("POST", "/api/push", Some(proof), browser.subscription())
        .await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// A member with a subscribed browser, in the den too.
async fn subscribed_member(server: &TestServer, service: &Service, name: &str) -> (String, Browser) {
    let proof = server.member(name).await;
    let browser = Browser::at(&service.origin(), &format!("/{name}"));
    subscribe(server, &proof, &browser).await;
    join(server, &proof).await;
    (proof, browser)
}

/// Joins the den and disconnects.
async fn join(server: &TestServer, proof: &str) {
    let mut client = server.join_as(proof).await;
    client.send(json!({"code": "JOIN_ROOM", "room": DEN})).await;
    client.until("ROOM").await;
    disconnect(client).await;
}

/// Says goodbye, so that no grace applies.
async fn disconnect(mut client: Client) {
    client.send(json!({"code": "CLOSE_CONNECTION"})).await;
    assert_eq!(client.closed_with().await, 1000);
}

/// Ann, who has opened the den.
async fn ann(server: &TestServer) -> Client {
    let mut ann = server.guest("ann").await;
    ann.send(json!({"code": "CREATE_ROOM", "room": DEN, "name": "den"}))
        .await;
    ann.until("ROOM").await;
    ann
}

async fn post_in_the_den(client: &mut Client, key: &str, text: &str) {
    client
        .send(json!({"code": "RECEIVE_MESSAGE", "room": DEN, "key": key, "text": text}))
        .await;
}

/// Waits until this many browsers are stored.
async fn wait_for_subscriptions(server: &TestServer, browsers: usize) {
    let tables = Connection::open(server.folder.path().join("snug.db")).expect("a database");
    let count = || -> usize {
        let count = tables.query_row("SELECT count(*) FROM push_subscriptions", [], |row| row.get(0));
        count.expect("a number")
    };
    let settled = timeout(TIMEOUT, async {
        while count() != browsers {
            yield_now().await;
        }
    });
    settled.await.expect("they are so many");
}

/// Checks that the push is signed by this server, for this service and for a limited time (RFC 8292).
async fn assert_signed(server: &TestServer, service: &Service, post: &Post) {
    let asked = server.ask("GET", "/api/push/key", None, Value::Null).await;
    let key = asked.body["key"].as_str().expect("a key");
    let header = &post.headers["authorization"];
    let (token, named) = header
        .strip_prefix("vapid t=")
        .and_then(|it| it.split_once(", k="))
        .expect("a token and a key");
    assert_eq!(named, key);
    let (signed, signature) = token.rsplit_once('.').expect("a signature");
    let (head, claims) = signed.split_once('.').expect("a head and claims");
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("Base64");
    let json = |text: &str| -> Value { serde_json::from_slice(&bytes(text)).expect("JSON") };
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key))
        .verify(signed.as_bytes(), &bytes(signature))
        .expect("it is signed with that key");
    assert_eq!(json(head), json!({"typ": "JWT", "alg": "ES256"}));
    let claims = json(claims);
    assert_eq!(claims["aud"], service.origin());
    assert_eq!(claims["sub"], "https://localhost");
    let left = claims["exp"].as_i64().expect("a time") - clock::now().0 / 1_000;
    assert!((60..=24 * 60 * 60).contains(&left), "{left} s");
}

#[tokio::test]
async fn a_user_without_an_open_page_gets_a_push_that_only_their_browser_can_read() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (_, bob) = subscribed_member(&server, &service, "Bob").await;
    let long = "ü".repeat(300);
    post_in_the_den(&mut ann, "1", &long).await;
    let post = service.take().await;
    assert_eq!(post.path, "/Bob");
    assert_eq!(post.headers["ttl"], "86400");
    assert_eq!(post.headers["urgency"], "normal");
    assert_eq!(post.headers["topic"].len(), 32);
    assert_signed(&server, &service, &post).await;
    let shown = format!("{}…", "ü".repeat(200));
    assert_eq!(
        bob.open(&post),
        json!({"room": DEN, "roomName": "den", "direct": false, "n": 1, "name": "ann", "text": shown, "url": "rooms/den"})
    );
}

#[tokio::test]
async fn a_guest_gets_pushes_too() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let guest = server.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let browser = Browser::at(&service.origin(), "/guest");
    let subscribes = async || {
        let asked = server.ask_as_page("POST", "/api/push", Some(&cookie), browser.subscription());
        asked.await.status
    };
    assert_eq!(
        subscribes().await,
        401,
        "a cookie alone is no guest who has joined"
    );
    let origin = format!("http://{}", server.inner.address());
    let headers = [("cookie", cookie.as_str()), ("origin", &origin)];
    let mut guest = server.connect(&headers).await.expect("it shakes hands");
    guest.hello(json!({"name": "guest"})).await;
    guest.until("WELCOME").await;
    disconnect(guest).await;
    assert_eq!(subscribes().await, 204);
    ann.post("1", "hello").await;
    assert_eq!(browser.open(&service.take().await)["text"], "hello");
}

#[tokio::test]
async fn the_author_and_connected_users_get_no_push() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (eve, _) = subscribed_member(&server, &service, "Eve").await;
    let (carl, _) = subscribed_member(&server, &service, "Carl").await;
    subscribed_member(&server, &service, "Bob").await;
    let mut eve = server.join_as(&eve).await;
    let carl = server.join_as(&carl).await;
    eve.post("1", "psst").await;
    eve.until("RECEIVE_MESSAGE").await;
    disconnect(eve).await;
    assert_eq!(service.take().await.path, "/Bob");
    post_in_the_den(&mut ann, "1", "psst").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob", "/Eve"]);
    disconnect(carl).await;
}

#[tokio::test]
async fn a_subscription_that_has_ended_is_deleted() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    subscribed_member(&server, &service, "Bob").await;
    ann.post("1", "hello").await;
    assert_eq!(service.answer("410 Gone").await.path, "/Bob");
    wait_for_subscriptions(&server, 0).await;
    subscribed_member(&server, &service, "Carl").await;
    post_in_the_den(&mut ann, "2", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn a_deferred_push_is_retried_but_not_for_ever() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (_, bob) = subscribed_member(&server, &service, "Bob").await;
    ann.post("1", "hello").await;
    for status in ["500 Oh\r\nretry-after: 0", "429 Slowly\r\nretry-after: 0"] {
        service.answer(status).await;
    }
    assert_eq!(bob.open(&service.take().await)["text"], "hello");
    post_in_the_den(&mut ann, "2", "hello").await;
    for _ in 0..4 {
        service.answer("503 No\r\nretry-after: 0").await;
    }
    // The next push is for another message.
    let (_, carl) = subscribed_member(&server, &service, "Carl").await;
    ann.post("3", "are you there?").await;
    let post = service.take().await;
    assert_eq!(post.path, "/Carl");
    assert_eq!(carl.open(&post)["text"], "are you there?");
}

#[tokio::test]
async fn nobody_gets_a_push_for_a_room_that_they_may_not_read() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let owner = server.owner("Olga").await;
    let (out, _) = subscribed_member(&server, &service, "Out").await;
    let (gone, _) = subscribed_member(&server, &service, "Gone").await;
    let (left, _) = subscribed_member(&server, &service, "Left").await;
    let never = server.member("Never").await;
    subscribe(&server, &never, &Browser::at(&service.origin(), "/Never")).await;
    subscribed_member(&server, &service, "Bob").await;

    let session = server.ask("POST", "/api/session", Some(&out), Value::Null).await;
    let act = json!({"action": "ban", "chatId": session.body["chatId"], "minutes": 60});
    assert_eq!(
        server
            .ask("POST", "/api/moderation", Some(&owner), act)
            .await
            .status,
        204
    );
    let ended = server
        .ask("POST", "/api/sign-out", Some(&gone), Value::Null)
        .await;
    assert_eq!(ended.status, 204);
    let mut leaving = server.join_as(&left).await;
    leaving.send(json!({"code": "LEAVE_ROOM", "room": DEN})).await;
    leaving.until("LEFT_ROOM").await;
    disconnect(leaving).await;

    post_in_the_den(&mut ann, "1", "psst").await;
    assert_eq!(service.take().await.path, "/Bob");
    // Users who are not in the den are in the lobby.
    ann.post("2", "hello").await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(service.take().await.path);
    }
    told.sort();
    assert_eq!(told, ["/Bob", "/Left", "/Never"]);
    wait_for_subscriptions(&server, 4).await;
}

#[tokio::test]
async fn the_subscription_of_a_guest_is_void_when_they_register() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let guest = server.guest("bob").await;
    let token = guest.welcome["you"]["token"].as_str().expect("a proof");
    let proof = format!("bob.{token}");
    disconnect(guest).await;
    subscribe(&server, &proof, &Browser::at(&service.origin(), "/before")).await;
    let account = json!({"name": "Bob", "password": "correct horse"});
    let kept = server.ask("POST", "/api/account", Some(&proof), account).await;
    let proof = kept.body["token"].as_str().expect("a token");
    subscribe(&server, proof, &Browser::at(&service.origin(), "/after")).await;
    subscribed_member(&server, &service, "Carl").await;
    ann.post("1", "hello").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Carl", "/after"]);
    post_in_the_den(&mut ann, "2", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn a_browser_belongs_to_the_user_who_subscribed_last_until_they_unsubscribe() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (bob, _) = subscribed_member(&server, &service, "Bob").await;
    let (carl, _) = subscribed_member(&server, &service, "Carl").await;
    let theirs = json!({"endpoint": format!("{}/Carl", service.origin())});
    // Another user cannot end the subscription.
    let asked = server.ask("DELETE", "/api/push", Some(&bob), theirs.clone());
    assert_eq!(asked.await.status, 204);
    wait_for_subscriptions(&server, 2).await;
    // Carl signs in on Bob's browser.
    subscribe(&server, &carl, &Browser::at(&service.origin(), "/Bob")).await;
    let mut bob = server.join_as(&bob).await;
    bob.post("1", "I am elsewhere").await;
    bob.until("RECEIVE_MESSAGE").await;
    disconnect(bob).await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob", "/Carl"]);
    let asked = server.ask("DELETE", "/api/push", Some(&carl), theirs);
    assert_eq!(asked.await.status, 204);
    post_in_the_den(&mut ann, "1", "hello").await;
    assert_eq!(service.take().await.path, "/Bob");
}

/// A11: endpoints that accept connections and never answer blocked all pushes for minutes.
#[tokio::test]
async fn a_push_service_that_never_answers_does_not_delay_others() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let tarpit = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let origin = format!("http://{}", tarpit.local_addr().expect("an address"));
    let mut ann = ann(&server).await;
    for n in 0..8 {
        let guest = server.guest(&format!("eve-{n}")).await;
        let token = guest.welcome["you"]["token"]
            .as_str()
            .expect("a proof")
            .to_owned();
        let proof = format!("{}.{token}", guest.id());
        for k in 0..10 {
            subscribe(&server, &proof, &Browser::at(&origin, &format!("/{n}-{k}"))).await;
        }
        disconnect(guest).await;
    }
    ann.post("1", "hello").await;
    // The pushes are in flight, at the limit, and hold their connections.
    let mut held = Vec::new();
    for _ in 0..2 {
        let came = timeout(TIMEOUT, tarpit.accept()).await.expect("somebody comes");
        held.push(came.expect("a socket"));
    }
    subscribed_member(&server, &service, "Bob").await;
    ann.post("2", "hello").await;
    assert_eq!(service.take().await.path, "/Bob");
    tokio::select! {
        biased;
        _ = tarpit.accept() => panic!("too many connections"),
        () = yield_now() => {}
    }
}

#[tokio::test]
async fn only_a_valid_endpoint_of_a_push_service_is_accepted() {
    let server = start_push_server().await;
    let bob = server.member("Bob").await;
    let good = Browser::at("https://push.example", "/a").subscription();
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(field).expect("a field") = value;
        bad
    };
    let ask = async |proof, body| server.ask("POST", "/api/push", proof, body).await;
    assert_eq!(ask(Some(&*bob), good.clone()).await.status, 204);
    assert_eq!(ask(None, good.clone()).await.status, 401);
    for bad in [
        with("/endpoint", json!("ftp://push.example/a")),
        with("/endpoint", json!("https://10.0.0.1/a")),
        with("/endpoint", json!("http://[::1]/a")),
        with(
            "/endpoint",
            json!(format!("https://push.example/{}", "a".repeat(2_000))),
        ),
        with("/keys/auth", json!("AAAA")),
        with("/keys/p256dh", json!("AAAA")),
        // Not a point of the curve.
        with("/keys/p256dh", json!(URL_SAFE_NO_PAD.encode([4; 65]))),
    ] {
        let refused = ask(Some(&*bob), bad.clone()).await;
        assert_eq!(
            (refused.status, &refused.body["error"]),
            (400, &json!("bad_push")),
            "{bad}"
        );
    }
    assert_eq!(
        ask(Some(&*bob), json!({"endpoint": "https://push.example"}))
            .await
            .status,
        400
    );
    wait_for_subscriptions(&server, 1).await;
}

#[tokio::test]
async fn no_push_is_sent_into_the_servers_own_network() {
    let server = start_server_with(|config| config.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let inside = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = inside.local_addr().expect("an address").port();
    let bob = server.member("Bob").await;
    for plain in ["https://127.0.0.1", "http://localhost", "https://[::ffff:7f00:1]"] {
        let browser = Browser::at(&format!("{plain}:{port}"), "/a");
        let refused = server.ask("POST", "/api/push", Some(&bob), browser.subscription());
        assert_eq!(refused.await.body["error"], "bad_push", "{plain}");
    }
    // The address of a name is known only when a push is sent.
    let browser = Browser::at(&format!("https://localhost:{port}"), "/a");
    subscribe(&server, &bob, &browser).await;
    server.guest("ann").await.post("1", "psst").await;
    let refused = timeout(TIMEOUT, async {
        let counted = r#"snug_pushes_total{outcome="Refused"} 1"#;
        while !metrics(&server).await.contains(counted) {}
    });
    refused.await.expect("it is refused");
    tokio::select! {
        biased;
        _ = inside.accept() => panic!("the server connected"),
        () = yield_now() => {}
    }
}

#[tokio::test]
async fn a_user_has_a_limited_number_of_browsers_and_the_oldest_are_removed() {
    let server = start_push_server().await;
    let bob = server.member("Bob").await;
    for n in 0..12 {
        let path = format!("/{n:02}");
        subscribe(&server, &bob, &Browser::at("https://push.example", &path)).await;
    }
    wait_for_subscriptions(&server, 10).await;
    let last = json!({"endpoint": "https://push.example/11"});
    server.ask("DELETE", "/api/push", Some(&bob), last).await;
    wait_for_subscriptions(&server, 9).await;
}

#[tokio::test]
async fn the_key_is_the_same_after_a_restart() {
    let server = start_server().await;
    let key = async |server: &TestServer| {
        let asked = server.ask("GET", "/api/push/key", None, Value::Null).await;
        asked.body["key"].as_str().expect("a key").to_owned()
    };
    let before = key(&server).await;
    let bytes = URL_SAFE_NO_PAD.decode(&before).expect("Base64");
    assert_eq!((bytes.len(), bytes[0]), (65, 4));
    assert_eq!(key(&server.restarted().await).await, before);
}
