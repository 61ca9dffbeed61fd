//! Passkeys: registration, sign-in, and each way in which they can fail.

use serde_json::{Value, json};
use snug::server::Server;

use crate::{
    authenticator::{Authenticator, VERIFIED, base64},
    support::{Answer, TestServer, config, credential, start_server_with},
};

const ORIGIN: &str = "https://chat.example";

async fn site() -> TestServer {
    start_server_with(|config| config.allow_origin = vec![ORIGIN.to_owned()]).await
}

async fn restarted(server: TestServer) -> TestServer {
    server.inner.drain().await;
    let mut config = config(server.folder.path());
    config.allow_origin = vec![ORIGIN.to_owned()];
    TestServer {
        inner: Server::start(&config).await.expect("it starts"),
        folder: server.folder,
    }
}

impl TestServer {
    async fn browse(&self, method: &str, path: &str, session: Option<&str>, body: Value) -> Answer {
        let cookie = session.map(|it| format!("cookie: {}\r\n", self.cookie(it)));
        let headers = format!("origin: {ORIGIN}\r\n{}", cookie.unwrap_or_default());
        self.request(method, path, &headers, body).await
    }

    async fn options(&self, session: &str) -> Value {
        let options = self
            .browse(
                "POST",
                "/api/passkeys/options",
                Some(session),
                json!({"password": "correct horse"}),
            )
            .await;
        assert_eq!(options.status, 200, "{}", options.body);
        options.body
    }

    async fn add(&self, session: &str, authenticator: &mut Authenticator) -> Answer {
        let made = authenticator.create(&self.options(session).await);
        self.browse("POST", "/api/passkeys", Some(session), made).await
    }

    async fn passkeys(&self, session: &str) -> Vec<Value> {
        let listed = self
            .browse("GET", "/api/passkeys", Some(session), Value::Null)
            .await;
        listed.body.as_array().expect("a list").clone()
    }

    async fn sign_in_options(&self) -> Value {
        let options = self
            .browse("POST", "/api/sign-in/passkey/options", None, Value::Null)
            .await;
        assert_eq!(options.status, 200, "{}", options.body);
        options.body
    }

    async fn send_signed(&self, signed: Value) -> Answer {
        self.browse("POST", "/api/sign-in/passkey", None, signed).await
    }

    async fn sign_in(&self, authenticator: &Authenticator) -> Answer {
        self.send_signed(authenticator.get(&self.sign_in_options().await))
            .await
    }
}

fn is_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)));
}

/// A member with a passkey, and its authenticator.
async fn with_passkey(server: &TestServer, name: &str) -> (String, Authenticator) {
    let session = server.member(name).await;
    let mut authenticator = Authenticator::p256(ORIGIN);
    let added = server.add(&session, &mut authenticator).await;
    assert_eq!(added.status, 204, "{}", added.body);
    (session, authenticator)
}

#[tokio::test]
async fn a_passkey_signs_its_member_in_without_a_name_also_after_a_restart() {
    let server = site().await;
    let ann = server.member("Ann").await;
    for mut authenticator in [Authenticator::p256(ORIGIN), Authenticator::ed25519(ORIGIN)] {
        assert_eq!(server.add(&ann, &mut authenticator).await.status, 204);
        let signed_in = server.sign_in(&authenticator).await;
        assert_eq!(signed_in.body["account"]["name"], "Ann");
        assert_eq!(signed_in.body["token"], Value::Null, "a page has its cookie");
        let cookie = signed_in.cookie.expect("a session of its own");
        assert_ne!(cookie, server.cookie(&ann));
        let devices = server
            .ask_as_page("GET", "/api/sessions", Some(&cookie), Value::Null)
            .await;
        assert_eq!(devices.status, 200);
    }
    let passkeys = server.passkeys(&ann).await;
    assert_eq!(passkeys.len(), 2);
    assert!(passkeys.iter().all(|it| it["lastUsed"].is_i64()), "{passkeys:?}");
    let (authenticator, before) = (with_passkey(&server, "Bob").await.1, passkeys);
    let server = restarted(server).await;
    assert_eq!(server.passkeys(&ann).await, before);
    assert_eq!(
        server.sign_in(&authenticator).await.body["account"]["name"],
        "Bob"
    );
}

