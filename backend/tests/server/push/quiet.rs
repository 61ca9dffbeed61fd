//! Quiet hours: no push is sent in them, in the time zone of the browser.

use serde_json::{Value, json};
use snug::clock;

use super::{
    Browser, DEN, Service, ann, disconnect, post_in_the_den, start_push_server, subscribe, subscribed_member,
};
use crate::support::TestServer;

/// From an hour ago until in an hour, in a zone that is this many hours ahead of UTC.
fn around_now(ahead: i64) -> Value {
    let minute = |hours: i64| (clock::now().0 / 60_000 + hours * 60).rem_euclid(24 * 60);
    json!({"from": minute(ahead - 1), "to": minute(ahead + 1)})
}

async fn set_quiet_hours(server: &TestServer, proof: &str, quiet: Value) {
    let set = json!({"code": "SET_SETTINGS", "settings": {"quietHours": quiet}});
    assert_eq!(server.change(proof, set).await, Ok(()));
}

/// Subscribes the same browser with another time zone.
async fn set_time_zone(server: &TestServer, proof: &str, browser: &Browser, zone: &str) {
    let mut subscription = browser.subscription();
    subscription["timeZone"] = zone.into();
    let answer = server.ask("POST", "/api/push", Some(proof), subscription).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

#[tokio::test]
async fn a_member_gets_no_push_in_their_quiet_hours() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    // Bob's time zone is unknown.
    let (bob, _) = subscribed_member(&server, &service, "Bob").await;
    set_quiet_hours(&server, &bob, around_now(0)).await;
    subscribed_member(&server, &service, "Carl").await;
    ann.post("1", "are you asleep?").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn quiet_hours_are_in_the_time_zone_of_the_browser() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (bob, phone) = subscribed_member(&server, &service, "Bob").await;
    subscribed_member(&server, &service, "Carl").await;
    let tablet = Browser::at(&service.origin(), "/Bob-abroad");
    subscribe(&server, &bob, &tablet).await;
    // One of the two is in another zone. The signs of these zone names are inverted, as in POSIX.
    set_quiet_hours(&server, &bob, around_now(5)).await;
    set_time_zone(&server, &bob, &phone, "Etc/GMT-5").await;
    set_time_zone(&server, &bob, &tablet, "Etc/GMT+7").await;
    post_in_the_den(&mut ann, "2", "and now?").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob-abroad", "/Carl"]);
}

#[tokio::test]
async fn a_browser_that_has_travelled_uses_its_new_time_zone() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let (bob, phone) = subscribed_member(&server, &service, "Bob").await;
    set_quiet_hours(&server, &bob, around_now(5)).await;
    set_time_zone(&server, &bob, &phone, "Etc/GMT+7").await;
    ann.post("1", "still up?").await;
    assert_eq!(service.take().await.path, "/Bob");
    set_time_zone(&server, &bob, &phone, "Etc/GMT-5").await;
    subscribed_member(&server, &service, "Carl").await;
    post_in_the_den(&mut ann, "2", "and now?").await;
    assert_eq!(service.take().await.path, "/Carl");
    // An unknown zone counts as UTC, and is not refused.
    set_time_zone(&server, &bob, &phone, "Mars/Olympus").await;
}

/// A guest who has joined the den and left. Returns the guest's credential.
async fn guest(server: &TestServer) -> String {
    let mut guest = server.guest("gus").await;
    guest.send(json!({"code": "JOIN_ROOM", "room": DEN})).await;
    guest.until("ROOM").await;
    let token = guest.welcome["you"]["token"].as_str().expect("a token");
    let proof = format!("gus.{token}");
    disconnect(guest).await;
    proof
}

#[tokio::test]
async fn a_guests_quiet_hours_are_part_of_the_subscription() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let proof = guest(&server).await;
    let mut subscription = Browser::at(&service.origin(), "/gus").subscription();
    subscription["quietHours"] = around_now(0);
    let answer = server.ask("POST", "/api/push", Some(&proof), subscription).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    subscribed_member(&server, &service, "Carl").await;
    ann.post("1", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn a_subscription_that_replaces_another_one_ends_it_and_has_its_own_quiet_hours() {
    let (server, service) = (start_push_server().await, Service::open().await);
    let mut ann = ann(&server).await;
    let proof = guest(&server).await;
    let (old, new) = (
        Browser::at(&service.origin(), "/old"),
        Browser::at(&service.origin(), "/new"),
    );
    let mut before = old.subscription();
    (before["quietHours"], before["timeZone"]) = (around_now(5), "Etc/GMT-5".into());
    let mut after = new.subscription();
    after["replaces"] = before["endpoint"].clone();
    for subscription in [before, after.clone()] {
        let answer = server.ask("POST", "/api/push", Some(&proof), subscription).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    subscribed_member(&server, &service, "Carl").await;
    ann.post("1", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
    // The new subscription applies; the old browser gets nothing at any hour.
    after["quietHours"] = around_now(12);
    let answer = server.ask("POST", "/api/push", Some(&proof), after).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    post_in_the_den(&mut ann, "2", "are you up?").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Carl", "/new"]);
}
