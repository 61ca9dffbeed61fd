//! The focus is always somewhere. Where the control goes that has it, or can be pressed no more, what is around it gets it: without this it would
//! fall to the page as a whole, and keys would go nowhere.

use std::{cell::RefCell, rc::Rc};

use gloo_events::{EventListener, EventListenerOptions};
use wasm_bindgen::prelude::*;
use web_sys::{
    Element, Event, FocusEvent, HtmlElement, MutationObserver, MutationObserverInit, MutationRecord,
};
use yew::prelude::{hook, use_effect_with};

use crate::browser;

const FIELD: &str = "input:not(:disabled), textarea:not(:disabled), select:not(:disabled)";

/// What has the focus and all that is around it, innermost first.
type Path = Rc<RefCell<Vec<Element>>>;

#[hook]
pub(crate) fn use_refuge() {
    use_effect_with((), |()| {
        let path = Path::default();
        let listeners = [
            on("focusin", &path, |event| {
                let target = event.target().and_then(|it| it.dyn_into::<Element>().ok());
                let around = std::iter::successors(target, |it| it.parent_element());
                Some(around.collect())
            }),
            // Going elsewhere it is nowhere for a moment, in which what it leaves may go.
            on("focusout", &path, |event| {
                let event = event.dyn_ref::<FocusEvent>()?;
                event.related_target().map(|_| Vec::new())
            }),
        ];
        let changed = Closure::<dyn FnMut(js_sys::Array)>::new(move |records: js_sys::Array| {
            // What gets the focus is noted there at once.
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

/// Takes note of where the focus is after an event that tells.
fn on(event: &'static str, path: &Path, tells: fn(&Event) -> Option<Vec<Element>>) -> EventListener {
    let path = path.clone();
    // Before anybody else, who may take away what the focus leaves.
    let first = EventListenerOptions::run_in_capture_phase();
    EventListener::new_with_options(&browser::document(), event, first, move |event| {
        if let Some(now) = tells(event) {
            *path.borrow_mut() = now;
        }
    })
}

/// After what was added, removed or disabled.
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
        if let Some(refuge) = around.filter_map(refuge).next() {
            focus(&refuge);
        }
    } else if browser::focused().is_none() && was_moved(it, records) {
        focus(it);
    }
}

/// Whether it was taken out and put in again, as rows of a list are whose order changes.
fn was_moved(it: &Element, records: &js_sys::Array) -> bool {
    records.iter().any(|record| {
        let removed = record.unchecked_into::<MutationRecord>().removed_nodes();
        (0..removed.length()).any(|at| removed.get(at).is_some_and(|node| node.contains(Some(it))))
    })
}

/// What may get the focus of something in here: a form's first field, a dialog, and at last the page's main part or the field in it where one
/// writes. Never a button, which would be pressed by whoever goes on typing.
fn refuge(around: &Element) -> Option<Element> {
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
