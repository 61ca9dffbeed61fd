//! What happens to the page while somebody is in a room: networks come and go, tabs are hidden,
//! frozen and taken up again.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, PageTransitionEvent, StorageEvent};

use super::{
    Store,
    attention::Watch,
    sleep::{LOOK_MS, Sleep},
};
use crate::{browser, client::push};

/// Watches until it is dropped.
pub(super) struct Lifecycle {
    _listeners: Vec<EventListener>,
    _attention: Watch,
    _sleep: Interval,
}

impl Lifecycle {
    pub(super) fn watch(store: &Rc<Store>) -> Self {
        let window = browser::window();
        let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Store, &Event)| {
            let store = Rc::downgrade(store);
            EventListener::new(target, name, move |event| {
                if let Some(store) = store.upgrade() {
                    act(&store, event);
                }
            })
        };
        let document = browser::document();
        Self {
            _attention: Watch::new(Rc::downgrade(store)),
            _sleep: hurry_after_sleep(store),
            _listeners: vec![
                on(&window, "online", |store, _| {
                    store.change(|state| state.online = true);
                    store.hurry();
                }),
                on(&window, "offline", |store, _| {
                    store.change(|state| state.online = false);
                    // A socket that lives will answer; there is no point in opening another.
                    if store.state().replica.is_live() {
                        store.hurry();
                    }
                }),
                on(&document, "visibilitychange", |store, _| {
                    store.change(|state| state.visible = browser::is_visible());
                    if browser::is_visible() {
                        store.hurry();
                        // Somebody who travels takes the device along.
                        spawn_local(push::tell_time());
                    }
                }),
                // A page that was frozen goes on.
                on(&document, "resume", |store, _| store.hurry()),
                on(&window, "pagehide", |store, _| {
                    store.end_queue();
                    store.disconnect();
                }),
                on(&window, "storage", |store, event| {
                    let event = event.dyn_ref::<StorageEvent>();
                    if let Some((item, value)) = event.and_then(|it| it.key().zip(it.new_value())) {
                        store.on_storage_event(&item, &value);
                    }
                }),
                on(&window, "pageshow", |store, event| {
                    let frozen = event
                        .dyn_ref::<PageTransitionEvent>()
                        .is_some_and(PageTransitionEvent::persisted);
                    if frozen {
                        store.begin_queue();
                        store.connect(store.this.clone());
                    }
                }),
            ],
        }
    }
}

/// Nothing is told to a page that is visible before and after. A socket rarely outlives a sleep.
fn hurry_after_sleep(store: &Rc<Store>) -> Interval {
    let store = Rc::downgrade(store);
    let mut sleep = Sleep::new(browser::now());
    Interval::new(LOOK_MS, move || {
        let slept = sleep.slept(browser::now());
        // Hidden pages are woken once a minute, and are looked at again before it matters.
        if let Some(store) = store.upgrade().filter(|_| slept && browser::is_visible()) {
            store.hurry();
        }
    })
}
