//! Settings, which are the same on all devices of a member.

use serde_json::{Value, json};

use crate::support::{TestServer, start_server};

async fn set(server: &TestServer, token: &str, settings: Value) -> Result<(), String> {
    let set = json!({"code": "SET_SETTINGS", "settings": settings});
    server.change(token, set).await
}

async fn stored_settings(server: &TestServer, proof: &str) -> Value {
    let session = server.ask("POST", "/api/session", Some(proof), Value::Null).await;
    session.body["settings"].clone()
}

#[tokio::test]
async fn settings_are_the_same_on_all_devices_of_a_member_and_not_shared_with_others() {
    let server = start_server().await;
    let (mia, bob) = (server.member("Mia").await, server.member("Bob").await);
    assert_eq!(stored_settings(&server, &mia).await, Value::Null, "never set");
    let (mut phone, mut laptop) = (server.join_as(&mia).await, server.join_as(&mia).await);
    let mut bob = server.join_as(&bob).await;
    let night = json!({"lang": "zh-CN", "theme": "dark", "unreadOnly": true, "quietHours": {"from": 1320, "to": 480}});
    assert_eq!(set(&server, &mia, night.clone()).await, Ok(()));
    let mut told = night.clone();
    told["code"] = "SETTINGS".into();
    for device in [&mut phone, &mut laptop] {
        assert_eq!(device.until("SETTINGS").await, told);
    }
    assert!(bob.drain().await.iter().all(|it| it["code"] != "SETTINGS"));
    // A client that loaded its session before the change and connects after it gets the settings too.
    let mut late = server.open_socket().await;
    late.hello(json!({"name": "?", "token": mia})).await;
    assert_eq!(late.until("SETTINGS").await, told);

    // An absent setting has its default.
    assert_eq!(set(&server, &mia, json!({"theme": "light"})).await, Ok(()));
    assert_eq!(
        laptop.until("SETTINGS").await,
        json!({"code": "SETTINGS", "theme": "light"})
    );
    let server = server.restarted().await;
    assert_eq!(stored_settings(&server, &mia).await, json!({"theme": "light"}));
    let sign_in = json!({"name": "Mia", "password": "correct horse"});
    let session = server.ask("POST", "/api/sign-in", None, sign_in).await;
    assert_eq!(session.body["settings"], json!({"theme": "light"}));
}

#[tokio::test]
async fn the_server_does_not_store_the_settings_of_guests() {
    let server = start_server().await;
    let set = json!({"code": "SET_SETTINGS", "settings": {"theme": "dark"}});
    let mut guest = server.guest("guest").await;
    assert_eq!(guest.request(set).await, Err("not_allowed".to_owned()));
}

#[tokio::test]
async fn an_invalid_setting_is_refused_and_changes_nothing() {
    let server = start_server().await;
    let mia = server.member("Mia").await;
    assert_eq!(set(&server, &mia, json!({"theme": "dark"})).await, Ok(()));
    for bad in [
        Value::Null,
        json!(7),
        json!({"theme": "sepia"}),
        json!({"quietHours": {"from": 0, "to": 1440}}),
    ] {
        assert_eq!(
            set(&server, &mia, bad.clone()).await,
            Err("bad_frame".to_owned()),
            "{bad}"
        );
    }
    assert_eq!(stored_settings(&server, &mia).await, json!({"theme": "dark"}));
}
