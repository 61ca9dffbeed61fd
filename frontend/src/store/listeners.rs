//! Calls the store's listeners after a change.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use wasm_bindgen_futures::spawn_local;

use crate::browser;

type All = Rc<RefCell<Vec<Rc<dyn Fn()>>>>;

#[derive(Clone, Default)]
pub(super) struct Listeners {
    all: All,
    /// Whether calls are deferred until the browser is about to paint.
    deferring: Rc<Cell<bool>>,
    /// Whether a deferred call is due.
    pending: Rc<Cell<bool>>,
}

impl Listeners {
    pub(super) fn add(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.all.borrow_mut().push(listener.clone());
        Subscription {
            all: self.all.clone(),
            listener,
        }
    }

    /// Runs `happens` and defers the calls, so that all changes in an animation frame cost one call. This is
    /// for changes that no user waits for. A hidden page has no animation frames, so its calls are not
    /// deferred.
    pub(super) fn defer(&self, happens: impl FnOnce()) {
        self.deferring.set(browser::is_visible());
        happens();
        self.deferring.set(false);
    }

    pub(super) fn call(&self) {
        if !self.deferring.get() {
            self.call_all();
        } else if !self.pending.replace(true) {
            let this = self.clone();
            spawn_local(async move {
                browser::frame().await;
                if this.pending.get() {
                    this.call_all();
                }
            });
        }
    }

    fn call_all(&self) {
        self.pending.set(false);
        // A copy, since a listener may be added or removed meanwhile.
        let all = self.all.borrow().clone();
        for listener in all {
            listener();
        }
    }
}

/// Removes the listener when it is dropped.
pub(crate) struct Subscription {
    all: All,
    listener: Rc<dyn Fn()>,
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.all
            .borrow_mut()
            .retain(|other| !Rc::ptr_eq(other, &self.listener));
    }
}
