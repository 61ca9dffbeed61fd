//! Detects that another tab of this browser is gone.
//!
//! A tab holds a lock (Web Locks) with its own name for as long as it lives. The browser releases the lock
//! when the tab is closed or crashes, and grants it to one waiting tab at a time. Without Web Locks, as on a
//! page over plain HTTP, tabs cannot detect each other.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;

/// Holds this tab's lock until it is dropped.
#[derive(Debug)]
pub(crate) struct TabLock {
    release: Function,
}

impl TabLock {
    /// Acquires the lock; `None` without Web Locks.
    pub(crate) fn acquire(id: &str) -> Option<Self> {
        let mut release = None;
        let end = Promise::new(&mut |resolve, _| release = Some(resolve));
        request(id, &Closure::once_into_js(move || end))?;
        release.map(|release| Self { release })
    }
}

impl Drop for TabLock {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Calls `then` when the other tab is gone. No further tab is notified until it returns.
pub(crate) fn when_gone(id: &str, then: impl FnOnce() + 'static) {
    request(id, &Closure::once_into_js(then));
}

/// Requests a tab's lock. It is held until the promise that `granted` returns is settled.
fn request(id: &str, granted: &JsValue) -> Option<()> {
    let locks = Reflect::get(&browser::window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let name = JsValue::from(format!("snug.tab.{id}"));
    let asked: Promise = request.call2(&locks, &name, granted).ok()?.dyn_into().ok()?;
    // Refused where storage is forbidden: other tabs have stored nothing there either.
    spawn_local(async move {
        let _ = JsFuture::from(asked).await;
    });
    Some(())
}
