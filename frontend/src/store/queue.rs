//! Which of a person's tabs sends what waits: the one in which it was written, and when that is gone, one of those that are left.

use std::rc::Weak;

use super::Store;
use crate::client::{
    storage,
    tabs::{self, Living},
};

impl Store {
    /// Answers for what waits in this tab from now on, and for what waits in tabs that are gone.
    pub(super) fn begin_queue(&self) {
        let living = Living::begin(&self.tab);
        let person = self.state().person.as_ref().map(|it| it.chat_id.clone());
        self.stored_outbox
            .set_owner(person.as_ref(), living.is_some().then_some(self.tab.as_str()));
        *self.living.borrow_mut() = living;
        self.take_over_queues();
    }

    /// Others may answer for it.
    pub(super) fn end_queue(&self) {
        self.living.take();
    }

    /// Takes over what belongs to no tab, and what others have kept as soon as they are gone.
    pub(super) fn take_over_queues(&self) {
        self.take_over_queue(None);
        for tab in self.stored_outbox.other_tabs() {
            self.watch_tab(tab);
        }
    }

    /// Another tab has kept something in storage.
    pub(super) fn on_storage_event(&self, item: &str, value: &str) {
        if let Some(tab) = storage::tab_of(item, value).filter(|tab| *tab != self.tab) {
            self.watch_tab(tab);
        }
    }

    fn watch_tab(&self, tab: String) {
        if self.living.borrow().is_none() || !self.watched.borrow_mut().insert(tab.clone()) {
            return;
        }
        let this: Weak<Self> = self.this.clone();
        let gone = tab.clone();
        tabs::when_gone(&tab, move || {
            let Some(store) = this.upgrade() else { return };
            store.watched.borrow_mut().remove(&gone);
            // Whoever is not inside sends nothing.
            if store.living.borrow().is_some() {
                store.take_over_queue(Some(&gone));
            }
        });
    }

    fn take_over_queue(&self, gone: Option<&str>) {
        let pending = self.stored_outbox.take_over(gone);
        if !pending.is_empty() {
            self.ask(|state| state.replica.take_over(pending));
        }
    }
}
