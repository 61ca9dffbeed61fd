//! Passkeys: adding them, signing in with them, and each way of doing so that is refused.

use serde_json::{Value, json};
use snug::server::Server;

use crate::{
    authenticator::{Authenticator, VERIFIED, base64},
    support::{Answer, Place, config, credential, place_with},
};

const ORIGIN: &str = "https://chat.example";

async fn site() -> Place {
    place_with(|config| config.allow_origin = vec![ORIGIN.to_owned()]).await
}

async fn restarted(place: Place) -> Place {
    place.server.drain().await;
    let mut config = config(place.folder.path());
    config.allow_origin = vec![ORIGIN.to_owned()];
    Place {
        server: Server::start(&config).await.expect("it starts"),
        folder: place.folder,
    }
}

impl Place {
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

    async fn ask_to_sign(&self) -> Value {
        let options = self
            .browse("POST", "/api/sign-in/passkey/options", None, Value::Null)
            .await;
        assert_eq!(options.status, 200, "{}", options.body);
        options.body
    }

    async fn bring(&self, signed: Value) -> Answer {
        self.browse("POST", "/api/sign-in/passkey", None, signed).await
    }

    async fn sign_in(&self, authenticator: &Authenticator) -> Answer {
        self.bring(authenticator.get(&self.ask_to_sign().await)).await
    }
}

fn is_refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)));
}

/// Somebody with a passkey, and its authenticator.
async fn with_passkey(place: &Place, name: &str) -> (String, Authenticator) {
    let session = place.member(name).await;
    let mut authenticator = Authenticator::p256(ORIGIN);
    let added = place.add(&session, &mut authenticator).await;
    assert_eq!(added.status, 204, "{}", added.body);
    (session, authenticator)
}

#[tokio::test]
async fn a_passkey_signs_its_person_in_without_a_word_and_after_a_restart() {
    let place = site().await;
    let ann = place.member("Ann").await;
    for mut authenticator in [Authenticator::p256(ORIGIN), Authenticator::ed25519(ORIGIN)] {
        assert_eq!(place.add(&ann, &mut authenticator).await.status, 204);
        let signed_in = place.sign_in(&authenticator).await;
        assert_eq!(signed_in.body["account"]["name"], "Ann");
        assert_eq!(signed_in.body["token"], Value::Null, "a page has its cookie");
        let cookie = signed_in.cookie.expect("a session of its own");
        assert_ne!(cookie, place.cookie(&ann));
        let devices = place
            .ask_as_page("GET", "/api/sessions", Some(&cookie), Value::Null)
            .await;
        assert_eq!(devices.status, 200);
    }
    let passkeys = place.passkeys(&ann).await;
    assert_eq!(passkeys.len(), 2);
    assert!(passkeys.iter().all(|it| it["lastUsed"].is_i64()), "{passkeys:?}");
    let (authenticator, before) = (with_passkey(&place, "Bob").await.1, passkeys);
    let place = restarted(place).await;
    assert_eq!(place.passkeys(&ann).await, before);
    assert_eq!(place.sign_in(&authenticator).await.body["account"]["name"], "Bob");
}

#[tokio::test]
async fn what_is_asked_of_a_browser_finds_a_passkey_by_itself_and_tells_nothing() {
    let place = site().await;
    let (ann, authenticator) = with_passkey(&place, "Ann").await;
    let options = place.options(&ann).await;
    assert_eq!(options["rp"]["id"], "chat.example");
    assert_eq!(options["user"]["name"], "Ann");
    assert_ne!(options["challenge"], place.options(&ann).await["challenge"]);
    assert_eq!(options["excludeCredentials"][0]["id"], base64(&authenticator.id));
    assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
    let handle = options["user"]["id"].as_str().expect("a handle");
    assert_eq!(handle, base64(&authenticator.handle), "the same for each passkey");
    let welcome = place.enter_as(&ann).await.welcome;
    let id = welcome["you"]["chatId"].as_str().expect("an id");
    assert_ne!(handle, base64(id.as_bytes()), "it says nothing");
    let asked = place.ask_to_sign().await;
    assert_eq!(asked["allowCredentials"], json!([]));
    assert_eq!(asked["rpId"], "chat.example");
}

