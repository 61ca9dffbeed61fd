//! Synchronizes the settings with the server. A registered user has the same settings on all devices: a
//! change made here is sent, one at a time, and a change made elsewhere is applied here. A guest's settings
//! stay in this browser.

use snug_shared::settings::Settings;

/// The settings of this device, and which of them the server has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingsSync {
    current: Settings,
    member: bool,
    /// The current settings were chosen here and not sent yet.
    unsent: bool,
    sending: bool,
    /// The settings that the server has sent while a change was on its way to it.
    received: Option<Settings>,
}

impl SettingsSync {
    /// Starts with the settings that this browser has stored.
    pub(super) fn new(current: Settings, member: bool, unsent: bool) -> Self {
        Self {
            current,
            member,
            unsent,
            sending: false,
            received: None,
        }
    }

    /// Returns the settings of this device.
    pub(crate) fn current(&self) -> &Settings {
        &self.current
    }

    /// Returns whether the server has yet to acknowledge a change.
    pub(super) fn has_unsent(&self) -> bool {
        self.unsent || self.sending
    }

    /// Sets settings that were chosen here. Returns what to send.
    pub(super) fn choose(&mut self, settings: Settings) -> Option<Settings> {
        self.current = settings;
        self.unsent = self.member;
        self.next_to_send()
    }

    /// Applies a session, where `kept` are the server's settings. Unsent settings are newer than those. A new
    /// account without settings adopts the guest's. Returns what to send.
    pub(super) fn on_session(&mut self, member: bool, kept: Option<Settings>) -> Option<Settings> {
        self.member = member;
        match kept {
            _ if !member || self.sending => return None,
            Some(kept) if !self.unsent => self.current = kept,
            _ => self.unsent = true,
        }
        self.next_to_send()
    }

    /// Applies settings that were set on any device, this one included.
    pub(super) fn on_settings(&mut self, settings: Settings) {
        if self.has_unsent() {
            // They may be older or newer than the change on its way. The echo of that change decides.
            self.received = Some(settings);
        } else {
            self.current = settings;
        }
    }

    /// Records whether the change on its way has arrived; if not, it stays unsent. Returns what to send next.
    pub(super) fn on_sent(&mut self, arrived: bool) -> Option<Settings> {
        self.sending = false;
        if !arrived {
            self.unsent = true;
            return None;
        }
        if let (Some(received), false) = (self.received.take(), self.unsent) {
            self.current = received;
        }
        self.next_to_send()
    }

    /// Returns the settings to send now, if there is an unsent change.
    pub(super) fn next_to_send(&mut self) -> Option<Settings> {
        if !self.unsent || self.sending {
            return None;
        }
        (self.unsent, self.sending, self.received) = (false, true, None);
        Some(self.current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::settings::Theme;

    fn theme(theme: Theme) -> Settings {
        Settings {
            theme,
            ..Settings::default()
        }
    }

    const DARK: Theme = Theme::Dark;
    const LIGHT: Theme = Theme::Light;

    fn member() -> SettingsSync {
        SettingsSync::new(Settings::default(), true, false)
    }

    #[test]
    fn a_guests_settings_stay_here_until_they_keep_their_name() {
        let mut guest = SettingsSync::new(Settings::default(), false, false);
        assert_eq!(guest.choose(theme(DARK)), None);
        assert_eq!(guest.on_session(false, None), None);
        assert_eq!(guest.on_session(true, None), Some(theme(DARK)), "taken along");
        assert_eq!(guest.on_sent(true), None);
        assert!(!guest.has_unsent());
    }

    #[test]
    fn a_device_takes_over_what_is_kept_but_for_what_was_chosen_there_without_a_server() {
        let mut settings_sync = member();
        assert_eq!(settings_sync.on_session(true, Some(theme(LIGHT))), None);
        assert_eq!(settings_sync.current(), &theme(LIGHT));
        assert_eq!(settings_sync.choose(theme(DARK)), Some(theme(DARK)));
        assert_eq!(settings_sync.on_sent(false), None);
        assert!(settings_sync.has_unsent());
        assert_eq!(
            settings_sync.next_to_send(),
            Some(theme(DARK)),
            "the network is back"
        );
        assert_eq!(settings_sync.next_to_send(), None, "it is under way");
        assert_eq!(settings_sync.on_sent(false), None);
        let mut reloaded = SettingsSync::new(*settings_sync.current(), true, true);
        for settings_sync in [&mut settings_sync, &mut reloaded] {
            assert_eq!(
                settings_sync.on_session(true, Some(theme(LIGHT))),
                Some(theme(DARK))
            );
            assert_eq!(settings_sync.current(), &theme(DARK));
        }
    }

    #[test]
    fn one_thing_is_told_at_a_time_and_the_last_choice_last() {
        let mut settings_sync = member();
        assert_eq!(settings_sync.choose(theme(DARK)), Some(theme(DARK)));
        assert_eq!(settings_sync.choose(theme(LIGHT)), None);
        settings_sync.on_settings(theme(DARK));
        assert_eq!(settings_sync.current(), &theme(LIGHT), "its own echo is older");
        assert_eq!(settings_sync.on_sent(true), Some(theme(LIGHT)));
        settings_sync.on_settings(theme(LIGHT));
        assert_eq!(settings_sync.on_sent(true), None);
        assert_eq!(settings_sync.current(), &theme(LIGHT));
    }

    #[test]
    fn of_two_devices_that_choose_at_once_both_end_as_the_server_does() {
        let other = Settings {
            unread_only: true,
            ..Settings::default()
        };
        for (received_first, received_then, end) in
            [(theme(DARK), other, other), (other, theme(DARK), theme(DARK))]
        {
            for sent_after in 0..=2 {
                let mut settings_sync = member();
                settings_sync.choose(theme(DARK));
                for (at, received) in [received_first, received_then].into_iter().enumerate() {
                    if at == sent_after {
                        assert_eq!(settings_sync.on_sent(true), None);
                    }
                    settings_sync.on_settings(received);
                }
                if sent_after == 2 {
                    settings_sync.on_sent(true);
                }
                assert_eq!(settings_sync.current(), &end, "sent after {sent_after}");
            }
        }
    }
}
