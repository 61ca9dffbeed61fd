//! Subscribes this browser to push notifications (Web Push), and unsubscribes it.
//!
//! A subscription belongs to the user who asked for it. The user is stored with it, so that the next user of
//! this browser does not see their notifications.

use std::cell::RefCell;

use gloo_events::EventListener;
use js_sys::{JSON, Reflect};
use snug_shared::{
    api::{PushSubscription as NewSubscription, PushUnsubscription},
    ids::{ChatId, Position, RoomId},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageEvent, Notification, NotificationPermission, PushSubscription, PushSubscriptionOptionsInit,
    ServiceWorkerContainer, ServiceWorkerRegistration,
};

use super::{http, storage};
use crate::browser;

/// The service worker's script, beside the page, so that its scope is the whole page.
const WORKER: &str = "/push-worker.js";

/// Whether this browser receives push notifications, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PushStatus {
    /// Web Push needs HTTPS.
    Insecure,
    /// This browser does not support Web Push.
    Unknown,
    /// On an iPhone or iPad, Web Push needs the page on the Home Screen.
    NotInstalled,
    /// The user has denied the permission.
    Denied,
    /// This browser is not subscribed.
    Off,
    /// This browser is subscribed.
    On,
}

/// Subscribing has failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;

impl From<JsValue> for Failed {
    fn from(_: JsValue) -> Self {
        Self
    }
}

impl From<http::Failure> for Failed {
    fn from(_: http::Failure) -> Self {
        Self
    }
}

/// Reads the status of push notifications.
pub(crate) async fn status() -> PushStatus {
    let window = browser::window();
    if !window.is_secure_context() {
        return PushStatus::Insecure;
    }
    let has = |name: &str| Reflect::has(&window, &name.into()).unwrap_or(false);
    if workers().is_none() || !has("PushManager") || !has("Notification") {
        let navigator = window.navigator();
        let standalone = Reflect::get(&navigator, &"standalone".into()).ok();
        let installed = standalone.and_then(|it| it.as_bool()).unwrap_or(false);
        let agent = navigator.user_agent().unwrap_or_default();
        return if !installed && is_ios(&agent, navigator.max_touch_points()) {
            PushStatus::NotInstalled
        } else {
            PushStatus::Unknown
        };
    }
    if Notification::permission() == NotificationPermission::Denied {
        return PushStatus::Denied;
    }
    match subscription().await {
        Some(_) if storage::push_user().is_some() => PushStatus::On,
        _ => PushStatus::Off,
    }
}

/// Returns whether the device is an iPhone or iPad. An iPad claims to be a Mac, but no Mac has a touch
/// screen.
fn is_ios(agent: &str, touch_points: i32) -> bool {
    ["iPhone", "iPad", "iPod"].iter().any(|it| agent.contains(it))
        || agent.contains("Macintosh") && touch_points > 1
}

/// Turns push notifications on. The browser asks the user for permission, so this may only follow the press
/// of a button.
pub(crate) async fn turn_on() -> Result<PushStatus, Failed> {
    JsFuture::from(Notification::request_permission()?).await?;
    match Notification::permission() {
        NotificationPermission::Granted => {}
        NotificationPermission::Denied => return Ok(PushStatus::Denied),
        _ => return Ok(PushStatus::Off),
    }
    subscribe().await?;
    Ok(PushStatus::On)
}

/// Subscribes to this server. The permission must be granted.
async fn subscribe() -> Result<(), Failed> {
    let workers = workers().ok_or(Failed)?;
    JsFuture::from(workers.register(&(browser::base() + WORKER))).await?;
    let ready: ServiceWorkerRegistration = JsFuture::from(workers.ready()?).await?.unchecked_into();
    // An existing subscription belongs to the last user, or to another server at this address.
    if let Some(old) = subscription().await {
        JsFuture::from(old.unsubscribe()?).await?;
    }
    let person = http::session().await?.chat_id;
    let options = PushSubscriptionOptionsInit::new();
    options.set_user_visible_only(true);
    options.set_application_server_key(&http::push_key().await?.key.into());
    let made = ready.push_manager()?.subscribe_with_options(&options)?;
    let made: PushSubscription = JsFuture::from(made).await?.unchecked_into();
    if let Err(failed) = send_subscription(new_push(&made)?).await {
        // Without the server nothing would be sent to it.
        JsFuture::from(made.unsubscribe()?).await?;
        return Err(failed);
    }
    storage::save_push_user(Some(&person));
    Ok(())
}

/// Turns push notifications off.
pub(crate) async fn turn_off() {
    storage::save_push_user(None);
    if let Some(old) = subscription().await {
        // If the server cannot be reached, it learns from the push service later.
        let _ = http::unsubscribe_push(&PushUnsubscription {
            endpoint: old.endpoint(),
        })
        .await;
        unsubscribe(&old).await;
    }
}

