//! Quiet hours: no push is sent in them, by the clock where the browser is.

use serde_json::{Value, json};
use snug::clock;

use super::{Browser, DEN, Service, ann, leave, listener, reaching, say_in_the_den, subscribe};
use crate::support::Place;

/// From an hour ago until in an hour, where it is so many hours later than in UTC.
fn around_now(ahead: i64) -> Value {
    let minute = |hours: i64| (clock::now().0 / 60_000 + hours * 60).rem_euclid(24 * 60);
    json!({"from": minute(ahead - 1), "to": minute(ahead + 1)})
}

async fn is_quiet(place: &Place, proof: &str, quiet: Value) {
    let set = json!({"code": "SET_SETTINGS", "settings": {"quietHours": quiet}});
    assert_eq!(place.change(proof, set).await, Ok(()));
}

/// The same browser, which says in which zone it is.
async fn moves(place: &Place, proof: &str, browser: &Browser, zone: &str) {
    let mut subscription = browser.subscription();
    subscription["timeZone"] = zone.into();
    let answer = place.ask("POST", "/api/push", Some(proof), subscription).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
}

#[tokio::test]
async fn a_member_is_told_nothing_in_their_quiet_hours() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    // Nobody has said in which zone they are.
    let (bob, _) = listener(&place, &service, "Bob").await;
    is_quiet(&place, &bob, around_now(0)).await;
    listener(&place, &service, "Carl").await;
    ann.say("1", "are you asleep?").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn the_hours_are_those_where_the_browser_is() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (bob, phone) = listener(&place, &service, "Bob").await;
    listener(&place, &service, "Carl").await;
    let tablet = Browser::at(&service.origin(), "/Bob-abroad");
    subscribe(&place, &bob, &tablet).await;
    // One of the two is where the hours are others. The signs of these zones are the wrong way round, by POSIX.
    is_quiet(&place, &bob, around_now(5)).await;
    moves(&place, &bob, &phone, "Etc/GMT-5").await;
    moves(&place, &bob, &tablet, "Etc/GMT+7").await;
    say_in_the_den(&mut ann, "2", "and now?").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Bob-abroad", "/Carl"]);
}

#[tokio::test]
async fn a_browser_that_has_travelled_has_the_hours_of_where_it_is_now() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let (bob, phone) = listener(&place, &service, "Bob").await;
    is_quiet(&place, &bob, around_now(5)).await;
    moves(&place, &bob, &phone, "Etc/GMT+7").await;
    ann.say("1", "still up?").await;
    assert_eq!(service.take().await.path, "/Bob");
    moves(&place, &bob, &phone, "Etc/GMT-5").await;
    listener(&place, &service, "Carl").await;
    say_in_the_den(&mut ann, "2", "and now?").await;
    assert_eq!(service.take().await.path, "/Carl");
    // What is no zone is UTC, and no reason to be refused.
    moves(&place, &bob, &phone, "Mars/Olympus").await;
}

/// A guest who has joined the den and left; with what they prove who they are.
async fn guest(place: &Place) -> String {
    let mut guest = place.person("gus").await;
    guest.send(json!({"code": "JOIN_ROOM", "room": DEN})).await;
    guest.until("ROOM").await;
    let token = guest.welcome["you"]["token"].as_str().expect("a token");
    let proof = format!("gus.{token}");
    leave(guest).await;
    proof
}

#[tokio::test]
async fn a_guests_hours_come_with_the_browser() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let proof = guest(&place).await;
    let mut subscription = Browser::at(&service.origin(), "/gus").subscription();
    subscription["quietHours"] = around_now(0);
    let answer = place.ask("POST", "/api/push", Some(&proof), subscription).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    listener(&place, &service, "Carl").await;
    ann.say("1", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
}

#[tokio::test]
async fn a_subscription_that_replaces_another_one_has_its_hours_and_ends_it() {
    let (place, service) = (reaching().await, Service::open().await);
    let mut ann = ann(&place).await;
    let proof = guest(&place).await;
    let (old, new) = (
        Browser::at(&service.origin(), "/old"),
        Browser::at(&service.origin(), "/new"),
    );
    let mut before = old.subscription();
    (before["quietHours"], before["timeZone"]) = (around_now(5), "Etc/GMT-5".into());
    let mut after = new.subscription();
    after["replaces"] = before["endpoint"].clone();
    for subscription in [before, after.clone()] {
        let answer = place.ask("POST", "/api/push", Some(&proof), subscription).await;
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    listener(&place, &service, "Carl").await;
    ann.say("1", "hello").await;
    assert_eq!(service.take().await.path, "/Carl");
    // What is said anew holds; the old browser is told nothing, whatever the hour.
    after["quietHours"] = around_now(12);
    let answer = place.ask("POST", "/api/push", Some(&proof), after).await;
    assert_eq!(answer.status, 204, "{}", answer.body);
    say_in_the_den(&mut ann, "2", "are you up?").await;
    let mut told = [service.take().await.path, service.take().await.path];
    told.sort();
    assert_eq!(told, ["/Carl", "/new"]);
}
