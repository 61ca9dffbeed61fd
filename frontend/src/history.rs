//! Manages the browser's history: opening other addresses, and the layers over the page, which Back closes first.
//!
//! Each layer that is open, a drawer or a dialog, has an entry of its own above that of the page, with the page's address and its
//! depth as state. The entries follow the layers: a layer that is closed otherwise removes its entry, and so does opening another
//! address. An entry that is left all the same, by a reload for example, is skipped back over once the browser reaches it.

use std::{cell::RefCell, mem, rc::Rc};

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, History, PageTransitionEvent};
use yew::prelude::*;

use crate::{
    browser,
    route::{Route, Routed},
};

/// Opens other addresses.
#[derive(Clone, PartialEq)]
pub(crate) struct Navigator(Option<yew_router::navigator::Navigator>);

#[hook]
pub(crate) fn use_navigator() -> Navigator {
    Navigator(yew_router::hooks::use_navigator())
}

impl Navigator {
    /// Opens an address so that Back leads here again.
    pub(crate) fn push(&self, route: Route) {
        let Some(inner) = self.0.clone() else { return };
        leave(Box::new(move || inner.push(&Routed(Some(route.clone())))));
    }

    /// Opens an address in place of this one, so that Back leads where it leads from here.
    pub(crate) fn replace(&self, route: Route) {
        let Some(inner) = self.0.clone() else { return };
        leave(Box::new(move || inner.replace(&Routed(Some(route.clone())))));
    }
}

/// Makes Back call `on_back` and nothing else while `open`. A layer that stays open then can be closed by the next Back.
#[hook]
pub(crate) fn use_layer(open: bool, on_back: Callback<()>) {
    let newest = use_mut_ref(Callback::noop);
    *newest.borrow_mut() = on_back;
    use_effect_with(open, move |&open| {
        let layer = open.then(|| Layer(newest));
        if let Some(layer) = &layer {
            begin();
            LAYERS.with_borrow_mut(|it| it.open.push(layer.clone()));
            settle_soon();
        }
        move || {
            if let Some(layer) = layer {
                LAYERS.with_borrow_mut(|it| it.open.retain(|other| !Rc::ptr_eq(&other.0, &layer.0)));
                settle_soon();
            }
        }
    });
}

/// Starts listening, once. An entry of a layer may be left over from the page before a reload.
pub(crate) fn begin() {
    if LAYERS.with_borrow(|it| !it.listeners.is_empty()) {
        return;
    }
    let window = browser::window();
    let back = EventListener::new(&window, "popstate", |_| arrived());
    let restored = EventListener::new(&window, "pageshow", |event: &Event| {
        if event
            .dyn_ref::<PageTransitionEvent>()
            .is_some_and(PageTransitionEvent::persisted)
        {
            arrived();
        }
    });
    LAYERS.with_borrow_mut(|it| it.listeners = vec![back, restored]);
    settle_soon();
}

/// The callback that Back calls; that of the newest rendering.
#[derive(Clone)]
struct Layer(Rc<RefCell<Callback<()>>>);

#[derive(Default)]
struct Layers {
    /// The open layers, the uppermost last.
    open: Vec<Layer>,
    /// Whether the browser is on its way to another entry, as requested.
    moving: bool,
    /// The callbacks that open another address as soon as possible.
    leaving: Vec<Box<dyn FnOnce()>>,
    listeners: Vec<EventListener>,
}

thread_local! {
    static LAYERS: RefCell<Layers> = RefCell::default();
}

/// The next step that makes the entries match the layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Back(usize),
    Add,
    Leave,
}

fn step(entries: usize, layers: usize, leaving: bool) -> Option<Step> {
    match entries {
        1.. if leaving => Some(Step::Back(entries)),
        0 if leaving => Some(Step::Leave),
        _ if entries > layers => Some(Step::Back(entries - layers)),
        _ if entries < layers => Some(Step::Add),
        _ => None,
    }
}

fn leave(go: Box<dyn FnOnce()>) {
    LAYERS.with_borrow_mut(|it| it.leaving.push(go));
    settle();
}

/// Matches the entries after the present rendering: a dialog that replaces another one takes over its entry.
fn settle_soon() {
    Timeout::new(0, settle).forget();
}

fn settle() {
    let Some(history) = history() else { return };
    loop {
        let next = LAYERS.with_borrow_mut(|it| {
            let next = (!it.moving).then(|| step(depth(), it.open.len(), !it.leaving.is_empty()));
            let next = next.flatten();
            it.moving |= matches!(next, Some(Step::Back(_)));
            next
        });
        match next {
            Some(Step::Add) => {
                let added = JsValue::from_f64((depth() + 1) as f64);
                let _ = history.push_state(&added, "");
            }
            Some(Step::Back(by)) => {
                let _ = history.go_with_delta(-i32::try_from(by).unwrap_or(1));
                return;
            }
            Some(Step::Leave) => {
                let leaving = LAYERS.with_borrow_mut(|it| mem::take(&mut it.leaving));
                leaving.into_iter().for_each(|go| go());
                // The layers that were open over the former page are about to close.
                return settle_soon();
            }
            None => return,
        }
    }
}

/// Handles the browser's arrival at another entry.
fn arrived() {
    let depth = depth();
    let (asked, closed) = LAYERS.with_borrow_mut(|it| {
        let asked = mem::take(&mut it.moving);
        let closed = it.open.iter().skip(depth).filter(|_| !asked);
        (asked, closed.rev().cloned().collect::<Vec<_>>())
    });
    if asked {
        return settle();
    }
    for layer in closed {
        let on_back = layer.0.borrow().clone();
        on_back.emit(());
    }
    settle_soon();
}

fn history() -> Option<History> {
    browser::window().history().ok()
}

/// Returns the depth of the layer whose entry the browser is at; 0, if it is at the page's own.
fn depth() -> usize {
    let state = history().and_then(|it| it.state().ok());
    state.and_then(|it| it.as_f64()).unwrap_or(0.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entries_follow_the_layers() {
        assert_eq!(step(0, 0, false), None);
        assert_eq!(step(0, 2, false), Some(Step::Add));
        assert_eq!(step(2, 2, false), None);
        assert_eq!(step(2, 1, false), Some(Step::Back(1)));
    }

    #[test]
    fn one_leaves_from_the_entry_of_the_page() {
        assert_eq!(step(2, 2, true), Some(Step::Back(2)));
        assert_eq!(step(0, 2, true), Some(Step::Leave));
    }
}
