//! Decides which of a user's tabs sends a pending message or request: the one in which it was written, or, once that is
//! gone, another one.

use std::rc::Weak;

use super::Store;
use crate::client::{
    storage,
    tabs::{self, TabLock},
};

impl Store {
    /// Makes this tab send its own pending messages and those of tabs that are gone.
    pub(super) fn begin_queue(&self) {
        let tab_lock = TabLock::acquire(&self.tab);
        let person = self.state().person.as_ref().map(|it| it.chat_id.clone());
        self.stored_queue
            .set_owner(person.as_ref(), tab_lock.is_some().then_some(self.tab.as_str()));
        *self.tab_lock.borrow_mut() = tab_lock;
        self.take_over_queues();
    }

    /// Lets other tabs take over this tab's pending messages.
    pub(super) fn end_queue(&self) {
        self.tab_lock.take();
    }

    /// Takes over the pending messages of no tab, and those of other tabs as soon as they are gone.
    pub(super) fn take_over_queues(&self) {
        self.take_over_queue(None);
        for tab in self.stored_queue.other_tabs() {
            self.watch_tab(tab);
        }
    }

    /// Watches a tab that has stored a pending message.
    pub(super) fn on_storage_event(&self, item: &str, value: &str) {
        if let Some(tab) = storage::tab_of(item, value).filter(|tab| *tab != self.tab) {
            self.watch_tab(tab);
        }
    }

    /// Takes over a tab's pending messages once it is gone.
    fn watch_tab(&self, tab: String) {
        if self.tab_lock.borrow().is_none() || !self.watched_tabs.borrow_mut().insert(tab.clone()) {
            return;
        }
        let this: Weak<Self> = self.this.clone();
        let gone = tab.clone();
        tabs::when_gone(&tab, move || {
            let Some(store) = this.upgrade() else { return };
            store.watched_tabs.borrow_mut().remove(&gone);
            // A page without access sends no messages.
            if store.tab_lock.borrow().is_some() {
                store.take_over_queue(Some(&gone));
            }
        });
    }

    /// Takes over the pending messages of a tab that is gone, or of no tab.
    fn take_over_queue(&self, gone: Option<&str>) {
        let taken = self.stored_queue.take_over(gone);
        if !taken.messages.is_empty() {
            self.update_with_effects(|state| state.replica.take_over(taken.messages));
        }
        let mut texts = Vec::new();
        self.update(|state| {
            let added = state.requests.take_over(taken.requests);
            texts = added.into_iter().filter(|_| state.replica.is_live()).collect();
        });
        self.send_texts(texts);
    }
}