#[tokio::test]
async fn the_sign_in_options_find_a_passkey_by_themselves_and_reveal_nothing() {
    let server = site().await;
    let (ann, authenticator) = with_passkey(&server, "Ann").await;
    let options = server.options(&ann).await;
    assert_eq!(options["rp"]["id"], "chat.example");
    assert_eq!(options["user"]["name"], "Ann");
    assert_ne!(options["challenge"], server.options(&ann).await["challenge"]);
    assert_eq!(options["excludeCredentials"][0]["id"], base64(&authenticator.id));
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let handle = options["user"]["id"].as_str().expect("a handle");
    assert_eq!(handle, base64(&authenticator.handle), "the same for each passkey");
    let welcome = server.join_as(&ann).await.welcome;
    let id = welcome["you"]["chatId"].as_str().expect("an id");
    assert_ne!(handle, base64(id.as_bytes()), "it reveals nothing");
    let asked = server.sign_in_options().await;
    assert_eq!(asked["allowCredentials"], json!([]));
    assert_eq!(asked["rpId"], "chat.example");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_a_passkey() {
    let server = site().await;
    let (ann, mut honest) = with_passkey(&server, "Ann").await;
    type Lie = fn(&mut Authenticator);
    let lies: [Lie; 3] = [
        |it| it.origin = "https://chat.example.evil".to_owned(),
        |it| it.site = "evil.example".to_owned(),
        |it| it.flags = VERIFIED,
    ];
    for lie in lies {
        let mut authenticator = Authenticator::p256(ORIGIN);
        lie(&mut authenticator);
        is_refused(&server.add(&ann, &mut authenticator).await, 400, "bad_passkey");
        let truth = (honest.origin.clone(), honest.site.clone(), honest.flags);
        lie(&mut honest);
        is_refused(&server.sign_in(&honest).await, 400, "bad_passkey");
        (honest.origin, honest.site, honest.flags) = truth;
    }
}

#[tokio::test]
async fn a_challenge_can_be_answered_once_and_only_by_the_user_who_received_it() {
    let server = site().await;
    let (ann, mut authenticator) = with_passkey(&server, "Ann").await;
    let eve = server.member("Eve").await;
    let asked = server.sign_in_options().await;
    let signed = authenticator.get(&asked);
    assert_eq!(server.send_signed(signed.clone()).await.status, 200);
    is_refused(&server.send_signed(signed).await, 410, "challenge_expired");
    is_refused(
        &server
            .send_signed(authenticator.get(&json!({"challenge": "guess"})))
            .await,
        410,
        "challenge_expired",
    );
    let anns = server.options(&ann).await;
    let made = Authenticator::p256(ORIGIN).create(&anns);
    let stolen = server
        .browse("POST", "/api/passkeys", Some(&eve), made.clone())
        .await;
    is_refused(&stolen, 410, "challenge_expired");
    let late = server.browse("POST", "/api/passkeys", Some(&ann), made).await;
    is_refused(&late, 410, "challenge_expired");
    // A challenge for registration signs nobody in.
    let anns = server.options(&ann).await;
    authenticator.count += 1;
    is_refused(
        &server.send_signed(authenticator.get(&anns)).await,
        410,
        "challenge_expired",
    );
}

#[tokio::test]
async fn an_unknown_passkey_and_a_wrong_signature_have_the_same_refusal() {
    let server = site().await;
    let (_, authenticator) = with_passkey(&server, "Ann").await;
    let mut thief = Authenticator::p256(ORIGIN);
    thief.handle.clone_from(&authenticator.handle);
    is_refused(&server.sign_in(&thief).await, 403, "wrong_passkey");
    thief.id.clone_from(&authenticator.id);
    is_refused(&server.sign_in(&thief).await, 403, "wrong_passkey");
    let (_, mut eves) = with_passkey(&server, "Eve").await;
    eves.handle.clone_from(&authenticator.handle);
    is_refused(&server.sign_in(&eves).await, 403, "wrong_passkey");
}

#[tokio::test]
async fn a_passkey_with_a_decreasing_counter_is_refused_as_a_copy() {
    let server = site().await;
    let (_, mut authenticator) = with_passkey(&server, "Ann").await;
    for count in [0, 0, 5, 6] {
        authenticator.count = count;
        assert_eq!(server.sign_in(&authenticator).await.status, 200, "{count}");
    }
    for count in [6, 3, 0] {
        authenticator.count = count;
        is_refused(&server.sign_in(&authenticator).await, 403, "passkey_copied");
    }
}

#[tokio::test]
async fn malformed_requests_are_refused_and_attempts_are_rate_limited() {
    let server = site().await;
    let (ann, authenticator) = with_passkey(&server, "Ann").await;
    let mut made = Authenticator::p256(ORIGIN).create(&server.options(&ann).await);
    made["response"]["attestationObject"] = json!(base64(&[0x9f; 300]));
    let refused = server.browse("POST", "/api/passkeys", Some(&ann), made).await;
    is_refused(&refused, 400, "bad_passkey");
    let mut signed = authenticator.get(&server.sign_in_options().await);
    signed["response"]["authenticatorData"] = json!(base64(b"nonsense"));
    is_refused(&server.send_signed(signed).await, 400, "bad_passkey");
    for body in [json!({}), json!({"rawId": "!", "response": {}}), json!([])] {
        is_refused(&server.send_signed(body.clone()).await, 400, "bad_frame");
        let refused = server.browse("POST", "/api/passkeys", Some(&ann), body).await;
        is_refused(&refused, 400, "bad_frame");
    }
    let mut last = 0;
    for _ in 0..20 {
        last = server
            .send_signed(authenticator.get(&json!({"challenge": "guess"})))
            .await
            .status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn a_banned_member_cannot_sign_in_with_a_passkey() {
    let server = site().await;
    let owner = server.owner("Olga").await;
    let (ann, authenticator) = with_passkey(&server, "Ann").await;
    let id = server.join_as(&ann).await.id().to_owned();
    let act = json!({"action": "ban", "chatId": id, "minutes": 10});
    assert_eq!(
        server
            .ask("POST", "/api/moderation", Some(&owner), act)
            .await
            .status,
        204
    );
    is_refused(&server.sign_in(&authenticator).await, 403, "banned");
}

#[tokio::test]
async fn a_removed_passkey_signs_nobody_in_and_only_its_member_can_remove_it() {
    let server = site().await;
    let (ann, authenticator) = with_passkey(&server, "Ann").await;
    let eve = server.member("Eve").await;
    let id = server.passkeys(&ann).await[0]["id"].clone();
    let path = format!("/api/passkeys/{}", id.as_str().expect("an id"));
    let refused = server.browse("DELETE", &path, Some(&eve), Value::Null).await;
    is_refused(&refused, 404, "not_found");
    assert_eq!(server.sign_in(&authenticator).await.status, 200);
    let removed = server.browse("DELETE", &path, Some(&ann), Value::Null).await;
    assert_eq!(removed.status, 204);
    is_refused(&server.sign_in(&authenticator).await, 403, "wrong_passkey");
    assert_eq!(server.passkeys(&ann).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_credential_belongs_to_one_member_and_the_number_of_passkeys_is_limited() {
    let server = site().await;
    let (ann, mut authenticator) = with_passkey(&server, "Ann").await;
    let eve = server.member("Eve").await;
    for session in [&ann, &eve] {
        is_refused(
            &server.add(session, &mut authenticator).await,
            409,
            "passkey_exists",
        );
    }
}

#[tokio::test]
async fn a_session_without_the_password_cannot_add_a_passkey() {
    let server = site().await;
    let ann = server.member("Ann").await;
    for (body, status, error) in [
        (Value::Null, 400, "bad_frame"),
        (json!({"password": "battery staple"}), 403, "wrong_password"),
    ] {
        let refused = server
            .browse("POST", "/api/passkeys/options", Some(&ann), body)
            .await;
        is_refused(&refused, status, error);
    }
}

#[tokio::test]
async fn the_other_devices_are_notified_of_passkey_changes() {
    let server = site().await;
    let laptop = server.member("Ann").await;
    let sign_in = json!({"name": "Ann", "password": "correct horse"});
    let phone = server.ask("POST", "/api/sign-in", None, sign_in).await;
    let phone = phone.body["token"].as_str().expect("a token").to_owned();
    let (mut on_laptop, mut on_phone) = (server.join_as(&laptop).await, server.join_as(&phone).await);
    let added = server.add(&phone, &mut Authenticator::ed25519(ORIGIN)).await;
    assert_eq!(added.status, 204);
    assert_eq!(on_laptop.until("SECURITY_NOTICE").await["event"], "passkey_added");
    let passkey = server.passkeys(&laptop).await[0]["id"].clone();
    let path = format!("/api/passkeys/{}", passkey.as_str().expect("an id"));
    let removed = server.browse("DELETE", &path, Some(&phone), Value::Null).await;
    assert_eq!(removed.status, 204);
    assert_eq!(
        on_laptop.until("SECURITY_NOTICE").await["event"],
        "passkey_removed"
    );
    let own = on_phone.drain().await;
    assert!(own.iter().all(|it| it["code"] != "SECURITY_NOTICE"), "{own:?}");
}

#[tokio::test]
async fn passkeys_are_for_members_on_pages_with_a_host_name() {
    let server = site().await;
    let guest = server.browse("POST", "/api/session", None, Value::Null).await;
    let guest = guest.cookie.expect("a cookie");
    for (method, path) in [
        ("POST", "/api/passkeys/options"),
        ("POST", "/api/passkeys"),
        ("GET", "/api/passkeys"),
        ("DELETE", "/api/passkeys/x"),
    ] {
        let nobody = server.browse(method, path, None, Value::Null).await;
        is_refused(&nobody, 401, "hello_required");
        let refused = server
            .browse(method, path, Some(credential(&guest)), Value::Null)
            .await;
        is_refused(&refused, 403, "not_allowed");
    }
    let program = server
        .ask("POST", "/api/sign-in/passkey/options", None, Value::Null)
        .await;
    is_refused(&program, 403, "forbidden_origin");
    let at_its_address = server
        .ask_as_page("POST", "/api/sign-in/passkey/options", None, Value::Null)
        .await;
    is_refused(&at_its_address, 400, "passkeys_unavailable");
}
