//! Pushes, as a push service and a browser see them.

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
    support::{Client, Place, TIMEOUT, place, place_with},
};

const DEN: &str = "0190a1b2-2222-7000-8000-000000000000";

/// A server that may reach the push service of a test.
async fn reaching() -> Place {
    place_with(|config| config.push_network = vec!["127.0.0.0/8".parse().expect("a network")]).await
}

async fn subscribe(place: &Place, proof: &str, browser: &Browser) {
    let answer = place
        .ask("POST", "/api/push", Some(proof), browser.subscription())
        .await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

/// Somebody whose browser is sent pushes, in the den too.
async fn listener(place: &Place, service: &Service, name: &str) -> (String, Browser) {
    let proof = place.member(name).await;
    let browser = Browser::at(&service.origin(), &format!("/{name}"));
    subscribe(place, &proof, &browser).await;
    join(place, &proof).await;
    (proof, browser)
}

/// Joins the den, and is gone again.
async fn join(place: &Place, proof: &str) {
    let mut client = place.enter_as(proof).await;
    client.send(json!({"code": "JOIN_ROOM", "room": DEN})).await;
    client.until("ROOM").await;
    leave(client).await;
}

/// Goes, and is not waited for any more.
async fn leave(mut client: Client) {
    client.send(json!({"code": "CLOSE_CONNECTION"})).await;
    assert_eq!(client.closed_with().await, 1000);
}

/// Ann, who has opened the den.
async fn ann(place: &Place) -> Client {
    let mut ann = place.person("ann").await;
    ann.send(json!({"code": "CREATE_ROOM", "room": DEN, "name": "den"}))
        .await;
    ann.until("ROOM").await;
    ann
}

async fn say_in_the_den(client: &mut Client, key: &str, text: &str) {
    client
        .send(json!({"code": "RECEIVE_MESSAGE", "room": DEN, "key": key, "text": text}))
        .await;
}

/// What the tables say, once they say it.
async fn until_there_are(place: &Place, browsers: usize) {
    let tables = Connection::open(place.folder.path().join("snug.db")).expect("a database");
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

/// That it is this server that sends, to this service, and for how long that is so (RFC 8292).
async fn is_signed(place: &Place, service: &Service, post: &Post) {
    let asked = place.ask("GET", "/api/push/key", None, Value::Null).await;
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
async fn who_has_no_page_open_is_told_and_only_their_browser_can_read_it() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (_, bob) = listener(&place, &service, "Bob").await;
    let long = "ü".repeat(300);
    say_in_the_den(&mut ann, "1", &long).await;
    let post = service.take().await;
    assert_eq!(post.path, "/Bob");
    assert_eq!(post.headers["ttl"], "86400");
    assert_eq!(post.headers["urgency"], "normal");
    assert_eq!(post.headers["topic"].len(), 32);
    is_signed(&place, &service, &post).await;
    let shown = format!("{}…", "ü".repeat(200));
    assert_eq!(
        bob.open(&post),
        json!({"room": DEN, "roomName": "den", "direct": false, "n": 1, "name": "ann", "text": shown, "url": "rooms/den"})
    );
}

#[tokio::test]
async fn a_guest_is_told_too() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let guest = place.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let browser = Browser::at(&service.origin(), "/guest");
    let subscribes = async || {
        let asked = place.ask_as_page("POST", "/api/push", Some(&cookie), browser.subscription());
        asked.await.status
    };
    assert_eq!(
        subscribes().await,
        401,
        "a cookie alone is nobody who has come in"
    );
    let origin = format!("http://{}", place.server.address());
    let headers = [("cookie", cookie.as_str()), ("origin", &origin)];
    let mut guest = place.connect(&headers).await.expect("it shakes hands");
    guest.hello(json!({"name": "guest"})).await;
    guest.until("WELCOME").await;
    leave(guest).await;
    assert_eq!(subscribes().await, 204);
    ann.say("1", "hello").await;
    assert_eq!(browser.open(&service.take().await)["text"], "hello");
}

#[tokio::test]
async fn who_says_it_and_who_is_connected_is_told_nothing() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (eve, _) = listener(&place, &service, "Eve").await;
    let (carl, _) = listener(&place, &service, "Carl").await;
    listener(&place, &service, "Bob").await;
    let mut eve = place.enter_as(&eve).await;
    let carl = place.enter_as(&carl).await;
    eve.say("1", "psst").await;
    eve.until("RECEIVE_MESSAGE").await;
    leave(eve).await;
    assert_eq!(service.take().await.path, "/Bob");
    say_in_the_den(&mut ann, "1", "psst").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob", "/Eve"]);
    leave(carl).await;
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    listener(&place, &service, "Bob").await;
    ann.say("1", "hello").await;
    assert_eq!(service.answer("410 Gone").await.path, "/Bob");
    until_there_are(&place, 0).await;
    listener(&place, &service, "Carl").await;
    say_in_the_den(&mut ann, "2", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn what_is_put_off_is_sent_again_but_not_for_ever() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (_, bob) = listener(&place, &service, "Bob").await;
    ann.say("1", "hello").await;
    for status in ["500 Oh\r\nretry-after: 0", "429 Slowly\r\nretry-after: 0"] {
        service.answer(status).await;
    }
    assert_eq!(bob.open(&service.take().await)["text"], "hello");
    say_in_the_den(&mut ann, "2", "hello").await;
    for _ in 0..4 {
        service.answer("503 No\r\nretry-after: 0").await;
    }
    // What comes next is another message's.
    let (_, carl) = listener(&place, &service, "Carl").await;
    ann.say("3", "are you there?").await;
    let post = service.take().await;
    assert_eq!(post.path, "/Carl");
    assert_eq!(carl.open(&post)["text"], "are you there?");
}

#[tokio::test]
async fn nobody_is_told_what_they_may_not_hear() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let owner = place.owner("Olga").await;
    let (out, _) = listener(&place, &service, "Out").await;
    let (gone, _) = listener(&place, &service, "Gone").await;
    let (left, _) = listener(&place, &service, "Left").await;
    let never = place.member("Never").await;
    subscribe(&place, &never, &Browser::at(&service.origin(), "/Never")).await;
    listener(&place, &service, "Bob").await;

    let session = place.ask("POST", "/api/session", Some(&out), Value::Null).await;
    let act = json!({"action": "ban", "chatId": session.body["chatId"], "minutes": 60});
    assert_eq!(
        place
            .ask("POST", "/api/moderation", Some(&owner), act)
            .await
            .status,
        204
    );
    let ended = place.ask("POST", "/api/sign-out", Some(&gone), Value::Null).await;
    assert_eq!(ended.status, 204);
    let mut leaving = place.enter_as(&left).await;
    leaving.send(json!({"code": "LEAVE_ROOM", "room": DEN})).await;
    leaving.until("LEFT_ROOM").await;
    leave(leaving).await;

    say_in_the_den(&mut ann, "1", "psst").await;
    assert_eq!(service.take().await.path, "/Bob");
    // Those who were not in the den are in the lobby.
    ann.say("2", "hello").await;
    let mut told = Vec::new();
    for _ in 0..3 {
        told.push(service.take().await.path);
    }
    told.sort();
    assert_eq!(told, ["/Bob", "/Left", "/Never"]);
    until_there_are(&place, 4).await;
}

