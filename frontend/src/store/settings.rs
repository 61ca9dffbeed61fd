//! Handles settings in the store: saves them in this browser, sends them to the server, and applies received
//! ones.

use snug_shared::{api::Session, settings::Settings};

use super::{Store, settings_sync::SettingsSync};
use crate::client::{people, push, storage};

impl Store {
    /// Changes the settings.
    pub(crate) fn choose(&self, change: impl FnOnce(&mut Settings)) {
        self.sync_settings(|settings_sync| {
            let mut settings = *settings_sync.current();
            change(&mut settings);
            settings_sync.choose(settings)
        });
        wasm_bindgen_futures::spawn_local(push::update_time_zone());
    }

    /// Sends settings that did not arrive before.
    pub(super) fn send_unsent_settings(&self) {
        self.sync_settings(SettingsSync::next_to_send);
    }

    /// Applies settings from the server.
    pub(super) fn on_settings(&self, settings: Settings) {
        self.sync_settings(|settings_sync| {
            settings_sync.on_settings(settings);
            None
        });
    }

    /// Applies the settings of a session.
    pub(super) fn sync_session_settings(&self, session: &Session) {
        self.sync_settings(|settings_sync| {
            settings_sync.on_session(session.account.is_some(), session.settings)
        });
    }

    /// Updates the settings, and sends what is to be sent until nothing is left.
    fn sync_settings(&self, change: impl FnOnce(&mut SettingsSync) -> Option<Settings>) {
        let Some(mut settings) = self.update_settings(change) else {
            return;
        };
        let this = self.this.clone();
        wasm_bindgen_futures::spawn_local(async move {
            loop {
                let arrived = people::set_settings(settings).await.is_ok();
                let store = this.upgrade();
                let next = store
                    .and_then(|store| store.update_settings(|settings_sync| settings_sync.on_sent(arrived)));
                match next {
                    Some(next) => settings = next,
                    None => return,
                }
            }
        });
    }

    /// Updates and saves the settings. Returns what to send.
    fn update_settings(
        &self,
        change: impl FnOnce(&mut SettingsSync) -> Option<Settings>,
    ) -> Option<Settings> {
        let mut tell = None;
        self.update(|state| {
            tell = change(&mut state.settings_sync);
            storage::save_settings(state.settings_sync.current());
            storage::save_unsent_settings(state.settings_sync.has_unsent());
        });
        tell
    }
}
