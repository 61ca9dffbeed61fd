//! Who hears of a change.

use std::{cell::RefCell, rc::Rc};

type All = Rc<RefCell<Vec<Rc<dyn Fn()>>>>;

#[derive(Default)]
pub(super) struct Listeners(All);

impl Listeners {
    pub(super) fn add(&self, listener: Rc<dyn Fn()>) -> Subscription {
        self.0.borrow_mut().push(listener.clone());
        Subscription {
            all: self.0.clone(),
            listener,
        }
    }

    pub(super) fn call(&self) {
        // A copy, since a listener may come or go meanwhile.
        let all = self.0.borrow().clone();
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