#[tokio::test]
async fn what_a_guest_subscribed_is_void_when_they_keep_a_name() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let guest = place.person("bob").await;
    let token = guest.welcome["you"]["token"].as_str().expect("a proof");
    let proof = format!("bob.{token}");
    leave(guest).await;
    subscribe(&place, &proof, &Browser::at(&service.origin(), "/before")).await;
    let account = json!({"name": "Bob", "password": "correct horse"});
    let kept = place.ask("POST", "/api/account", Some(&proof), account).await;
    let proof = kept.body["token"].as_str().expect("a token");
    subscribe(&place, proof, &Browser::at(&service.origin(), "/after")).await;
    listener(&place, &service, "Carl").await;
    ann.say("1", "hello").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Carl", "/after"]);
    say_in_the_den(&mut ann, "2", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn a_browser_is_whose_it_is_now_and_until_it_says_no() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (bob, _) = listener(&place, &service, "Bob").await;
    let (carl, _) = listener(&place, &service, "Carl").await;
    let theirs = json!({"endpoint": format!("{}/Carl", service.origin())});
    // Nobody but whose it is can end it.
    let asked = place.ask("DELETE", "/api/push", Some(&bob), theirs.clone());
    assert_eq!(asked.await.status, 204);
    until_there_are(&place, 2).await;
    // Carl signs in where Bob was.
    subscribe(&place, &carl, &Browser::at(&service.origin(), "/Bob")).await;
    let mut bob = place.enter_as(&bob).await;
    bob.say("1", "I am elsewhere").await;
    bob.until("RECEIVE_MESSAGE").await;
    leave(bob).await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob", "/Carl"]);
    let asked = place.ask("DELETE", "/api/push", Some(&carl), theirs);
    assert_eq!(asked.await.status, 204);
    say_in_the_den(&mut ann, "1", "hello").await;
    assert_eq!(service.take().await.path, "/Bob");
}

