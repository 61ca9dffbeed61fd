//! Opens the room above or below with Alt and the up or down arrow.

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::JsCast;
use web_sys::{Event, HtmlTextAreaElement};
use yew::prelude::{KeyboardEvent, hook, use_effect_with};

use crate::{
    browser,
    features::room_list::{neighbour, room_items, sort_rooms, use_go},
    i18n::order,
    prefs::use_words,
    store::use_store,
};

#[hook]
pub(crate) fn use_room_keys() {
    let (lang, _) = use_words();
    let store = use_store();
    let go = use_go();
    use_effect_with(lang, move |&lang| {
        let document = browser::document();
        let pressed = move |event: &Event| {
            let Some(event) = event.dyn_ref::<KeyboardEvent>() else {
                return;
            };
            let alone = event.alt_key() && !event.ctrl_key() && !event.meta_key() && !event.shift_key();
            let up = event.key() == "ArrowUp";
            if !alone || !(up || event.key() == "ArrowDown") || event.is_composing() || in_dialog() {
                return;
            }
            if in_text(event) {
                return;
            }
            event.prevent_default();
            let next = {
                let state = store.state();
                let mut items = room_items(&state.replica);
                sort_rooms(&mut items, |it| it, |one, other| order(lang, one, other));
                neighbour(&items, state.room.as_ref(), up)
            };
            if let Some(next) = next {
                go.emit(next);
            }
        };
        let options = EventListenerOptions::enable_prevent_default();
        let listener = EventListener::new_with_options(&document, "keydown", options, pressed);
        move || drop(listener)
    });
}

/// Returns whether the event is in a text field that is not empty, on an Apple system: there Alt with an arrow moves the caret.
fn in_text(event: &Event) -> bool {
    let platform = browser::window().navigator().platform().unwrap_or_default();
    if !["Mac", "iPhone", "iPad"]
        .iter()
        .any(|it| platform.starts_with(it))
    {
        return false;
    }
    let field = event
        .target()
        .and_then(|it| it.dyn_into::<HtmlTextAreaElement>().ok());
    field.is_some_and(|it| !it.value().is_empty())
}

fn in_dialog() -> bool {
    let open = browser::document().query_selector("dialog[open]");
    open.is_ok_and(|open| open.is_some())
}
