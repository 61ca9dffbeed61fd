//! Moves the focus to an enclosing element when the focused control is removed or disabled. Without this it
//! would fall to the body, and key presses would go nowhere.

use std::{cell::RefCell, rc::Rc};

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FocusEvent, HtmlElement, MutationObserver, MutationObserverInit, MutationRecord,
};
use yew::prelude::{hook, use_effect_with};

use crate::browser;

const FIELD: &str = "input:not(:disabled), textarea:not(:disabled), select:not(:disabled)";

/// The focused element and its ancestors, innermost first.
type Path = Rc<RefCell<Vec<Element>>>;

/// Watches the document for as long as the component is mounted.
#[hook]
pub(crate) fn use_focus_fallback() {
    use_effect_with((), |()| {
        let path = Path::default();
        let listeners = [
            on("focusin", &path, |event| {
                let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
                let around = std::iter::successors(target, |it| it.parent_element());
                Some(around.collect())
            }),
            // While the focus moves, no element has it for a moment, in which the old one may be removed.
            on("focusout", &path, |event| {
                let event = event.dyn_ref::<FocusEvent>()?;
                event.related_target().map(|_| Vec::new())
            }),
        ];
        let changed = Closure::<dyn FnMut(js_sys::Array)>::new(move |records: js_sys::Array| {
            // A focused element is recorded in the path at once.
            let path = path.borrow().clone();
            look_after(&path, &records);
        });
        let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok();
        let what = MutationObserverInit::new();
        what.set_child_list(true);
        what.set_subtree(true);
        what.set_attribute_filter(&js_sys::Array::of1(&"disabled".into()));
        if let (Some(observer), Some(body)) = (&observer, browser::document().body()) {
            let _ = observer.observe_with_options(&body, &what);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop((listeners, changed));
        }
    });
}

/// Records the path of the focus after an event that reveals it.
fn on(event: &'static str, path: &Path, tells: fn(&Event) -> Option<Vec<Element>>) -> EventListener {
    let path = path.clone();
    // Before other listeners, which may remove the element that loses the focus.
    let first = EventListenerOptions::run_in_capture_phase();
    EventListener::new_with_options(&browser::document(), event, first, move |event| {
        if let Some(now) = tells(event) {
            *path.borrow_mut() = now;
        }
    })
}

/// Moves the focus, if it was lost, after elements were added, removed or disabled.
fn look_after(path: &[Element], records: &js_sys::Array) {
    let Some((it, around)) = path.split_first() else {
        return;
    };
    if browser::focused().is_some_and(|focused| focused != *it) {
        return;
    }
    let disabled = it.matches(":disabled").unwrap_or_default();
    if disabled || !it.is_connected() {
        let around = around.iter().filter(|it| it.is_connected());
        if let Some(fallback) = around.filter_map(fallback).next() {
            focus(&fallback);
        }
    } else if browser::focused().is_none() && was_moved(it, records) {
        focus(it);
    }
}

/// Returns whether the element was removed and inserted again, as the rows of a reordered list are.
fn was_moved(it: &Element, records: &js_sys::Array) -> bool {
    records.iter().any(|record| {
        let removed = record.unchecked_into::<MutationRecord>().removed_nodes();
        (0..removed.length()).any(|at| removed.get(at).is_some_and(|node| node.contains(Some(it))))
    })
}

/// Returns the element that may get the focus in place of one inside `around`: a form's first field, a
/// dialog, or at last the composer or the page's main part. Never a button, which further typing would press.
fn fallback(around: &Element) -> Option<Element> {
    let field = || around.query_selector(FIELD).ok().flatten();
    match around.tag_name().as_str() {
        "FORM" => field(),
        "DIALOG" => Some(around.clone()),
        "BODY" => {
            let main = around.query_selector("main").ok().flatten();
            let writes = browser::has_keyboard().then(|| around.query_selector("main .composer textarea"));
            writes.and_then(Result::ok).flatten().or(main)
        }
        _ => None,
    }
}

fn focus(element: &Element) {
    if let Some(it) = element.dyn_ref::<HtmlElement>() {
        if matches!(it.tag_name().as_str(), "DIALOG" | "MAIN") {
            it.set_tab_index(-1);
        }
        let _ = it.focus();
    }
}
