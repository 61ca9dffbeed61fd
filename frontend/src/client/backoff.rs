//! How long to wait before the next attempt: exponential with full jitter, so that a thousand pages
//! that lost the same server do not come back in the same instant.

use snug_shared::code::Close;

const BASE_MS: f64 = 500.0;
const CAP_MS: f64 = 30_000.0;

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
}

impl Backoff {
    /// Milliseconds to wait after one more failure; `random` lies in `0.0..1.0`.
    pub(crate) fn next(&mut self, random: f64) -> u32 {
        let ceiling = (BASE_MS * 2_f64.powi(self.failures.min(16) as i32)).min(CAP_MS);
        self.failures += 1;
        (random * ceiling) as u32
    }

    pub(crate) fn reset(&mut self) {
        self.failures = 0;
    }
}

/// What a close code asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Come back as always.
    Backoff,
    /// Come back within a second: the server says that it will be there.
    Soon,
    /// Come back now, and say again who one is.
    Now,
    /// Come back, but not before so many milliseconds.
    NotBefore(u32),
    /// Coming back as we are would end in the same way.
    Stop,
    /// One was sent away.
    SentAway,
}

pub(crate) fn after(close: Option<u16>) -> Next {
    const LEFT: u16 = Close::Left as u16;
    const RESTART: u16 = Close::Restart as u16;
    const FLOOD: u16 = Close::Flood as u16;
    const BAD_FRAME: u16 = Close::BadFrame as u16;
    const NOT_TEXT: u16 = Close::NotText as u16;
    const NO_USER_INFO: u16 = Close::NoUserInfo as u16;
    const TOO_LARGE: u16 = Close::TooLarge as u16;
    const SESSION_ENDED: u16 = Close::SessionEnded as u16;
    const PUT_OUT: u16 = Close::PutOut as u16;
    match close {
        Some(RESTART) => Next::Soon,
        Some(SESSION_ENDED) => Next::Now,
        Some(PUT_OUT) => Next::SentAway,
        Some(FLOOD) => Next::NotBefore(5_000),
        Some(LEFT | BAD_FRAME | NOT_TEXT | NO_USER_INFO | TOO_LARGE) => Next::Stop,
        _ => Next::Backoff,
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
        assert_eq!(after(Some(1006)), Next::Backoff);
        assert_eq!(after(Some(Close::Silent.into())), Next::Backoff);
        assert_eq!(after(None), Next::Backoff);
        assert_eq!(after(Some(Close::Restart.into())), Next::Soon);
        assert_eq!(after(Some(Close::Flood.into())), Next::NotBefore(5_000));
        assert_eq!(after(Some(Close::Left.into())), Next::Stop);
        assert_eq!(after(Some(Close::BadFrame.into())), Next::Stop);
        assert_eq!(after(Some(Close::SessionEnded.into())), Next::Now);
        assert_eq!(after(Some(Close::PutOut.into())), Next::SentAway);
    }
}
