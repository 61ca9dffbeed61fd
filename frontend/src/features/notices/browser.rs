//! The browser's part of a notice.

use snug_shared::settings::Minute;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Notification, NotificationOptions, NotificationPermission};

use crate::browser;

/// Whether the browser lets this page give notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Permission {
    /// It cannot.
    Never,
    /// Nobody has been asked.
    Unasked,
    Granted,
    Denied,
}

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

/// Asks. A browser answers only to whoever has just pressed something.
pub(super) async fn ask() -> Permission {
    if let Ok(answer) = Notification::request_permission() {
        let _ = JsFuture::from(answer).await;
    }
    permission()
}

/// Shows a notice in place of the last one of this tag. Where only a service worker may (Chrome on Android),
/// there is none.
pub(super) fn show(title: &str, body: &str, tag: &str, go: impl FnOnce() + 'static) {
    if permission() != Permission::Granted {
        return;
    }
    let options = NotificationOptions::new();
    options.set_body(body);
    options.set_tag(tag);
    let Ok(notice) = Notification::new_with_options(title, &options) else {
        return;
    };
    let pressed = {
        let notice = notice.clone();
        Closure::once_into_js(move || {
            let _ = browser::window().focus();
            go();
            notice.close();
        })
    };
    notice.set_onclick(Some(pressed.unchecked_ref()));
}

/// The minute of the day, where the browser is.
pub(super) fn minute_of_day() -> Option<Minute> {
    let now = js_sys::Date::new_0();
    let [hour, minute] = [now.get_hours(), now.get_minutes()].map(|it| u16::try_from(it).ok());
    Minute::at(hour?, minute?)
}