#[tokio::test]
async fn a_page_of_another_site_or_for_another_site_gets_nothing_signed() {
    let place = site().await;
    let (ann, mut honest) = with_passkey(&place, "Ann").await;
    type Lie = fn(&mut Authenticator);
    let lies: [Lie; 3] = [
        |it| it.origin = "https://chat.example.evil".to_owned(),
        |it| it.site = "evil.example".to_owned(),
        |it| it.flags = VERIFIED,
    ];
    for lie in lies {
        let mut authenticator = Authenticator::p256(ORIGIN);
        lie(&mut authenticator);
        is_refused(&place.add(&ann, &mut authenticator).await, 400, "bad_passkey");
        let truth = (honest.origin.clone(), honest.site.clone(), honest.flags);
        lie(&mut honest);
        is_refused(&place.sign_in(&honest).await, 400, "bad_passkey");
        (honest.origin, honest.site, honest.flags) = truth;
    }
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_by_whom_it_was_given_to() {
    let place = site().await;
    let (ann, mut authenticator) = with_passkey(&place, "Ann").await;
    let eve = place.member("Eve").await;
    let asked = place.ask_to_sign().await;
    let signed = authenticator.get(&asked);
    assert_eq!(place.bring(signed.clone()).await.status, 200);
    is_refused(&place.bring(signed).await, 410, "challenge_expired");
    is_refused(
        &place
            .bring(authenticator.get(&json!({"challenge": "guess"})))
            .await,
        410,
        "challenge_expired",
    );
    let anns = place.options(&ann).await;
    let made = Authenticator::p256(ORIGIN).create(&anns);
    let stolen = place
        .browse("POST", "/api/passkeys", Some(&eve), made.clone())
        .await;
    is_refused(&stolen, 410, "challenge_expired");
    let late = place.browse("POST", "/api/passkeys", Some(&ann), made).await;
    is_refused(&late, 410, "challenge_expired");
    // One to add a passkey signs nobody in.
    let anns = place.options(&ann).await;
    authenticator.count += 1;
    is_refused(
        &place.bring(authenticator.get(&anns)).await,
        410,
        "challenge_expired",
    );
}

#[tokio::test]
async fn an_unknown_passkey_and_a_wrong_signature_are_refused_alike() {
    let place = site().await;
    let (_, authenticator) = with_passkey(&place, "Ann").await;
    let mut thief = Authenticator::p256(ORIGIN);
    thief.handle.clone_from(&authenticator.handle);
    is_refused(&place.sign_in(&thief).await, 403, "wrong_passkey");
    thief.id.clone_from(&authenticator.id);
    is_refused(&place.sign_in(&thief).await, 403, "wrong_passkey");
    let (_, mut eves) = with_passkey(&place, "Eve").await;
    eves.handle.clone_from(&authenticator.handle);
    is_refused(&place.sign_in(&eves).await, 403, "wrong_passkey");
}

#[tokio::test]
async fn a_passkey_that_counts_back_is_a_copy() {
    let place = site().await;
    let (_, mut authenticator) = with_passkey(&place, "Ann").await;
    for count in [0, 0, 5, 6] {
        authenticator.count = count;
        assert_eq!(place.sign_in(&authenticator).await.status, 200, "{count}");
    }
    for count in [6, 3, 0] {
        authenticator.count = count;
        is_refused(&place.sign_in(&authenticator).await, 403, "passkey_copied");
    }
}

#[tokio::test]
async fn nonsense_is_refused_and_guessing_has_an_end() {
    let place = site().await;
    let (ann, authenticator) = with_passkey(&place, "Ann").await;
    let mut made = Authenticator::p256(ORIGIN).create(&place.options(&ann).await);
    made["response"]["attestationObject"] = json!(base64(&[0x9f; 300]));
    let refused = place.browse("POST", "/api/passkeys", Some(&ann), made).await;
    is_refused(&refused, 400, "bad_passkey");
    let mut signed = authenticator.get(&place.ask_to_sign().await);
    signed["response"]["authenticatorData"] = json!(base64(b"nonsense"));
    is_refused(&place.bring(signed).await, 400, "bad_passkey");
    for body in [json!({}), json!({"rawId": "!", "response": {}}), json!([])] {
        is_refused(&place.bring(body.clone()).await, 400, "bad_frame");
        let refused = place.browse("POST", "/api/passkeys", Some(&ann), body).await;
        is_refused(&refused, 400, "bad_frame");
    }
    let mut last = 0;
    for _ in 0..20 {
        last = place
            .bring(authenticator.get(&json!({"challenge": "guess"})))
            .await
            .status;
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn somebody_put_out_does_not_come_back_by_a_passkey() {
    let place = site().await;
    let owner = place.owner("Olga").await;
    let (ann, authenticator) = with_passkey(&place, "Ann").await;
    let id = place.enter_as(&ann).await.id().to_owned();
    let act = json!({"action": "ban", "chatId": id, "minutes": 10});
    assert_eq!(
        place
            .ask("POST", "/api/moderation", Some(&owner), act)
            .await
            .status,
        204
    );
    is_refused(&place.sign_in(&authenticator).await, 403, "banned");
}

#[tokio::test]
async fn a_removed_passkey_signs_nobody_in_and_is_removed_by_its_person_only() {
    let place = site().await;
    let (ann, authenticator) = with_passkey(&place, "Ann").await;
    let eve = place.member("Eve").await;
    let id = place.passkeys(&ann).await[0]["id"].clone();
    let path = format!("/api/passkeys/{}", id.as_str().expect("an id"));
    let refused = place.browse("DELETE", &path, Some(&eve), Value::Null).await;
    is_refused(&refused, 404, "not_found");
    assert_eq!(place.sign_in(&authenticator).await.status, 200);
    let removed = place.browse("DELETE", &path, Some(&ann), Value::Null).await;
    assert_eq!(removed.status, 204);
    is_refused(&place.sign_in(&authenticator).await, 403, "wrong_passkey");
    assert_eq!(place.passkeys(&ann).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_credential_is_one_persons_and_nobody_has_passkeys_without_end() {
    let place = site().await;
    let (ann, mut authenticator) = with_passkey(&place, "Ann").await;
    let eve = place.member("Eve").await;
    for session in [&ann, &eve] {
        is_refused(
            &place.add(session, &mut authenticator).await,
            409,
            "passkey_exists",
        );
    }
}

#[tokio::test]
async fn a_session_alone_adds_no_passkey() {
    let place = site().await;
    let ann = place.member("Ann").await;
    for (body, status, error) in [
        (Value::Null, 400, "bad_frame"),
        (json!({"password": "battery staple"}), 403, "wrong_password"),
    ] {
        let refused = place
            .browse("POST", "/api/passkeys/options", Some(&ann), body)
            .await;
        is_refused(&refused, status, error);
    }
}

#[tokio::test]
async fn the_other_devices_are_told_of_passkeys() {
    let place = site().await;
    let laptop = place.member("Ann").await;
    let sign_in = json!({"name": "Ann", "password": "correct horse"});
    let phone = place.ask("POST", "/api/sign-in", None, sign_in).await;
    let phone = phone.body["token"].as_str().expect("a token").to_owned();
    let (mut on_laptop, mut on_phone) = (place.enter_as(&laptop).await, place.enter_as(&phone).await);
    let added = place.add(&phone, &mut Authenticator::ed25519(ORIGIN)).await;
    assert_eq!(added.status, 204);
    assert_eq!(on_laptop.until("SECURITY_NOTICE").await["event"], "passkey_added");
    let passkey = place.passkeys(&laptop).await[0]["id"].clone();
    let path = format!("/api/passkeys/{}", passkey.as_str().expect("an id"));
    let removed = place.browse("DELETE", &path, Some(&phone), Value::Null).await;
    assert_eq!(removed.status, 204);
    assert_eq!(
        on_laptop.until("SECURITY_NOTICE").await["event"],
        "passkey_removed"
    );
    let own = on_phone.drain().await;
    assert!(own.iter().all(|it| it["code"] != "SECURITY_NOTICE"), "{own:?}");
}

#[tokio::test]
async fn passkeys_are_for_members_on_pages_that_have_a_name() {
    let place = site().await;
    let guest = place.browse("POST", "/api/session", None, Value::Null).await;
    let guest = guest.cookie.expect("a cookie");
    for (method, path) in [
        ("POST", "/api/passkeys/options"),
        ("POST", "/api/passkeys"),
        ("GET", "/api/passkeys"),
        ("DELETE", "/api/passkeys/x"),
    ] {
        let nobody = place.browse(method, path, None, Value::Null).await;
        is_refused(&nobody, 401, "hello_required");
        let refused = place
            .browse(method, path, Some(credential(&guest)), Value::Null)
            .await;
        is_refused(&refused, 403, "not_allowed");
    }
    let program = place
        .ask("POST", "/api/sign-in/passkey/options", None, Value::Null)
        .await;
    is_refused(&program, 403, "forbidden_origin");
    let at_its_address = place
        .ask_as_page("POST", "/api/sign-in/passkey/options", None, Value::Null)
        .await;
    is_refused(&at_its_address, 400, "passkeys_unavailable");
}
