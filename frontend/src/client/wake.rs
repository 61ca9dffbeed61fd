//! A bell: whoever waits for it goes on when it is rung. Rung while nobody waits, it is remembered once.

use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};

#[derive(Debug, Default)]
pub(crate) struct Wake {
    rung: Cell<bool>,
    waiting: RefCell<Option<Waker>>,
}

impl Wake {
    pub(crate) fn ring(&self) {
        self.rung.set(true);
        if let Some(waker) = self.waiting.take() {
            waker.wake();
        }
    }

    pub(crate) fn forget(&self) {
        self.rung.set(false);
    }

    pub(crate) async fn wait(&self) {
        poll_fn(|context| {
            if self.rung.take() {
                return Poll::Ready(());
            }
            self.waiting.replace(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }
}
