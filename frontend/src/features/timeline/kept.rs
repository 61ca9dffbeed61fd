//! The focus stays in the log when the row that has it goes: to the message that a pending one has become, to the next of one that is
//! deleted, and to the log where there is neither.

use std::{cell::RefCell, rc::Rc};

use gloo_events::EventListener;
use snug_shared::ids::{Key, Position};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::{log::place, scroll::Scroller};
use crate::{browser, features::composer::focus_composer, store::use_store};

/// Where the focus is in the log.
struct Kept {
    element: Element,
    row: Option<Element>,
    n: Option<Position>,
    /// That of a message which is pending.
    key: Option<Key>,
}

impl Kept {
    fn of(element: Element) -> Self {
        let row = element.closest(".row").ok().flatten();
        let key = row.as_ref().and_then(|row| row.get_attribute("data-key"));
        Self {
            n: place(&element),
            key: key.and_then(|key| key.as_str().try_into().ok()),
            row,
            element,
        }
    }
}

/// Looks after each change of `revision`.
#[hook]
pub(super) fn use_kept_focus(log: &NodeRef, scroller: &Rc<Scroller>, revision: u64) {
    let store = use_store();
    let kept = use_mut_ref(|| None::<Kept>);
    {
        let kept = kept.clone();
        use_effect_with(log.clone(), move |log| {
            let listener = focus_in(log.clone(), kept);
            move || drop(listener)
        });
    }
    let scroller = scroller.clone();
    use_effect_with(revision, move |_| {
        let is_lost = kept
            .borrow()
            .as_ref()
            .is_some_and(|it| !it.element.is_connected());
        if !is_lost || browser::focused().is_some() {
            return;
        }
        let Some(Kept { row, n, key, .. }) = kept.take() else {
            return;
        };
        if let Some(row) = row.filter(|row| row.is_connected()) {
            let _ = row.unchecked_into::<HtmlElement>().focus();
            return;
        }
        let discarded = key.is_some();
        let become_of = |key: Key| {
            let state = store.state();
            let mut messages = state.here()?.shown().messages();
            messages.find(|it| it.key == key).map(|it| it.n)
        };
        let n = key.and_then(become_of).or(n);
        if n.is_some_and(|n| scroller.focus(n)) || discarded && focus_composer() {
            return;
        }
        scroller.focus_log();
    });
}

/// Takes note of where the focus is while it is in the log, and of nothing once it is elsewhere.
fn focus_in(log: NodeRef, kept: Rc<RefCell<Option<Kept>>>) -> EventListener {
    EventListener::new(&browser::document(), "focusin", move |event| {
        let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
        let inside = target.filter(|it| log.cast::<Element>().is_some_and(|log| log.contains(Some(it))));
        *kept.borrow_mut() = inside.map(Kept::of);
    })
}
