//! Who hears of a change.

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
    /// What happens now is told when the browser is about to paint.
    gathers: Rc<Cell<bool>>,
    /// Something has happened that they have not heard of.
    untold: Rc<Cell<bool>>,
}

impl Listeners {
    pub(super) fn add(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.all.borrow_mut().push(listener.clone());
        Subscription {
            all: self.all.clone(),
            listener,
        }
    }

    /// Tells of all that `happens` once in a frame, however much does: where nobody waits for an answer, nothing more could be
    /// seen. A page that is hidden has no frames.
    pub(super) fn gather(&self, happens: impl FnOnce()) {
        self.gathers.set(browser::is_visible());
        happens();
        self.gathers.set(false);
    }

    pub(super) fn call(&self) {
        if !self.gathers.get() {
            self.tell();
        } else if !self.untold.replace(true) {
            let this = self.clone();
            spawn_local(async move {
                browser::frame().await;
                if this.untold.get() {
                    this.tell();
                }
            });
        }
    }

    fn tell(&self) {
        self.untold.set(false);
        // A copy, since a listener may come or go meanwhile.
        let all = self.all.borrow().clone();
        for listener in all {
            listener();
        }
    }
}

/// Ends when it is dropped.
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
