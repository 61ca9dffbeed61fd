//! An open loop: when each message is due is settled before the first is sent. Latency counts from then, so a
//! server that makes the client wait cannot hide it (Gil Tene's *coordinated omission*, as in wrk2).

use std::time::Duration;

/// Times at a fixed rate.
#[derive(Clone, Debug)]
pub struct Schedule {
    begin: u64,
    interval: u64,
    count: u32,
    next: u32,
}

impl Schedule {
    /// So many, the first at `begin`.
    pub fn new(begin: u64, per_second: f64, count: u32) -> Self {
        let interval = Duration::from_secs_f64(1.0 / per_second);
        Self {
            begin,
            interval: super::clock::nanoseconds(interval),
            count,
            next: 0,
        }
    }

    /// The next one's number and time, if it is due now.
    pub fn due(&mut self, now: u64) -> Option<(u32, u64)> {
        let due = self.next_due()?;
        if now < due {
            return None;
        }
        self.next += 1;
        Some((self.next - 1, due))
    }

    /// When the next one is due; none after the last.
    pub fn next_due(&self) -> Option<u64> {
        (self.next < self.count).then(|| self.begin + u64::from(self.next) * self.interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_late_is_counted_from_when_it_was_due() {
        let mut schedule = Schedule::new(1_000, 1e6, 3);
        assert_eq!(schedule.due(999), None);
        assert_eq!(schedule.due(1_000), Some((0, 1_000)));
        assert_eq!(schedule.due(1_001), None);
        // Held up: both that were missed come at once, with the times that they had.
        assert_eq!(schedule.due(9_999), Some((1, 2_000)));
        assert_eq!(schedule.due(9_999), Some((2, 3_000)));
        assert_eq!((schedule.due(u64::MAX), schedule.next_due()), (None, None));
    }
}
