//! Synchronizes the settings with the server. A registered user has the same settings on all devices: a
//! change made here is a request to the server, and a change made elsewhere is applied here. A guest's settings
//! stay in this browser.

use snug_shared::settings::Settings;

/// The settings of this device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SettingsSync {
    current: Settings,
    member: bool,
    /// The settings that the server has sent while a change was on its way to it.
    received: Option<Settings>,
}

impl SettingsSync {
    /// Starts with the settings that this browser has stored.
    pub(super) fn new(current: Settings, member: bool) -> Self {
        Self {
            current,
            member,
            received: None,
        }
    }

    /// Returns the settings of this device.
    pub(crate) fn current(&self) -> &Settings {
        &self.current
    }

    /// Sets settings that were chosen here. Returns whether the server is to be asked for them.
    pub(super) fn choose(&mut self, settings: Settings) -> bool {
        self.current = settings;
        self.member
    }

    /// Applies a session, where `kept` are the server's settings and `pending` tells whether a change is on its way, which is newer.
    /// A new account without settings adopts the guest's. Returns whether the server is to be asked for the current ones.
    pub(super) fn on_session(&mut self, member: bool, kept: Option<Settings>, pending: bool) -> bool {
        self.member = member;
        match kept {
            _ if !member || pending => false,
            Some(kept) => {
                self.current = kept;
                false
            }
            None => true,
        }
    }

    /// Applies settings that were set on any device, this one included.
    pub(super) fn on_settings(&mut self, settings: Settings, pending: bool) {
        if pending {
            // They may be older or newer than the change on its way. Those that come last before its answer decide.
            self.received = Some(settings);
        } else {
            self.current = settings;
        }
    }

    /// Returns whether the server has sent settings while a change was on its way to it.
    pub(super) fn has_received(&self) -> bool {
        self.received.is_some()
    }

    /// Applies what the server has sent meanwhile, once the last change has its answer.
    pub(super) fn on_answered(&mut self) {
        if let Some(received) = self.received.take() {
            self.current = received;
        }
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

    #[test]
    fn a_guests_settings_stay_here_until_they_register() {
        let mut guest = SettingsSync::new(Settings::default(), false);
        assert!(!guest.choose(theme(DARK)));
        assert!(!guest.on_session(false, None, false));
        assert!(guest.on_session(true, None, false), "taken along");
        assert_eq!(guest.current(), &theme(DARK));
    }

    #[test]
    fn a_device_takes_over_the_servers_settings_unless_it_has_newer_ones() {
        let mut member = SettingsSync::new(Settings::default(), true);
        assert!(!member.on_session(true, Some(theme(LIGHT)), false));
        assert_eq!(member.current(), &theme(LIGHT));
        assert!(member.choose(theme(DARK)));
        assert!(!member.on_session(true, Some(theme(LIGHT)), true));
        assert_eq!(member.current(), &theme(DARK));
    }

    #[test]
    fn of_two_devices_that_choose_at_once_both_end_as_the_server_does() {
        let other = Settings {
            unread_only: true,
            ..Settings::default()
        };
        for (first, last) in [(theme(DARK), other), (other, theme(DARK))] {
            for answered_after in 1..=2 {
                let mut sync = SettingsSync::new(Settings::default(), true);
                sync.choose(theme(DARK));
                for (at, received) in [(1, first), (2, last)] {
                    sync.on_settings(received, at <= answered_after);
                    if at == answered_after {
                        assert_eq!(sync.current(), &theme(DARK), "as chosen until it is answered");
                        sync.on_answered();
                    }
                }
                assert_eq!(sync.current(), &last, "answered after {answered_after}");
            }
        }
    }
}
