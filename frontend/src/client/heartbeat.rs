//! Distinguishes a quiet connection from a dead one.
//!
//! The timeout counts from the ping and not from the last frame: a hidden tab's timers fire once a minute,
//! and a laptop sleeps for hours, without the connection being any worse for it.

const QUIET_MS: f64 = 15_000.0;
const PONG_TIMEOUT_MS: f64 = 10_000.0;
/// The shorter timeout while the user views the page, or just after the network is available again.
const SHORT_PONG_TIMEOUT_MS: f64 = 4_000.0;

/// The next action of the heartbeat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Beat {
    /// Wait for this number of milliseconds.
    Wait(f64),
    /// Send a ping.
    Ping,
    /// Close the connection: the ping was not answered in time.
    Dead,
}

#[derive(Debug)]
pub(crate) struct Heartbeat {
    last_received: f64,
    deadline: Option<f64>,
}

impl Heartbeat {
    pub(crate) fn new(now: f64) -> Self {
        Self {
            last_received: now,
            deadline: None,
        }
    }

    pub(crate) fn on_received(&mut self, now: f64) {
        self.last_received = now;
        self.deadline = None;
    }

    pub(crate) fn on_ping(&mut self, now: f64) {
        self.deadline = Some(now + PONG_TIMEOUT_MS);
    }

    pub(crate) fn on_urgent_ping(&mut self, now: f64) {
        self.deadline = Some(now + SHORT_PONG_TIMEOUT_MS);
    }

    pub(crate) fn due(&self, now: f64) -> Beat {
        let (at, then) = match self.deadline {
            Some(at) => (at, Beat::Dead),
            None => (self.last_received + QUIET_MS, Beat::Ping),
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
        heart.on_ping(15_000.0);
        assert_eq!(heart.due(16_000.0), Beat::Wait(9_000.0));
        assert_eq!(heart.due(25_000.0), Beat::Dead);
    }

    #[test]
    fn any_sign_of_life_is_an_answer() {
        let mut heart = Heartbeat::new(0.0);
        heart.on_ping(15_000.0);
        heart.on_received(24_000.0);
        assert_eq!(heart.due(25_000.0), Beat::Wait(14_000.0));
    }

    #[test]
    fn after_a_long_sleep_it_asks_before_it_gives_up() {
        let heart = Heartbeat::new(0.0);
        assert_eq!(heart.due(3_600_000.0), Beat::Ping);
    }
}
