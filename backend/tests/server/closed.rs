//! What is said to whoever does not come in: until when, and that a link is of no use any more.

use serde_json::{Value, json};
use snug::clock;

use crate::support::place;

#[tokio::test]
async fn whoever_was_put_out_is_told_until_when() {
    let place = place().await;
    let owner = place.owner("Olga").await;
    let bob = place.member("Bob").await;
    let session = place.ask("POST", "/api/session", Some(&bob), Value::Null).await;
    let person = session.body["chatId"].clone();
    let history = "/api/rooms/lobby/messages?before=1";
    let before = clock::now().0;
    for minutes in [Some(60), None] {
        let mut act = json!({"action": "ban", "chatId": person});
        if let Some(minutes) = minutes {
            act["minutes"] = minutes.into();
        }
        let done = place.ask("POST", "/api/moderation", Some(&owner), act).await;
        assert_eq!(done.status, 204, "{}", done.body);
        let sign_in = json!({"name": "Bob", "password": "correct horse"});
        for refused in [
            place.ask("GET", history, Some(&bob), Value::Null).await,
            // By the password alone, from a browser that nobody knows.
            place.ask("POST", "/api/sign-in", None, sign_in).await,
        ] {
            assert_eq!((refused.status, &refused.body["error"]), (403, &json!("banned")));
            let until = refused.body["bannedUntil"].as_i64().expect("a time");
            match minutes {
                Some(_) => assert!((1..=2 * 60 * 60_000).contains(&(until - before)), "{until}"),
                None => assert_eq!(until, i64::MAX, "for good"),
            }
        }
    }
    // Whoever is refused for another reason is told of none.
    let refused = place.ask("GET", history, None, Value::Null).await;
    assert_eq!(
        (refused.status, &refused.body["bannedUntil"]),
        (401, &Value::Null)
    );
}

#[tokio::test]
async fn a_link_is_known_to_be_spent_before_a_form_is_filled_in() {
    let place = place().await;
    let link = place.server.owner_link().expect("nobody owns it yet");
    let owners = link.split("#owner=").nth(1).expect("a secret").to_owned();
    let check = async |what: &str, secret: &str| {
        let link = json!({what: secret});
        let answer = place.ask("POST", "/api/check-link", None, link).await;
        (answer.status, answer.body["error"].clone())
    };
    assert_eq!(check("owner", &owners).await.0, 204);
    // It is good as often as one looks.
    assert_eq!(check("owner", &owners).await.0, 204);
    let answer = json!({"name": "Olga", "password": "correct horse", "owner": owners});
    let olga = place.ask("POST", "/api/account", None, answer).await;
    let olga = olga.body["token"].as_str().expect("a token").to_owned();
    let spent = (410, json!("link_expired"));
    assert_eq!(check("owner", &owners).await, spent);

    let made = place
        .ask("POST", "/api/invites", Some(&olga), json!({"uses": 1}))
        .await;
    let secret = made.body["secret"].as_str().expect("a secret").to_owned();
    assert_eq!(check("invite", &secret).await.0, 204);
    assert_eq!(check("owner", &secret).await, spent, "it is for something else");
    let account = json!({"name": "Bob", "password": "correct horse", "invite": secret});
    assert_eq!(place.ask("POST", "/api/account", None, account).await.status, 200);
    assert_eq!(check("invite", &secret).await, spent);
    // Who guesses is told to wait.
    let mut last = 0;
    for n in 0..20 {
        last = check("invite", &format!("guess-{n}")).await.0;
    }
    assert_eq!(last, 429);
}
