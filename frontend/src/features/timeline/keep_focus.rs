//! Keeps the focus in the log when its row is removed: it moves to the message that a pending one has become,
//! to the neighbour of a deleted one, or else to the log.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use snug_shared::ids::{Key, Position};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::scroll::{Scroller, position_of};
use crate::{browser, features::composer::focus_composer, store::use_store};

/// The element of the log that has the focus.
struct FocusedRow {
    element: Element,
    row: Option<Element>,
    n: Option<Position>,
    /// The key of a pending message.
    key: Option<Key>,
}

impl FocusedRow {
    fn of(element: Element) -> Self {
        let row = element.closest(".row").ok().flatten();
        let key = row.as_ref().and_then(|row| row.get_attribute("data-key"));
        Self {
            n: position_of(&element),
            key: key.and_then(|key| key.as_str().try_into().ok()),
            row,
            element,
        }
    }
}

/// Moves a lost focus after each change of `revision`.
#[hook]
pub(super) fn use_focus_kept(log: &NodeRef, scroller: &Rc<Scroller>, revision: u64) {
    let store = use_store();
    let focused = use_mut_ref(|| None::<FocusedRow>);
    {
        let focused = focused.clone();
        use_effect_with(log.clone(), move |log| {
            let listener = focus_in(log.clone(), focused);
            move || drop(listener)
        });
    }
    let scroller = scroller.clone();
    use_effect_with(revision, move |_| {
        let is_lost = focused
            .borrow()
            .as_ref()
            .is_some_and(|it| !it.element.is_connected());
        if !is_lost || browser::focused().is_some() {
            return;
        }
        let Some(FocusedRow { row, n, key, .. }) = focused.take() else {
            return;
        };
        if let Some(row) = row.filter(|row| row.is_connected()) {
            let _ = row.unchecked_into::<HtmlElement>().focus();
            return;
        }
        let discarded = key.is_some();
        let become_of = |key: Key| {
            let state = store.state();
            let mut messages = state.current_room()?.shown().messages();
            messages.find(|it| it.key == key).map(|it| it.n)
        };
        let n = key.and_then(become_of).or(n);
        if n.is_some_and(|n| scroller.focus(n)) || discarded && focus_composer() {
            return;
        }
        scroller.focus_log();
    });
}

/// Records where the focus is while it is in the log, and clears the record once it is elsewhere.
fn focus_in(log: NodeRef, focused: Rc<RefCell<Option<FocusedRow>>>) -> EventListener {
    EventListener::new(&browser::document(), "focusin", move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let inside = target.filter(|it| log.cast::<Element>().is_some_and(|log| log.contains(Some(it))));
        *focused.borrow_mut() = inside.map(FocusedRow::of);
    })
}
