//! Settings that follow whoever keeps a name.

use serde_json::{Value, json};

use crate::support::{Place, credential, place};

async fn set(place: &Place, proof: Option<&str>, settings: Value) -> (u16, Value) {
    let answer = place.ask("PUT", "/api/settings", proof, settings).await;
    (answer.status, answer.body["error"].clone())
}

async fn kept(place: &Place, proof: &str) -> Value {
    let session = place.ask("POST", "/api/session", Some(proof), Value::Null).await;
    session.body["settings"].clone()
}

#[tokio::test]
async fn settings_are_the_same_on_each_device_and_nobody_elses() {
    let place = place().await;
    let (mia, bob) = (place.member("Mia").await, place.member("Bob").await);
    assert_eq!(kept(&place, &mia).await, Value::Null, "never set");
    let (mut phone, mut laptop) = (place.enter_as(&mia).await, place.enter_as(&mia).await);
    let mut bob = place.enter_as(&bob).await;
    let night = json!({"lang": "zh-CN", "theme": "dark", "unreadOnly": true, "quietHours": {"from": 1320, "to": 480}});
    assert_eq!(set(&place, Some(&mia), night.clone()).await.0, 204);
    let mut told = night.clone();
    told["code"] = "SETTINGS".into();
    for device in [&mut phone, &mut laptop] {
        assert_eq!(device.until("SETTINGS").await, told);
    }
    assert!(bob.drain().await.iter().all(|it| it["code"] != "SETTINGS"));
    // Whoever asked for the session before that has not missed it.
    let mut late = place.stranger().await;
    late.hello(json!({"name": "?", "token": mia})).await;
    assert_eq!(late.until("SETTINGS").await, told);

    // What is absent is as usual again.
    assert_eq!(set(&place, Some(&mia), json!({"theme": "light"})).await.0, 204);
    assert_eq!(
        laptop.until("SETTINGS").await,
        json!({"code": "SETTINGS", "theme": "light"})
    );
    let place = place.restarted().await;
    assert_eq!(kept(&place, &mia).await, json!({"theme": "light"}));
    let sign_in = json!({"name": "Mia", "password": "correct horse"});
    let session = place.ask("POST", "/api/sign-in", None, sign_in).await;
    assert_eq!(session.body["settings"], json!({"theme": "light"}));
}

#[tokio::test]
async fn guests_keep_their_settings_themselves() {
    let place = place().await;
    let guest = place.ask("POST", "/api/session", None, Value::Null).await;
    let cookie = guest.cookie.expect("a cookie");
    let proof = Some(credential(&cookie));
    assert_eq!(
        set(&place, proof, json!({"theme": "dark"})).await,
        (403, json!("not_allowed"))
    );
    assert_eq!(set(&place, None, json!({"theme": "dark"})).await.0, 401);
}

#[tokio::test]
async fn what_is_no_setting_is_refused_and_changes_nothing() {
    let place = place().await;
    let mia = place.member("Mia").await;
    assert_eq!(set(&place, Some(&mia), json!({"theme": "dark"})).await.0, 204);
    for bad in [
        Value::Null,
        json!(7),
        json!({"theme": "sepia"}),
        json!({"quietHours": {"from": 0, "to": 1440}}),
    ] {
        assert_eq!(
            set(&place, Some(&mia), bad.clone()).await,
            (400, json!("bad_frame")),
            "{bad}"
        );
    }
    assert_eq!(kept(&place, &mia).await, json!({"theme": "dark"}));
}
