//! Moves the focus to the composer when the user types or pastes anywhere in a room.

use gloo_events::EventListener;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};
use yew::prelude::{hook, use_effect_with};

use super::{focus_composer, keys::composes};
use crate::browser;

/// The elements that have their own use for keys.
const FIELDS: &str = "input, textarea, select, dialog, [contenteditable]";

#[hook]
pub(crate) fn use_typing_anywhere() {
    use_effect_with((), |()| {
        let listener = EventListener::new(&browser::document(), "keydown", |event| {
            let key = event.dyn_ref::<KeyboardEvent>();
            if key.is_some_and(writes) && !event.default_prevented() && !is_taken(event) {
                // The key's character is inserted after this, into the element that has the focus by then.
                focus_composer();
            }
        });
        move || drop(listener)
    });
}

/// Returns whether a key press inserts text. A space presses buttons and scrolls.
fn writes(event: &KeyboardEvent) -> bool {
    let key = event.key();
    let is_character = key.chars().count() == 1 && key != " ";
    let (control, command, alt) = (event.ctrl_key(), event.meta_key(), event.alt_key());
    // Where it inserts characters, the right Alt key is reported as Ctrl and Alt too.
    let plain = !(control || command || alt) || event.get_modifier_state("AltGraph");
    let pastes = (control != command) && !alt && key.eq_ignore_ascii_case("v");
    is_character && (plain || pastes) || plain && (key == "Dead" || composes(event))
}

fn is_taken(event: &Event) -> bool {
    let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
    let in_field = target.is_some_and(|it| it.closest(FIELDS).ok().flatten().is_some());
    let open = browser::document().query_selector("dialog[open]");
    in_field || open.is_ok_and(|open| open.is_some())
}
