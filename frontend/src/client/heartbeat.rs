//! Tells a quiet connection from a dead one.
//!
//! Counts from the question, not from the silence: a hidden tab's timers fire once a minute, and a
//! lid was closed for hours, without the connection being any worse for it.

const QUIET_MS: f64 = 15_000.0;
const PATIENCE_MS: f64 = 10_000.0;
/// Somebody is looking at the page, or the network has just come back: find out sooner.
const SHORT_PATIENCE_MS: f64 = 4_000.0;

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Beat {
    /// Nothing, for so many milliseconds.
    Wait(f64),
    /// Ask whether anybody is there.
    Ping,
    /// Nobody is.
    Dead,
}

#[derive(Debug)]
pub(crate) struct Heartbeat {
    heard: f64,
    give_up: Option<f64>,
}

impl Heartbeat {
    pub(crate) fn new(now: f64) -> Self {
        Self {
            heard: now,
            give_up: None,
        }
    }

    pub(crate) fn heard(&mut self, now: f64) {
        self.heard = now;
        self.give_up = None;
    }

    pub(crate) fn asked(&mut self, now: f64) {
        self.give_up = Some(now + PATIENCE_MS);
    }

    pub(crate) fn asked_in_a_hurry(&mut self, now: f64) {
        self.give_up = Some(now + SHORT_PATIENCE_MS);
    }

    pub(crate) fn due(&self, now: f64) -> Beat {
        let (at, then) = match self.give_up {
            Some(at) => (at, Beat::Dead),
            None => (self.heard + QUIET_MS, Beat::Ping),
        };
        if now >= at { then } else { Beat::Wait(at - now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_asked_about_and_then_believed() {
        let mut heart = Heartbeat::new(0.0);
        assert_eq!(heart.due(1_000.0), Beat::Wait(14_000.0));
        assert_eq!(heart.due(15_000.0), Beat::Ping);
        heart.asked(15_000.0);
        assert_eq!(heart.due(16_000.0), Beat::Wait(9_000.0));
        assert_eq!(heart.due(25_000.0), Beat::Dead);
    }

    #[test]
    fn any_sign_of_life_is_an_answer() {
        let mut heart = Heartbeat::new(0.0);
        heart.asked(15_000.0);
        heart.heard(24_000.0);
        assert_eq!(heart.due(25_000.0), Beat::Wait(14_000.0));
    }

    #[test]
    fn after_a_long_sleep_it_asks_before_it_gives_up() {
        let heart = Heartbeat::new(0.0);
        assert_eq!(heart.due(3_600_000.0), Beat::Ping);
    }
}
