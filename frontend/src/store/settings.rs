//! What the store does about settings: keeps them in this browser, tells the server of them, and hears of others.

use snug_shared::{api::Session, settings::Settings};

use super::{Store, following::Following};
use crate::client::{people, push, storage};

impl Store {
    /// One prefers something otherwise.
    pub(crate) fn choose(&self, change: impl FnOnce(&mut Settings)) {
        self.follow(|following| {
            let mut settings = *following.here();
            change(&mut settings);
            following.choose(settings)
        });
        wasm_bindgen_futures::spawn_local(push::tell_time());
    }

    /// What did not arrive may arrive now.
    pub(super) fn tell_settings(&self) {
        self.follow(Following::tell);
    }

    pub(super) fn hear_settings(&self, settings: Settings) {
        self.follow(|following| {
            following.hear(settings);
            None
        });
    }

    pub(super) fn meet_settings(&self, session: &Session) {
        self.follow(|following| following.meet(session.account.is_some(), session.settings));
    }

    /// What is to be told is on its way then, and what comes of that is told after it.
    fn follow(&self, change: impl FnOnce(&mut Following) -> Option<Settings>) {
        let Some(mut settings) = self.followed(change) else {
            return;
        };
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                let arrived = people::set_settings(settings).await.is_ok();
                let store = this.upgrade();
                let next = store.and_then(|store| store.followed(|following| following.told(arrived)));
                match next {
                    Some(next) => settings = next,
                    None => return,
                }
            }
        });
    }

    fn followed(&self, change: impl FnOnce(&mut Following) -> Option<Settings>) -> Option<Settings> {
        let mut tell = None;
        self.change(|state| {
            tell = change(&mut state.following);
            storage::save_settings(state.following.here());
            storage::save_unsent_settings(state.following.is_untold());
        });
        tell
    }
}
