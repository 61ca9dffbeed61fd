//! Quiet hours.

/// Whether it is quiet at this minute of the day. Hours may go over midnight, or around the day.
pub(super) fn is_quiet(hours: Option<(u16, u16)>, now: u16) -> bool {
    hours.is_some_and(|(from, to)| {
        if from < to {
            (from..to).contains(&now)
        } else {
            now >= from || now < to
        }
    })
}

/// As a time field has it: `22:00`.
pub(super) fn written(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What a time field has.
pub(super) fn read(time: &str) -> Option<u16> {
    let (hours, minutes) = time.split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_may_go_over_midnight() {
        let at = |hour: u16| hour * 60;
        let night = Some((at(22), at(7)));
        assert_eq!(
            [21, 22, 23, 0, 6, 7].map(|hour| is_quiet(night, at(hour))),
            [false, true, true, true, true, false]
        );
        let noon = Some((at(12), at(13)));
        assert_eq!(
            [11, 12, 13].map(|hour| is_quiet(noon, at(hour))),
            [false, true, false]
        );
        assert!(is_quiet(Some((at(5), at(5))), at(4)), "all day");
        assert!(!is_quiet(None, 0));
    }

    #[test]
    fn a_time_reads_as_it_is_written() {
        for minute in [0, 7 * 60 + 5, 23 * 60 + 59] {
            assert_eq!(read(&written(minute)), Some(minute));
        }
        for none in ["", "24:00", "7", "07:60", "a:b"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
