//! Handles settings in the store: saves them in this browser, asks the server for them, and applies received
//! ones.

use snug_shared::{api::Session, settings::Settings, wire::ClientFrame};

use super::{State, Store};
use crate::client::{push, storage};

impl Store {
    /// Changes the settings.
    pub(crate) fn choose(&self, change: impl FnOnce(&mut Settings)) {
        self.update_settings(|state| {
            let mut settings = *state.settings_sync.current();
            change(&mut settings);
            state.settings_sync.choose(settings)
        });
        wasm_bindgen_futures::spawn_local(push::update_time_zone());
    }

    /// Applies settings from the server.
    pub(super) fn on_settings(&self, settings: Settings) {
        self.update_settings(|state| {
            let pending = state.requests.sets_settings();
            state.settings_sync.on_settings(settings, pending);
            false
        });
    }

    /// Applies the settings that came while a change was on its way, if that has its answer now.
    pub(super) fn settle_settings(&self) {
        let due = {
            let state = self.state();
            state.settings_sync.has_received() && !state.requests.sets_settings()
        };
        if due {
            self.update_settings(|state| {
                state.settings_sync.on_answered();
                false
            });
        }
    }

    /// Applies the settings of a session.
    pub(super) fn sync_session_settings(&self, session: &Session) {
        self.update_settings(|state| {
            let pending = state.requests.sets_settings();
            let member = session.account.is_some();
            state.settings_sync.on_session(member, session.settings, pending)
        });
    }

    /// Updates and saves the settings. Asks the server for them if `change` returns true.
    fn update_settings(&self, change: impl FnOnce(&mut State) -> bool) {
        let mut ask = None;
        self.update(|state| {
            let asks = change(state);
            let settings = *state.settings_sync.current();
            storage::save_settings(&settings);
            ask = asks.then_some(settings);
        });
        let Some(settings) = ask else { return };
        let this = self.this.clone();
        // Later, and so not called from here: the join page, which can choose settings too, need not load the requests.
        wasm_bindgen_futures::spawn_local(async move {
            let Some(store) = this.upgrade() else { return };
            let key = store.request(|key| ClientFrame::SetSettings { settings, key });
            // Nobody waits for the answer: the settings hold here already.
            store.forget_request(&key);
        });
    }
}
