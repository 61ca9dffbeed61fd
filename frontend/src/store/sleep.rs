//! Detects that the machine has slept: then the clock has advanced, while timers have not run.

/// The interval at which the clock is checked, in milliseconds.
pub(super) const LOOK_MS: u32 = 4_000;
/// The delay that indicates sleep, in milliseconds; a busy page is late by less.
const SLEPT_MS: f64 = 15_000.0;

#[derive(Debug)]
pub(super) struct Sleep {
    seen: f64,
}

impl Sleep {
    pub(super) fn new(now: f64) -> Self {
        Self { seen: now }
    }

    /// Returns whether the machine has slept, or was suspended, since the last check. A clock set forward looks the same, and costs a ping.
    pub(super) fn slept(&mut self, now: f64) -> bool {
        let before = std::mem::replace(&mut self.seen, now);
        now - before > SLEPT_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_jumps_ahead_tells_of_a_sleep_once() {
        let mut sleep = Sleep::new(0.0);
        assert!(!sleep.slept(4_000.0));
        assert!(!sleep.slept(9_000.0), "late");
        assert!(sleep.slept(3_600_000.0));
        assert!(!sleep.slept(3_604_000.0));
        assert!(!sleep.slept(0.0), "set back");
    }
}
