//! Refusals at the join screen: the end of a ban, and links that have expired.

use serde_json::{Value, json};
use snug::clock;

use crate::support::start_server;

#[tokio::test]
async fn a_banned_user_is_told_when_the_ban_ends() {
    let server = start_server().await;
    let owner = server.owner("Olga").await;
    let bob = server.member("Bob").await;
    let session = server.ask("POST", "/api/session", Some(&bob), Value::Null).await;
    let person = session.body["chatId"].clone();
    let history = "/api/rooms/lobby/messages?before=1";
    let before = clock::now().0;
    for minutes in [Some(60), None] {
        let mut act = json!({"action": "ban", "chatId": person});
        if let Some(minutes) = minutes {
            act["minutes"] = minutes.into();
        }
        let done = server.ask("POST", "/api/moderation", Some(&owner), act).await;
        assert_eq!(done.status, 204, "{}", done.body);
        let sign_in = json!({"name": "Bob", "password": "correct horse"});
        for refused in [
            server.ask("GET", history, Some(&bob), Value::Null).await,
            // With the password alone, from a new browser.
            server.ask("POST", "/api/sign-in", None, sign_in).await,
        ] {
            assert_eq!((refused.status, &refused.body["error"]), (403, &json!("banned")));
            let until = refused.body["bannedUntil"].as_i64().expect("a time");
            match minutes {
                Some(_) => assert!((1..=2 * 60 * 60_000).contains(&(until - before)), "{until}"),
                None => assert_eq!(until, i64::MAX, "permanently"),
            }
        }
    }
    // Other refusals have no time.
    let refused = server.ask("GET", history, None, Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["bannedUntil"]),
        (401, &Value::Null)
    );
}

#[tokio::test]
async fn a_page_knows_that_a_link_has_expired_before_the_form_is_filled_in() {
    let server = start_server().await;
    let link = server.inner.owner_link().expect("nobody owns it yet");
    let owners = link.split("#owner=").nth(1).expect("a secret").to_owned();
    let check = async |what: &str, secret: &str| {
        let link = json!({what: secret});
        let answer = server.ask("POST", "/api/check-link", None, link).await;
        (answer.status, answer.body["error"].clone())
    };
    assert_eq!(check("owner", &owners).await.0, 204);
    // Checking a link does not use it up.
    assert_eq!(check("owner", &owners).await.0, 204);
    let answer = json!({"name": "Olga", "password": "correct horse", "owner": owners});
    let olga = server.ask("POST", "/api/account", None, answer).await;
    let olga = olga.body["token"].as_str().expect("a token").to_owned();
    let spent = (410, json!("link_expired"));
    assert_eq!(check("owner", &owners).await, spent);

    let made = server
        .ask("POST", "/api/invites", Some(&olga), json!({"uses": 1}))
        .await;
    let secret = made.body["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(check("invite", &secret).await.0, 204);
    assert_eq!(
        check("owner", &secret).await,
        spent,
        "the secret is for another kind of link"
    );
    let account = json!({"name": "Bob", "password": "correct horse", "invite": secret});
    assert_eq!(
        server.ask("POST", "/api/account", None, account).await.status,
        200
    );
    assert_eq!(check("invite", &secret).await, spent);
    // Attempts of many secrets are rate limited.
    let mut last = 0;
    for n in 0..20 {
        last = check("invite", &format!("guess-{n}")).await.0;
    }
    assert_eq!(last, 429);
}
