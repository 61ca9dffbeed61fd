//! Who comes in when: after a restart everybody comes at once, and each of them costs a page of history
//! and a roster. Beyond a rate people are given a time, and keep their place by it.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use crate::config::Rate;

/// The generic cell rate algorithm (ITU-T I.371), except that who is early is promised a time.
pub struct Admission {
    interval: Duration,
    burst: Duration,
    /// When the next one would come in if nobody could come in a burst.
    next: Mutex<Instant>,
}

impl Admission {
    /// At this rate.
    pub fn new(rate: Rate) -> Self {
        let interval = Duration::from_secs(1) / rate.per_second.get();
        Self {
            interval,
            burst: interval * (rate.burst.get() - 1),
            next: Mutex::new(Instant::now()),
        }
    }

    /// Takes the next free time: now, or later. It is the caller's alone.
    pub fn time(&self, now: Instant) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = (*next).max(now);
        *next = due + self.interval;
        now.max(due.checked_sub(self.burst).unwrap_or(now))
    }
}

/// When those come back whom a draining server sends away: one after the other, as the next one lets them in.
pub struct Comebacks {
    sent_away: AtomicU32,
    per_second: u32,
}

/// Milliseconds that a server needs to start again.
const RESTART: u32 = 500;

impl Comebacks {
    /// To a server that admits so many.
    pub fn new(rate: Rate) -> Self {
        Self {
            sent_away: AtomicU32::new(0),
            per_second: rate.per_second.get(),
        }
    }

    /// Milliseconds until the next one is to come back.
    pub fn next(&self) -> u32 {
        let before = u64::from(self.sent_away.fetch_add(1, Ordering::Relaxed));
        RESTART + u32::try_from(before * 1000 / u64::from(self.per_second)).unwrap_or(u32::MAX - RESTART)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rate(per_second: u32, burst: u32) -> Rate {
        let of = |n| NonZeroU32::new(n).expect("not 0");
        Rate {
            per_second: of(per_second),
            burst: of(burst),
        }
    }

    #[test]
    fn a_burst_comes_in_at_once_and_the_rest_one_by_one() {
        let admission = Admission::new(rate(10, 3));
        let now = Instant::now();
        let waits: Vec<_> = (0..6).map(|_| (admission.time(now) - now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 300]);
        // After a rest, a burst again.
        let later = now + Duration::from_secs(2);
        assert_eq!(admission.time(later), later);
    }

    #[test]
    fn who_is_sent_away_comes_back_one_by_one() {
        let comebacks = Comebacks::new(rate(100, 1));
        let times: Vec<_> = (0..3).map(|_| comebacks.next()).collect();
        assert_eq!(times, [500, 510, 520]);
    }
}
