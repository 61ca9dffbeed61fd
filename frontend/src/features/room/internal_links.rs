//! Follows links to other addresses of the page in this tab, those in messages included.

use wasm_bindgen::JsCast;
use web_sys::Element;
use yew::prelude::*;

use crate::{
    history::use_navigator,
    route::{Route, in_a_room},
    store::use_store,
};

/// Returns the handler of clicks that no other handler has taken.
#[hook]
pub(super) fn use_internal_links() -> Callback<MouseEvent> {
    let store = use_store();
    let navigator = use_navigator();
    Callback::from(move |event: MouseEvent| {
        let other = event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key();
        if other || event.default_prevented() || event.button() != 0 {
            return;
        }
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let link = target.and_then(|it| it.closest("a[href]").ok().flatten());
        let href = link.and_then(|it| it.get_attribute("href"));
        let (name, n) = match href.and_then(|href| in_a_room(&href, "")) {
            Some(Route::Message { name, n }) => (name, Some(n)),
            Some(Route::Room { name }) => (name, None),
            _ => return,
        };
        event.prevent_default();
        let there = store.state().is_at(&name, n);
        if there {
            store.retry_jump();
        } else {
            navigator.push(Route::to(name, n));
        }
    })
}