/// Renews the subscription for the page's user, or ends the subscription of another user.
pub(crate) async fn renew_for(person: &ChatId) {
    let Some(owner) = storage::push_user() else { return };
    let Some(known) = subscription().await else {
        storage::save_push_user(None);
        return;
    };
    if owner == *person {
        // Without an answer the subscription stays as it is; the next page load sends the request again.
        let Ok(server) = http::push_key().await else {
            return;
        };
        if key_of(&known).is_some_and(|key| key != server.key) {
            // It was made for another key, such as that of a server whose data is gone: this server's pushes
            // would not arrive.
            if subscribe().await.is_err() {
                storage::save_push_user(None);
            }
        } else if let Ok(push) = new_push(&known) {
            // The session may be another one than at the time of subscribing.
            let _ = send_subscription(push).await;
        }
        return;
    }
    storage::save_push_user(None);
    unsubscribe(&known).await;
}

/// Returns the key of the server that may send to the subscription. Some browsers do not report it.
fn key_of(subscription: &PushSubscription) -> Option<String> {
    let options = Reflect::get(subscription, &"options".into()).ok()?;
    let key = Reflect::get(&options, &"applicationServerKey".into()).ok()?;
    browser::base64url(&key.dyn_into().ok()?)
}

/// Closes the notifications for which `is_over` returns true, given their room and, except for old ones,
/// their message.
pub(crate) async fn close_notifications(is_over: impl Fn(&RoomId, Option<Position>) -> bool) {
    let Some(worker) = registration().await else {
        return;
    };
    let Ok(shown) = worker.get_notifications() else {
        return;
    };
    let Ok(shown) = JsFuture::from(shown).await else {
        return;
    };
    for notification in js_sys::Array::from(&shown) {
        let notification: Notification = notification.unchecked_into();
        let n = Reflect::get(&notification.data(), &"n".into()).ok();
        let n = n.and_then(|it| it.as_f64()).map(|it| Position(it as u64));
        let room = notification
            .tag()
            .and_then(|tag| RoomId::try_from(tag.as_str()).ok());
        if room.is_some_and(|room| is_over(&room, n)) {
            notification.close();
        }
    }
}

async fn unsubscribe(subscription: &PushSubscription) {
    if let Ok(ending) = subscription.unsubscribe() {
        // Without the network it ends in this browser, and the push service learns later.
        let _ = JsFuture::from(ending).await;
    }
}

/// Makes the subscription that is sent to the server.
fn new_push(subscription: &PushSubscription) -> Result<NewSubscription, Failed> {
    let text = String::from(JSON::stringify(subscription)?);
    let written: NewSubscription = serde_json::from_str(&text).map_err(|_| Failed)?;
    Ok(NewSubscription {
        time_zone: browser::time_zone(),
        quiet_hours: storage::settings().quiet_hours,
        ..written
    })
}

thread_local! {
    /// The subscription that was last sent to the server.
    static SENT: RefCell<Option<NewSubscription>> = const { RefCell::new(None) };
}

/// Sends the subscription to the server, with the time zone and the quiet hours.
async fn send_subscription(push: NewSubscription) -> Result<(), Failed> {
    http::subscribe_push(&push).await?;
    SENT.set(Some(push));
    Ok(())
}

/// Sends the subscription again if the quiet hours or the time zone have changed.
pub(crate) async fn update_time_zone() {
    if storage::push_user().is_none() || SENT.with_borrow(Option::is_none) {
        return;
    }
    let Some(known) = subscription().await else { return };
    if let Ok(push) = new_push(&known)
        && SENT.with_borrow(|sent| sent.as_ref() != Some(&push))
    {
        // If it fails, it is sent again when the page becomes visible.
        let _ = send_subscription(push).await;
    }
}

/// Calls `go` with the path of each notification that the user presses, until the listener is dropped.
pub(crate) fn on_press(go: impl Fn(String) + 'static) -> Option<EventListener> {
    let workers = workers()?;
    Some(EventListener::new(&workers, "message", move |event| {
        let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
        let path = data.and_then(|data| Reflect::get(&data, &"go".into()).ok());
        if let Some(path) = path.and_then(|it| it.as_string()) {
            go(path);
        }
    }))
}

/// Returns the service workers, which insecure and private pages lack.
fn workers() -> Option<ServiceWorkerContainer> {
    let navigator = browser::window().navigator();
    Reflect::get(&navigator, &"serviceWorker".into())
        .ok()?
        .dyn_into()
        .ok()
}

async fn registration() -> Option<ServiceWorkerRegistration> {
    let found = JsFuture::from(workers()?.get_registration()).await.ok()?;
    found.dyn_into().ok()
}

async fn subscription() -> Option<PushSubscription> {
    let worker = registration().await?;
    let asked = worker.push_manager().ok()?.get_subscription().ok()?;
    JsFuture::from(asked).await.ok()?.dyn_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipad_is_known_though_it_says_that_it_is_a_mac() {
        let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15";
        let mac = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15";
        assert!(is_ios(iphone, 5) && is_ios(mac, 5));
        assert!(!is_ios(mac, 0) && !is_ios("Mozilla/5.0 (X11; Linux x86_64; rv:140.0)", 10));
    }
}
