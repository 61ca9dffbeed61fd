//! Settings: a member's preferences, the same on all of the member's devices. What belongs to one device, such as
//! whether it shows notifications, is not among them.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::{error_code::ErrorCode, lang::Lang};

/// All settings of a member. For an absent one, the default of the browser or the page applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The language; the browser's if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lang: Option<Lang>,
    /// The colour theme.
    #[serde(skip_serializing_if = "Theme::is_system", default)]
    pub theme: Theme,
    /// Whether the page lists only those of the member's rooms that have unread messages.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub unread_only: bool,
    /// The hours in which no device shows notifications.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet_hours: Option<Quiet>,
}

/// The colour theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The theme of the device.
    #[default]
    System,
    /// The light theme.
    Light,
    /// The dark theme.
    Dark,
}

impl Theme {
    /// All themes, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Returns whether this is the theme of the device.
    #[must_use]
    pub fn is_system(&self) -> bool {
        *self == Self::System
    }
}

/// Quiet hours, in the device's local time. They may span midnight; two equal ends mean the whole day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// The first quiet minute.
    pub from: Minute,
    /// The first minute after the quiet hours.
    pub to: Minute,
}

impl Quiet {
    /// Returns whether a minute of the day is in the quiet hours.
    #[must_use]
    pub fn is_active_at(self, now: Minute) -> bool {
        let Self { from, to } = self;
        if from < to {
            from <= now && now < to
        } else {
            now >= from || now < to
        }
    }
}

/// A minute of the day, from 0 to 1,439.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Minute(u16);

impl Minute {
    /// Returns the minute of the day for an hour and a minute, or `None` if there is no such time.
    #[must_use]
    pub const fn at(hour: u16, minute: u16) -> Option<Self> {
        if hour < 24 && minute < 60 {
            Some(Self(hour * 60 + minute))
        } else {
            None
        }
    }
}

impl TryFrom<u16> for Minute {
    type Error = ErrorCode;

    fn try_from(minute: u16) -> Result<Self, ErrorCode> {
        Self::at(minute / 60, minute % 60).ok_or(ErrorCode::BadFrame)
    }
}

impl From<Minute> for u16 {
    fn from(minute: Minute) -> Self {
        minute.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight() {
        let at = |hour| Minute::at(hour, 0).expect("an hour");
        let holds = |from, to, now: &[u16]| {
            let quiet = Quiet {
                from: at(from),
                to: at(to),
            };
            now.iter()
                .map(|&hour| quiet.is_active_at(at(hour)))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            holds(22, 7, &[21, 22, 23, 0, 6, 7]),
            [false, true, true, true, true, false]
        );
        assert_eq!(holds(12, 13, &[11, 12, 13]), [false, true, false]);
        assert_eq!(holds(5, 5, &[4, 5]), [true, true], "all day");
    }

    #[test]
    fn what_is_no_setting_is_not_read_and_what_is_absent_is_as_usual() {
        let read = |json: &str| serde_json::from_str::<Settings>(json);
        assert_eq!(read("{}").expect("settings"), Settings::default());
        assert_eq!(serde_json::to_string(&Settings::default()).expect("JSON"), "{}");
        for bad in [
            r#"{"lang": "tlh"}"#,
            r#"{"theme": "sepia"}"#,
            r#"{"unreadOnly": 1}"#,
            r#"{"quietHours": {"from": 0}}"#,
            r#"{"quietHours": {"from": 0, "to": 1440}}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
