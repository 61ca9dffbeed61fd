//! Decides when to reconnect: exponential backoff with full jitter, so that a thousand pages that lost the
//! same server do not come back in the same instant.

use snug_shared::error_code::Close;

const BASE_MS: f64 = 500.0;
const CAP_MS: f64 = 30_000.0;

/// Counts consecutive failures.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Returns the milliseconds to wait after one more failure; `random` lies in `0.0..1.0`.
    pub(crate) fn next(&mut self, random: f64) -> u32 {
        let ceiling = (BASE_MS * 2_f64.powi(self.failures.min(16) as i32)).min(CAP_MS);
        self.failures += 1;
        (random * ceiling) as u32
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// The policy for the reconnection after a close code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RetryPolicy {
    /// Reconnect after the usual delay.
    Backoff,
    /// Reconnect within a second: the server restarts.
    WithinSecond,
    /// Reconnect at once, with a new first frame.
    Now,
    /// Reconnect after at least this many milliseconds.
    NotBefore(u32),
    /// Never reconnect: the same page would be refused again.
    Never,
    /// Never reconnect: the user was banned.
    Banned,
}

/// Returns when to reconnect after this close code.
pub(crate) fn retry_policy(close: Option<u16>) -> RetryPolicy {
    const LEFT: u16 = Close::Left as u16;
    const RESTART: u16 = Close::Restart as u16;
    const FLOOD: u16 = Close::Flood as u16;
    const BAD_FRAME: u16 = Close::BadFrame as u16;
    const NOT_TEXT: u16 = Close::NotText as u16;
    const NO_USER_INFO: u16 = Close::HelloRequired as u16;
    const TOO_LARGE: u16 = Close::TooLarge as u16;
    const SESSION_ENDED: u16 = Close::SessionEnded as u16;
    const PUT_OUT: u16 = Close::Banned as u16;
    match close {
        Some(RESTART) => RetryPolicy::WithinSecond,
        Some(SESSION_ENDED) => RetryPolicy::Now,
        Some(PUT_OUT) => RetryPolicy::Banned,
        Some(FLOOD) => RetryPolicy::NotBefore(5_000),
        Some(LEFT | BAD_FRAME | NOT_TEXT | NO_USER_INFO | TOO_LARGE) => RetryPolicy::Never,
        _ => RetryPolicy::Backoff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_up_to_the_cap_and_falls_back_after_success() {
        let mut backoff = Backoff::default();
        let ceilings: Vec<u32> = (0..8).map(|_| backoff.next(1.0)).collect();
        assert_eq!(ceilings, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
        backoff.reset();
        assert_eq!(backoff.next(1.0), 500);
    }

    #[test]
    fn jitter_is_full() {
        assert_eq!(Backoff::default().next(0.0), 0);
        assert_eq!(Backoff { failures: 1000 }.next(0.5), 15_000);
    }

    #[test]
    fn close_codes_are_honoured() {
        assert_eq!(retry_policy(Some(1006)), RetryPolicy::Backoff);
        assert_eq!(retry_policy(Some(Close::Silent.into())), RetryPolicy::Backoff);
        assert_eq!(retry_policy(None), RetryPolicy::Backoff);
        assert_eq!(
            retry_policy(Some(Close::Restart.into())),
            RetryPolicy::WithinSecond
        );
        assert_eq!(
            retry_policy(Some(Close::Flood.into())),
            RetryPolicy::NotBefore(5_000)
        );
        assert_eq!(retry_policy(Some(Close::Left.into())), RetryPolicy::Never);
        assert_eq!(retry_policy(Some(Close::BadFrame.into())), RetryPolicy::Never);
        assert_eq!(retry_policy(Some(Close::SessionEnded.into())), RetryPolicy::Now);
        assert_eq!(retry_policy(Some(Close::Banned.into())), RetryPolicy::Banned);
    }
}
