//! An open-loop schedule: the due time of each message is fixed before the first is sent. Latency is measured
//! from the due time, so a server that delays the client cannot hide it (Gil Tene's *coordinated omission*,
//! as in wrk2).

use std::time::Duration;

/// Due times at a fixed rate.
#[derive(Clone, Debug)]
pub struct Schedule {
    begin: u64,
    interval: u64,
    count: u32,
    next: u32,
}

impl Schedule {
    /// Creates a schedule of `count` messages, of which the first is due at `begin`.
    pub fn new(begin: u64, per_second: f64, count: u32) -> Self {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        Self {
            begin,
            interval: super::clock::nanoseconds(interval),
            count,
            next: 0,
        }
    }

    /// Returns the number and the due time of the next message, if it is due now.
    pub fn due(&mut self, now: u64) -> Option<(u32, u64)> {
        let due = self.next_due()?;
        if now < due {
            return None;
        }
        self.next += 1;
        Some((self.next - 1, due))
    }

    /// Returns when the next message is due, or `None` after the last.
    pub fn next_due(&self) -> Option<u64> {
        (self.next < self.count).then(|| self.begin + u64::from(self.next) * self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_message_keeps_its_due_time() {
        let mut schedule = Schedule::new(1_000, 1e6, 3);
        assert_eq!(schedule.due(999), None);
        assert_eq!(schedule.due(1_000), Some((0, 1_000)));
        assert_eq!(schedule.due(1_001), None);
        // After a delay, both missed messages are due at once, with their original due times.
        assert_eq!(schedule.due(9_999), Some((1, 2_000)));
        assert_eq!(schedule.due(9_999), Some((2, 3_000)));
        assert_eq!((schedule.due(u64::MAX), schedule.next_due()), (None, None));
    }
}
