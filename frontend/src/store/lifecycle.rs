//! Reacts to the page's lifecycle: the network fails and recovers, and tabs are hidden, frozen and resumed.

use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Interval;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Event, PageTransitionEvent, StorageEvent};

use super::{
    Store,
    idle::IdleDetector,
    sleep::{LOOK_MS, Sleep},
};
use crate::{browser, client::push};

/// Listens to the page's events until it is dropped.
pub(super) struct Lifecycle {
    _listeners: Vec<EventListener>,
    _idle: IdleDetector,
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
            _idle: IdleDetector::new(Rc::downgrade(store)),
            _sleep: reconnect_after_sleep(store),
            _listeners: vec![
                on(&window, "online", |store, _| {
                    store.update(|state| state.online = true);
                    store.reconnect_now();
                }),
                on(&window, "offline", |store, _| {
                    store.update(|state| state.online = false);
                    // A living socket will answer; there is no point in opening another.
                    if store.state().replica.is_live() {
                        store.reconnect_now();
                    }
                }),
                on(&document, "visibilitychange", |store, _| {
                    store.update(|state| state.visible = browser::is_visible());
                    if browser::is_visible() {
                        store.reconnect_now();
                        // A user who travels takes the device along.
                        spawn_local(push::update_time_zone());
                    }
                }),
                // A page that was frozen is resumed.
                on(&document, "resume", |store, _| store.reconnect_now()),
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

/// Reconnects after the machine has slept. No event reports that to a page that is visible before and after,
/// and a socket rarely survives it.
fn reconnect_after_sleep(store: &Rc<Store>) -> Interval {
    let store = Rc::downgrade(store);
    let mut sleep = Sleep::new(browser::now());
    Interval::new(LOOK_MS, move || {
        let slept = sleep.slept(browser::now());
        // The timers of hidden pages run once a minute, and their becoming visible reconnects anyway.
        if let Some(store) = store.upgrade().filter(|_| slept && browser::is_visible()) {
            store.reconnect_now();
        }
    })
}
