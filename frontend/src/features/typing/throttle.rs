//! Limits how often typing is reported: often enough not to expire, and no more.

/// A report expires on the server after twice this time.
const EVERY_MS: f64 = 3_000.0;

#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// The time of the last report of typing, if nothing has ended it since.
    reported: Option<f64>,
}

impl Throttle {
    /// Records a change of the text, with whether there is any. Returns what to report.
    pub(super) fn typed(&mut self, some: bool, now: f64) -> Option<bool> {
        match self.reported {
            Some(at) if some && (0.0..EVERY_MS).contains(&(now - at)) => None,
            None if !some => None,
            _ => {
                self.reported = some.then_some(now);
                Some(some)
            }
        }
    }

    /// Records that the text was sent, which ends typing everywhere.
    pub(super) fn sent(&mut self) {
        self.reported = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_every_three_seconds_while_the_text_changes() {
        let mut throttle = Throttle::default();
        let reported: Vec<_> = [0.0, 100.0, 2_999.0, 3_000.0, 5_000.0, 60_000.0]
            .map(|now| throttle.typed(true, now).is_some())
            .into();
        assert_eq!(reported, [true, false, false, true, false, true]);
        assert_eq!(throttle.typed(true, 0.0), Some(true), "the clock was put back");
    }

    #[test]
    fn that_it_has_ended_is_told_once_and_not_with_the_words() {
        let mut throttle = Throttle::default();
        assert_eq!(throttle.typed(false, 0.0), None);
        throttle.typed(true, 0.0);
        assert_eq!(throttle.typed(false, 1.0), Some(false));
        assert_eq!(throttle.typed(false, 2.0), None);
        assert_eq!(throttle.typed(true, 3.0), Some(true));
        throttle.sent();
        assert_eq!(throttle.typed(false, 4.0), None);
        assert_eq!(throttle.typed(true, 5.0), Some(true));
    }
}
