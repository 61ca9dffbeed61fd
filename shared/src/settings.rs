//! Settings: what somebody prefers wherever they are. Whoever keeps a name has the same on all devices; what belongs to a
//! device, such as whether it gives notice, is none of them.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::{error_code::ErrorCode, lang::Lang};

/// All of them. What is absent is as the browser or the page has it by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// The language; the browser's if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lang: Option<Lang>,
    /// The light in the room.
    #[serde(skip_serializing_if = "Theme::is_system", default)]
    pub theme: Theme,
    /// Of one's rooms only those are listed in which something waits.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub only_waiting: bool,
    /// When no device gives notice.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet: Option<Quiet>,
}

/// The light in the room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The device decides.
    #[default]
    System,
    /// Day.
    Light,
    /// Night.
    Dark,
}

impl Theme {
    /// All of them, in the order of a menu.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Whether it is the device's.
    #[must_use]
    pub fn is_system(&self) -> bool {
        *self == Self::System
    }
}

/// Hours of the day, where the device is. They may go over midnight; two equal ends are around the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quiet {
    /// From then on.
    pub from: Minute,
    /// Until then.
    pub to: Minute,
}

impl Quiet {
    /// Whether this minute of the day is in the quiet hours.
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
    /// That minute of that hour; none, if there is none.
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
            r#"{"onlyWaiting": 1}"#,
            r#"{"quiet": {"from": 0}}"#,
            r#"{"quiet": {"from": 0, "to": 1440}}"#,
        ] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
