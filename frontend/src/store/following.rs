//! Settings as they are here, and what the server knows of them. Whoever keeps a name has the same on all devices: what is
//! chosen here is told, one at a time, and what is chosen elsewhere is taken over. A guest's stay in this browser.

use snug_shared::settings::Settings;

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Following {
    here: Settings,
    member: bool,
    /// Chosen here, and not on its way yet.
    untold: bool,
    under_way: bool,
    /// What the server has told of while something was under way.
    heard: Option<Settings>,
}

impl Following {
    /// As this browser remembers them.
    pub(super) fn new(here: Settings, member: bool, untold: bool) -> Self {
        Self {
            here,
            member,
            untold,
            under_way: false,
            heard: None,
        }
    }

    pub(crate) fn here(&self) -> &Settings {
        &self.here
    }

    /// Whether the server has yet to say that it keeps what was chosen.
    pub(super) fn is_untold(&self) -> bool {
        self.untold || self.under_way
    }

    /// One prefers these; what is to be told.
    pub(super) fn choose(&mut self, settings: Settings) -> Option<Settings> {
        self.here = settings;
        self.untold = self.member;
        self.tell()
    }

    /// Takes in a session: `kept` is what the server has. What was chosen here and not told is newer. A name that was kept just now, and has none,
    /// takes along those of the guest.
    pub(super) fn meet(&mut self, member: bool, kept: Option<Settings>) -> Option<Settings> {
        self.member = member;
        match kept {
            _ if !member || self.under_way => return None,
            Some(kept) if !self.untold => self.here = kept,
            _ => self.untold = true,
        }
        self.tell()
    }

    /// Takes in what was set on whatever device, this one among them.
    pub(super) fn hear(&mut self, settings: Settings) {
        if self.is_untold() {
            // It may be older than what is under way, or newer. The echo of that decides, which is heard as well.
            self.heard = Some(settings);
        } else {
            self.here = settings;
        }
    }

    /// What was under way has arrived, or has not, and waits for a better time; what is to be told then.
    pub(super) fn told(&mut self, arrived: bool) -> Option<Settings> {
        self.under_way = false;
        if !arrived {
            self.untold = true;
            return None;
        }
        if let (Some(heard), false) = (self.heard.take(), self.untold) {
            self.here = heard;
        }
        self.tell()
    }

    /// What is to be told, if anything is: also what did not arrive before.
    pub(super) fn tell(&mut self) -> Option<Settings> {
        if !self.untold || self.under_way {
            return None;
        }
        (self.untold, self.under_way, self.heard) = (false, true, None);
        Some(self.here)
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

    fn member() -> Following {
        Following::new(Settings::default(), true, false)
    }

    #[test]
    fn a_guests_settings_stay_here_until_they_keep_their_name() {
        let mut guest = Following::new(Settings::default(), false, false);
        assert_eq!(guest.choose(theme(DARK)), None);
        assert_eq!(guest.meet(false, None), None);
        assert_eq!(guest.meet(true, None), Some(theme(DARK)), "taken along");
        assert_eq!(guest.told(true), None);
        assert!(!guest.is_untold());
    }

    #[test]
    fn a_device_takes_over_what_is_kept_but_for_what_was_chosen_there_without_a_server() {
        let mut following = member();
        assert_eq!(following.meet(true, Some(theme(LIGHT))), None);
        assert_eq!(following.here(), &theme(LIGHT));
        assert_eq!(following.choose(theme(DARK)), Some(theme(DARK)));
        assert_eq!(following.told(false), None);
        assert!(following.is_untold());
        assert_eq!(following.tell(), Some(theme(DARK)), "the network is back");
        assert_eq!(following.tell(), None, "it is under way");
        assert_eq!(following.told(false), None);
        let mut reloaded = Following::new(*following.here(), true, true);
        for following in [&mut following, &mut reloaded] {
            assert_eq!(following.meet(true, Some(theme(LIGHT))), Some(theme(DARK)));
            assert_eq!(following.here(), &theme(DARK));
        }
    }

    #[test]
    fn one_thing_is_told_at_a_time_and_the_last_choice_last() {
        let mut following = member();
        assert_eq!(following.choose(theme(DARK)), Some(theme(DARK)));
        assert_eq!(following.choose(theme(LIGHT)), None);
        following.hear(theme(DARK));
        assert_eq!(following.here(), &theme(LIGHT), "its own echo is older");
        assert_eq!(following.told(true), Some(theme(LIGHT)));
        following.hear(theme(LIGHT));
        assert_eq!(following.told(true), None);
        assert_eq!(following.here(), &theme(LIGHT));
    }

    #[test]
    fn of_two_devices_that_choose_at_once_both_end_as_the_server_does() {
        let other = Settings {
            only_waiting: true,
            ..Settings::default()
        };
        for (heard_first, heard_then, end) in [(theme(DARK), other, other), (other, theme(DARK), theme(DARK))]
        {
            for told_after in 0..=2 {
                let mut following = member();
                following.choose(theme(DARK));
                for (at, heard) in [heard_first, heard_then].into_iter().enumerate() {
                    if at == told_after {
                        assert_eq!(following.told(true), None);
                    }
                    following.hear(heard);
                }
                if told_after == 2 {
                    following.told(true);
                }
                assert_eq!(following.here(), &end, "told after {told_after}");
            }
        }
    }
}