/// A11: endpoints that accept and never answer held all sending, for minutes.
#[tokio::test]
async fn a_push_service_that_never_answers_delays_no_other_one() {
    let (place, service) = (reaching().await, Service::open().await);
    let tarpit = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let origin = format!("http://{}", tarpit.local_addr().expect("an address"));
    let mut ann = ann(&place).await;
    for n in 0..8 {
        let guest = place.person(&format!("eve-{n}")).await;
        let token = guest.welcome["you"]["token"]
            .as_str()
            .expect("a proof")
            .to_owned();
        let proof = format!("{}.{token}", guest.id());
        for k in 0..10 {
            subscribe(&place, &proof, &Browser::at(&origin, &format!("/{n}-{k}"))).await;
        }
        leave(guest).await;
    }
    ann.say("1", "hello").await;
    // They are on their way, no more than may be, and hold their connections.
    let mut held = Vec::new();
    for _ in 0..2 {
        let came = timeout(TIMEOUT, tarpit.accept()).await.expect("somebody comes");
        held.push(came.expect("a socket"));
    }
    listener(&place, &service, "Bob").await;
    ann.say("2", "hello").await;
    assert_eq!(service.take().await.path, "/Bob");
    tokio::select! {
        biased;
        _ = tarpit.accept() => panic!("it has more connections than it may"),
        () = yield_now() => {}
    }
}

#[tokio::test]
async fn only_where_a_push_service_can_be_is_taken() {
    let place = reaching().await;
    let bob = place.member("Bob").await;
    let good = Browser::at("https://push.example", "/a").subscription();
    let with = |field: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(field).expect("a field") = value;
        bad
    };
    let ask = async |proof, body| place.ask("POST", "/api/push", proof, body).await;
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
        // No point of the curve.
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
    until_there_are(&place, 1).await;
}

#[tokio::test]
async fn nothing_is_sent_into_the_servers_own_network() {
    let place = place_with(|config| config.metrics = Some(([127, 0, 0, 1], 0).into())).await;
    let inside = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let port = inside.local_addr().expect("an address").port();
    let bob = place.member("Bob").await;
    for plain in ["https://127.0.0.1", "http://localhost", "https://[::ffff:7f00:1]"] {
        let browser = Browser::at(&format!("{plain}:{port}"), "/a");
        let refused = place.ask("POST", "/api/push", Some(&bob), browser.subscription());
        assert_eq!(refused.await.body["error"], "bad_push", "{plain}");
    }
    // Where a name leads is known when something is sent.
    let browser = Browser::at(&format!("https://localhost:{port}"), "/a");
    subscribe(&place, &bob, &browser).await;
    place.person("ann").await.say("1", "psst").await;
    let refused = timeout(TIMEOUT, async {
        let counted = r#"snug_pushes_total{outcome="Refused"} 1"#;
        while !metrics(&place).await.contains(counted) {}
    });
    refused.await.expect("it is refused");
    tokio::select! {
        biased;
        _ = inside.accept() => panic!("somebody came"),
        () = yield_now() => {}
    }
}

#[tokio::test]
async fn a_person_has_so_many_browsers_and_the_oldest_go() {
    let place = reaching().await;
    let bob = place.member("Bob").await;
    for n in 0..12 {
        let path = format!("/{n:02}");
        subscribe(&place, &bob, &Browser::at("https://push.example", &path)).await;
    }
    until_there_are(&place, 10).await;
    let last = json!({"endpoint": "https://push.example/11"});
    place.ask("DELETE", "/api/push", Some(&bob), last).await;
    until_there_are(&place, 9).await;
}

#[tokio::test]
async fn the_key_stays() {
    let place = place().await;
    let key = async |place: &Place| {
        let asked = place.ask("GET", "/api/push/key", None, Value::Null).await;
        asked.body["key"].as_str().expect("a key").to_owned()
    };
    let before = key(&place).await;
    let bytes = URL_SAFE_NO_PAD.decode(&before).expect("Base64");
    assert_eq!((bytes.len(), bytes[0]), (65, 4));
    assert_eq!(key(&place.restarted().await).await, before);
}
