//! Wakes one waiting task. A notification without a waiting task is stored once, for the next one.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};

#[derive(Debug, Default)]
pub(crate) struct Notify {
    notified: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Notify {
    pub(crate) fn notify(&self) {
        self.notified.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    pub(crate) fn reset(&self) {
        self.notified.set(false);
    }

    pub(crate) async fn notified(&self) {
        poll_fn(|context| {
            if self.notified.take() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
