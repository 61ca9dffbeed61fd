//! Detects whether the user is idle: without input for a while, or with the page hidden.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;

use super::Store;
use crate::browser;

/// The time without input after which the user is away.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// The time with the page hidden after which the user is away.
const HIDDEN_MS: f64 = 60_000.0;
/// The events that count as input.
const INPUT_EVENTS: [&str; 5] = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/// The last input and the start of the page's being hidden, in milliseconds since the page was loaded.
#[derive(Clone, Copy, Debug)]
struct Activity {
    last_input: f64,
    hidden_since: Option<f64>,
}

impl Activity {
    fn new(visible: bool, now: f64) -> Self {
        Self {
            last_input: now,
            hidden_since: (!visible).then_some(now),
        }
    }

    fn set_visible(&mut self, visible: bool, now: f64) {
        if visible {
            *self = Self::new(true, now);
        } else if self.hidden_since.is_none() {
            self.hidden_since = Some(now);
        }
    }

    /// Returns when the user becomes idle without further events.
    fn idle_at(&self) -> f64 {
        let hidden_idle_at = self.hidden_since.map_or(f64::INFINITY, |since| since + HIDDEN_MS);
        hidden_idle_at.min(self.last_input + IDLE_MS)
    }
}

/// Sets the away flag in the store, until it is dropped.
pub(super) struct IdleDetector {
    _inner: Rc<Inner>,
    _listeners: Vec<EventListener>,
}

struct Inner {
    store: Weak<Store>,
    activity: RefCell<Activity>,
    timer: RefCell<Option<Timeout>>,
}

impl IdleDetector {
    pub(super) fn new(store: Weak<Store>) -> Self {
        let activity = Activity::new(browser::is_visible(), browser::elapsed());
        let inner = Rc::new(Inner {
            store,
            activity: RefCell::new(activity),
            timer: RefCell::default(),
        });
        inner.update();
        let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Rc<Inner>)| {
            let inner = inner.clone();
            // In the capture phase, before another listener can stop the event.
            let options = EventListenerOptions::run_in_capture_phase();
            EventListener::new_with_options(target, name, options, move |_| act(&inner))
        };
        let window = browser::window();
        let mut listeners: Vec<_> = INPUT_EVENTS.map(|name| on(&window, name, Inner::on_input)).into();
        listeners.push(on(
            &browser::document(),
            "visibilitychange",
            Inner::on_visibility_change,
        ));
        Self {
            _inner: inner,
            _listeners: listeners,
        }
    }
}

impl Inner {
    fn on_input(self: &Rc<Self>) {
        self.activity.borrow_mut().last_input = browser::elapsed();
        // Otherwise the timer detects it when it fires: a pointer moves a hundred times a second.
        let away = self.store.upgrade().is_some_and(|store| store.is_away());
        if away {
            self.update();
        }
    }

    fn on_visibility_change(self: &Rc<Self>) {
        self.activity
            .borrow_mut()
            .set_visible(browser::is_visible(), browser::elapsed());
        self.update();
    }

    fn update(self: &Rc<Self>) {
        let Some(store) = self.store.upgrade() else { return };
        let left = self.activity.borrow().idle_at() - browser::elapsed();
        store.set_away(left <= 0.0);
        let timer = (left > 0.0).then(|| {
            let inner = Rc::downgrade(self);
            Timeout::new(left.ceil() as u32, move || {
                if let Some(inner) = inner.upgrade() {
                    inner.update();
                }
            })
        });
        self.timer.replace(timer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_away_after_five_minutes_or_one_out_of_sight() {
        let mut activity = Activity::new(true, 0.0);
        assert_eq!(activity.idle_at(), IDLE_MS);
        activity.last_input = 1_000.0;
        assert_eq!(activity.idle_at(), 1_000.0 + IDLE_MS);
        activity.set_visible(false, 2_000.0);
        activity.set_visible(false, 9_000.0);
        assert_eq!(activity.idle_at(), 2_000.0 + HIDDEN_MS);
        activity.set_visible(true, 70_000.0);
        assert_eq!(activity.idle_at(), 70_000.0 + IDLE_MS);
    }

    #[test]
    fn a_page_that_is_hidden_late_does_not_put_it_off() {
        let mut activity = Activity::new(true, 0.0);
        activity.set_visible(false, IDLE_MS - 1_000.0);
        assert_eq!(activity.idle_at(), IDLE_MS);
    }
}
