//! The tabs of this browser: which of them answers for a message that waits, and how the others learn that it is gone.
//!
//! A tab holds a lock (Web Locks) that is called after it for as long as it lives. The browser lets go of it when the tab is closed or
//! crashes, and grants it to one of those who wait for it at a time. Where there are no locks, as on a page over plain HTTP, tabs
//! do not know of each other.

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local};

use crate::browser;

/// This tab, for the others, until it is dropped.
#[derive(Debug)]
pub(crate) struct Living {
    release: Function,
}

impl Living {
    /// None, where there are no locks.
    pub(crate) fn begin(id: &str) -> Option<Self> {
        let mut release = None;
        let end = Promise::new(&mut |resolve, _| release = Some(resolve));
        request(id, &Closure::once_into_js(move || end))?;
        release.map(|release| Self { release })
    }
}

impl Drop for Living {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::UNDEFINED);
    }
}

/// Calls `then` when the other tab is gone. Until that returns no other tab is told.
pub(crate) fn when_gone(id: &str, then: impl FnOnce() + 'static) {
    request(id, &Closure::once_into_js(then));
}

/// Asks for a tab's lock; it is held for as long as the promise that `granted` returns.
fn request(id: &str, granted: &JsValue) -> Option<()> {
    let locks = Reflect::get(&browser::window().navigator(), &"locks".into()).ok()?;
    let request: Function = Reflect::get(&locks, &"request".into()).ok()?.dyn_into().ok()?;
    let name = JsValue::from(format!("snug.tab.{id}"));
    let asked: Promise = request.call2(&locks, &name, granted).ok()?.dyn_into().ok()?;
    // Refused where storage is forbidden: then nothing of another tab is found there either.
    spawn_local(async move {
        let _ = JsFuture::from(asked).await;
    });
    Some(())
}
