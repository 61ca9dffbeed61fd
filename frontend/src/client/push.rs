//! Being told of what is said while no page is open (Web Push): whether this browser is, and how that begins and ends.
//!
//! A subscription belongs to the person who asked for it. Which that was is remembered beside it, so that whoever comes after
//! them at this browser is not shown what was meant for them.

use std::cell::RefCell;

use gloo_events::EventListener;
use js_sys::{JSON, Reflect};
use snug_shared::{
    api::{NewPush, OldPush},
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

/// Beside the page, so that it stands for the whole of it.
const WORKER: &str = "/push-worker.js";

/// How it stands here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Push {
    /// It needs HTTPS.
    Insecure,
    /// This browser does not know it.
    Unknown,
    /// On an iPhone or iPad only a page on the Home Screen knows it.
    NotInstalled,
    /// This browser was told not to.
    Denied,
    Off,
    On,
}

/// It did not begin.
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

/// Looks how it stands.
pub(crate) async fn look() -> Push {
    let window = browser::window();
    if !window.is_secure_context() {
        return Push::Insecure;
    }
    let has = |name: &str| Reflect::has(&window, &name.into()).unwrap_or(false);
    if workers().is_none() || !has("PushManager") || !has("Notification") {
        let navigator = window.navigator();
        let standalone = Reflect::get(&navigator, &"standalone".into()).ok();
        let installed = standalone.and_then(|it| it.as_bool()).unwrap_or(false);
        let agent = navigator.user_agent().unwrap_or_default();
        return if !installed && is_ios(&agent, navigator.max_touch_points()) {
            Push::NotInstalled
        } else {
            Push::Unknown
        };
    }
    if Notification::permission() == NotificationPermission::Denied {
        return Push::Denied;
    }
    match subscription().await {
        Some(_) if storage::push_user().is_some() => Push::On,
        _ => Push::Off,
    }
}

/// Whether that is an iPhone or iPad. An iPad says that it is a Mac; no Mac is touched.
fn is_ios(agent: &str, touch_points: i32) -> bool {
    ["iPhone", "iPad", "iPod"].iter().any(|it| agent.contains(it))
        || agent.contains("Macintosh") && touch_points > 1
}

/// Begins; the browser asks the person first. Only for who has just pressed a button.
pub(crate) async fn begin() -> Result<Push, Failed> {
    JsFuture::from(Notification::request_permission()?).await?;
    match Notification::permission() {
        NotificationPermission::Granted => {}
        NotificationPermission::Denied => return Ok(Push::Denied),
        _ => return Ok(Push::Off),
    }
    subscribe().await?;
    Ok(Push::On)
}

/// Subscribes to this server, with the permission that there is.
async fn subscribe() -> Result<(), Failed> {
    let workers = workers().ok_or(Failed)?;
    JsFuture::from(workers.register(&(browser::base() + WORKER))).await?;
    let ready: ServiceWorkerRegistration = JsFuture::from(workers.ready()?).await?.unchecked_into();
    // One that is there is of whoever was here before, or of another Snug at this address.
    if let Some(old) = subscription().await {
        JsFuture::from(old.unsubscribe()?).await?;
    }
    let person = http::session().await?.chat_id;
    let options = PushSubscriptionOptionsInit::new();
    options.set_user_visible_only(true);
    options.set_application_server_key(&http::push_key().await?.key.into());
    let made = ready.push_manager()?.subscribe_with_options(&options)?;
    let made: PushSubscription = JsFuture::from(made).await?.unchecked_into();
    if let Err(failed) = tell(written(&made)?).await {
        // Nobody would send anything to it.
        JsFuture::from(made.unsubscribe()?).await?;
        return Err(failed);
    }
    storage::save_push_user(Some(&person));
    Ok(())
}

/// Ends.
pub(crate) async fn end() {
    storage::save_push_user(None);
    if let Some(old) = subscription().await {
        // Where the server cannot be reached, the push service tells it that nobody is there.
        let _ = http::be_pushed_no_more(&OldPush {
            endpoint: old.endpoint(),
        })
        .await;
        forget(&old).await;
    }
}

/// This person is here now: the server is told again where to find them, or the browser is not theirs.
pub(crate) async fn belongs_to(person: &ChatId) {
    let Some(owner) = storage::push_user() else { return };
    let Some(known) = subscription().await else {
        storage::save_push_user(None);
        return;
    };
    if owner == *person {
        // Without an answer it stays as it is; the next page asks again.
        let Ok(server) = http::push_key().await else {
            return;
        };
        if key_of(&known).is_some_and(|key| key != server.key) {
            // Made for another key, such as that of a Snug whose folder is gone: nothing that this server sends would arrive.
            if subscribe().await.is_err() {
                storage::save_push_user(None);
            }
        } else if let Ok(push) = written(&known) {
            // It may be another session than the one that it was begun in.
            let _ = tell(push).await;
        }
        return;
    }
    storage::save_push_user(None);
    forget(&known).await;
}

/// The key of the server that may send to it. Some browsers do not tell.
fn key_of(subscription: &PushSubscription) -> Option<String> {
    let options = Reflect::get(subscription, &"options".into()).ok()?;
    let key = Reflect::get(&options, &"applicationServerKey".into()).ok()?;
    browser::base64url(&key.dyn_into().ok()?)
}

/// Closes the notifications of which `is_over` is true, by their room and the number of their message, which older ones do not have.
pub(crate) async fn withdraw(is_over: impl Fn(&RoomId, Option<Position>) -> bool) {
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

async fn forget(subscription: &PushSubscription) {
    if let Ok(ending) = subscription.unsubscribe() {
        // Without the network it ends here, and the push service hears of it later.
        let _ = JsFuture::from(ending).await;
    }
}

fn written(subscription: &PushSubscription) -> Result<NewPush, Failed> {
    let text = String::from(JSON::stringify(subscription)?);
    let written: NewPush = serde_json::from_str(&text).map_err(|_| Failed)?;
    Ok(NewPush {
        zone: browser::time_zone(),
        quiet: storage::settings().quiet,
        ..written
    })
}

thread_local! {
    /// What the server knows of this browser since the page is there.
    static TOLD: RefCell<Option<NewPush>> = const { RefCell::new(None) };
}

/// Tells the server where to find this browser, and what time it is there.
async fn tell(push: NewPush) -> Result<(), Failed> {
    http::be_pushed(&push).await?;
    TOLD.set(Some(push));
    Ok(())
}

/// The quiet hours or the time zone may be others than the server was told.
pub(crate) async fn tell_time() {
    if storage::push_user().is_none() || TOLD.with_borrow(Option::is_none) {
        return;
    }
    let Some(known) = subscription().await else { return };
    if let Ok(push) = written(&known)
        && TOLD.with_borrow(|told| told.as_ref() != Some(&push))
    {
        // What does not arrive is told when the page is looked at again.
        let _ = tell(push).await;
    }
}

/// Hands on what the worker says, until it is dropped: where whoever has pressed a notification wants to go.
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

/// There are none where a page is not secure, or private.
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
