//! Settings that follow whoever keeps a name.

use serde_json::{Value, json};

use crate::support::{Place, place};

async fn set(place: &Place, token: &str, settings: Value) -> Result<(), String> {
    let set = json!({"code": "SET_SETTINGS", "settings": settings});
    place.change(token, set).await
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
    assert_eq!(set(&place, &mia, night.clone()).await, Ok(()));
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
    assert_eq!(set(&place, &mia, json!({"theme": "light"})).await, Ok(()));
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
    let set = json!({"code": "SET_SETTINGS", "settings": {"theme": "dark"}});
    let mut guest = place.person("guest").await;
    assert_eq!(guest.request(set).await, Err("not_allowed".to_owned()));
}

#[tokio::test]
async fn what_is_no_setting_is_refused_and_changes_nothing() {
    let place = place().await;
    let mia = place.member("Mia").await;
    assert_eq!(set(&place, &mia, json!({"theme": "dark"})).await, Ok(()));
    for bad in [
        Value::Null,
        json!(7),
        json!({"theme": "sepia"}),
        json!({"quietHours": {"from": 0, "to": 1440}}),
    ] {
        assert_eq!(
            set(&place, &mia, bad.clone()).await,
            Err("bad_frame".to_owned()),
            "{bad}"
        );
    }
    assert_eq!(kept(&place, &mia).await, json!({"theme": "dark"}));
}
