//! Wraps the browser's notifications.

use snug_shared::settings::Minute;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::browser;

/// Whether the browser lets this page show notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// The browser does not support notifications.
    Never,
    /// The user was not asked yet.
    Unasked,
    /// The user has granted the permission.
    Granted,
    /// The user has denied the permission.
    Denied,
}

/// Returns the permission to show notifications.
pub(super) fn permission() -> Permission {
    let has = js_sys::Reflect::has(&browser::window(), &JsValue::from_str("Notification"));
    if !has.unwrap_or(false) {
        return Permission::Never;
    }
    match Notification::permission() {
        NotificationPermission::Granted => Permission::Granted,
        NotificationPermission::Denied => Permission::Denied,
        _ => Permission::Unasked,
    }
}

/// Requests the permission. A browser asks the user only after the press of a button.
pub(super) async fn request_permission() -> Permission {
    if let Ok(answer) = Notification::request_permission() {
        let _ = JsFuture::from(answer).await;
    }
    permission()
}

/// Shows a notification in place of the last one with this tag. In a browser that lets only service workers
/// show them (Chrome on Android), it does nothing.
pub(super) fn show(title: &str, body: &str, tag: &str, go: impl FnOnce() + 'static) {
    if permission() != Permission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    let Ok(notification) = Notification::new_with_options(title, &options) else {
        return;
    };
    let pressed = {
        let notification = notification.clone();
        Closure::once_into_js(move || {
            let _ = browser::window().focus();
            go();
            notification.close();
        })
    };
    notification.set_onclick(Some(pressed.unchecked_ref()));
}

/// Returns the minute of the day in the browser's time zone.
pub(super) fn minute_of_day() -> Option<Minute> {
    let now = js_sys::Date::new_0();
    let [hour, minute] = [now.get_hours(), now.get_minutes()].map(|it| u16::try_from(it).ok());
    Minute::at(hour?, minute?)
}
