//! Whether somebody is at the page: keys and pointers say so, and a page that nobody can see says the
//! contrary.

use std::{
    cell::RefCell,
    rc::{Rc, Weak},
};

use gloo_events::{EventListener, EventListenerOptions};
use gloo_timers::callback::Timeout;

use super::Store;
use crate::browser;

/// Without a key or a pointer, one is away after so long.
const IDLE_MS: f64 = 5.0 * 60_000.0;
/// Out of sight, sooner.
const HIDDEN_MS: f64 = 60_000.0;
/// What somebody does who is there.
const SIGNS: [&str; 5] = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/// Since when, in milliseconds since the page began.
#[derive(Clone, Copy, Debug)]
struct Attention {
    sign: f64,
    hidden: Option<f64>,
}

impl Attention {
    fn new(visible: bool, now: f64) -> Self {
        Self {
            sign: now,
            hidden: (!visible).then_some(now),
        }
    }

    fn shown(&mut self, visible: bool, now: f64) {
        if visible {
            *self = Self::new(true, now);
        } else if self.hidden.is_none() {
            self.hidden = Some(now);
        }
    }

    /// When one is away if nothing more happens.
    fn ends(&self) -> f64 {
        let hidden = self.hidden.map_or(f64::INFINITY, |since| since + HIDDEN_MS);
        hidden.min(self.sign + IDLE_MS)
    }
}

/// Watches until it is dropped.
pub(super) struct Watch {
    _inner: Rc<Inner>,
    _listeners: Vec<EventListener>,
}

struct Inner {
    store: Weak<Store>,
    attention: RefCell<Attention>,
    timer: RefCell<Option<Timeout>>,
}

impl Watch {
    pub(super) fn new(store: Weak<Store>) -> Self {
        let attention = Attention::new(browser::is_visible(), browser::elapsed());
        let inner = Rc::new(Inner {
            store,
            attention: RefCell::new(attention),
            timer: RefCell::default(),
        });
        inner.look();
        let on = |target: &web_sys::EventTarget, name: &'static str, act: fn(&Rc<Inner>)| {
            let inner = inner.clone();
            // Also what somebody else keeps to themselves.
            let options = EventListenerOptions::run_in_capture_phase();
            EventListener::new_with_options(target, name, options, move |_| act(&inner))
        };
        let window = browser::window();
        let mut listeners: Vec<_> = SIGNS.map(|name| on(&window, name, Inner::sign)).into();
        listeners.push(on(&browser::document(), "visibilitychange", Inner::shown));
        Self {
            _inner: inner,
            _listeners: listeners,
        }
    }
}

impl Inner {
    fn sign(self: &Rc<Self>) {
        self.attention.borrow_mut().sign = browser::elapsed();
        // Otherwise the timer finds out when it rings: a pointer moves a hundred times a second.
        let away = self.store.upgrade().is_some_and(|store| store.is_away());
        if away {
            self.look();
        }
    }

    fn shown(self: &Rc<Self>) {
        self.attention
            .borrow_mut()
            .shown(browser::is_visible(), browser::elapsed());
        self.look();
    }

    fn look(self: &Rc<Self>) {
        let Some(store) = self.store.upgrade() else { return };
        let left = self.attention.borrow().ends() - browser::elapsed();
        store.set_away(left <= 0.0);
        let timer = (left > 0.0).then(|| {
            let inner = Rc::downgrade(self);
            Timeout::new(left.ceil() as u32, move || {
                if let Some(inner) = inner.upgrade() {
                    inner.look();
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
        let mut attention = Attention::new(true, 0.0);
        assert_eq!(attention.ends(), IDLE_MS);
        attention.sign = 1_000.0;
        assert_eq!(attention.ends(), 1_000.0 + IDLE_MS);
        attention.shown(false, 2_000.0);
        attention.shown(false, 9_000.0);
        assert_eq!(attention.ends(), 2_000.0 + HIDDEN_MS);
        attention.shown(true, 70_000.0);
        assert_eq!(attention.ends(), 70_000.0 + IDLE_MS);
    }

    #[test]
    fn a_page_that_is_hidden_late_does_not_put_it_off() {
        let mut attention = Attention::new(true, 0.0);
        attention.shown(false, IDLE_MS - 1_000.0);
        assert_eq!(attention.ends(), IDLE_MS);
    }
}
