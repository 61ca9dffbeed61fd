//! Converts between minutes of the day and the text of a time field.

use snug_shared::settings::Minute;

/// Formats a minute of the day, such as `22:00`.
pub(super) fn format(minute: Minute) -> String {
    let minute = u16::from(minute);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Parses the text of a time field.
pub(super) fn parse(time: &str) -> Option<Minute> {
    let (hours, minutes) = time.split_once(':')?;
    Minute::at(hours.parse().ok()?, minutes.get(..2)?.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_reads_as_it_is_written() {
        for minute in [0, 7 * 60 + 5, 23 * 60 + 59].map(Minute::try_from) {
            let minute = minute.expect("of the day");
            assert_eq!(parse(&format(minute)), Some(minute));
        }
        for none in ["", "24:00", "7", "07:60", "a:b"] {
            assert_eq!(parse(none), None, "{none}");
        }
    }
}
