//! How often it is told that one is writing: often enough not to be forgotten, and no more.

/// The server forgets after twice as long.
const EVERY_MS: f64 = 3_000.0;

#[derive(Debug, Default)]
pub(super) struct Throttle {
    /// When it was told, if nothing has ended it since.
    told: Option<f64>,
}

impl Throttle {
    /// The text has changed, and there is some or none. What is to be told.
    pub(super) fn typed(&mut self, some: bool, now: f64) -> Option<bool> {
        match self.told {
            Some(at) if some && (0.0..EVERY_MS).contains(&(now - at)) => None,
            None if !some => None,
            _ => {
                self.told = some.then_some(now);
                Some(some)
            }
        }
    }

    /// What was written is said, which ends it everywhere.
    pub(super) fn said(&mut self) {
        self.told = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_every_three_seconds_while_the_text_changes() {
        let mut throttle = Throttle::default();
        let told: Vec<_> = [0.0, 100.0, 2_999.0, 3_000.0, 5_000.0, 60_000.0]
            .map(|now| throttle.typed(true, now).is_some())
            .into();
        assert_eq!(told, [true, false, false, true, false, true]);
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
        throttle.said();
        assert_eq!(throttle.typed(false, 4.0), None);
        assert_eq!(throttle.typed(true, 5.0), Some(true));
    }
}
