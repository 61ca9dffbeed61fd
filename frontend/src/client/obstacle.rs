//! Infers from failed attempts what prevents a connection. Pure.

use snug_shared::error_code::{Close, ErrorCode};

/// The outcome of an attempt that was not welcomed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// No server answered over HTTP.
    NoAnswer,
    /// A proxy in front of Snug answered that Snug is unavailable, or busy.
    Away,
    /// Something other than Snug answered: a sign-in page, for example.
    NotSnug,
    /// Snug answered over HTTP, but no WebSocket was opened.
    NoSocket,
    /// As [`Self::NoSocket`], but without an error: whatever is in between is silent.
    SilentSocket,
    /// The server answered with a refusal that allows another try later.
    Refused(ErrorCode),
    /// Snug closed the socket.
    Closed,
}

impl Outcome {
    /// Classifies an HTTP answer that does not have Snug's form; a redirection that is not followed has the status 0.
    pub(super) fn of_status(status: u16) -> Self {
        match status {
            // Network Authentication Required (RFC 6585) is the answer of a hotel's network.
            511 => Self::NotSnug,
            429 | 500.. => Self::Away,
            _ => Self::NotSnug,
        }
    }

    /// Classifies a socket that was open and not welcomed.
    pub(super) fn of_close(code: Option<u16>) -> Self {
        const OF_SNUG: [Close; 10] = [
            Close::Left,
            Close::Restart,
            Close::BadFrame,
            Close::NotText,
            Close::HelloRequired,
            Close::Flood,
            Close::TooLarge,
            Close::Silent,
            Close::SessionEnded,
            Close::Banned,
        ];
        match code {
            Some(code) if OF_SNUG.map(u16::from).contains(&code) => Self::Closed,
            _ => Self::NoSocket,
        }
    }

    /// Returns after how many repetitions an outcome is reported. A restarting server resembles most of them for a moment.
    fn patience(self) -> u32 {
        match self {
            Self::NotSnug | Self::SilentSocket | Self::Refused(_) => 1,
            Self::NoAnswer | Self::Away => 2,
            Self::NoSocket => 3,
            Self::Closed => u32::MAX,
        }
    }
}

/// The obstacle that is reported to the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// The server cannot be reached.
    Unreachable,
    /// The proxy in front of the server reports that the server is unavailable.
    Away,
    /// A gate is in front of the server: reloading the page leads to it.
    Gate,
    /// WebSockets are blocked between the browser and the server.
    Sockets,
    /// The server refuses with this code; the page tries again later.
    Refused(ErrorCode),
}

/// The outcomes of the last attempts.
#[derive(Debug, Default)]
pub(super) struct Attempts {
    last: Option<Outcome>,
    times: u32,
}

impl Attempts {
    /// Records a failed attempt.
    pub(super) fn failed(&mut self, outcome: Outcome) {
        let again = self.last == Some(outcome);
        self.times = if again { self.times.saturating_add(1) } else { 1 };
        self.last = Some(outcome);
    }

    /// Records an attempt that was welcomed.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        let outcome = self.last.filter(|it| self.times >= it.patience())?;
        match outcome {
            Outcome::NoAnswer => Some(Obstacle::Unreachable),
            Outcome::Away => Some(Obstacle::Away),
            Outcome::NotSnug => Some(Obstacle::Gate),
            Outcome::NoSocket | Outcome::SilentSocket => Some(Obstacle::Sockets),
            Outcome::Refused(code) => Some(Obstacle::Refused(code)),
            Outcome::Closed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(outcomes: &[Outcome]) -> Option<Obstacle> {
        let mut attempts = Attempts::default();
        for outcome in outcomes {
            attempts.failed(*outcome);
        }
        attempts.obstacle()
    }

    #[test]
    fn a_gate_answers_with_a_redirection_a_refusal_or_a_page_of_its_own() {
        for status in [0, 200, 302, 401, 403, 404, 407, 511] {
            assert_eq!(Outcome::of_status(status), Outcome::NotSnug, "{status}");
        }
        for status in [429, 500, 502, 503, 504, 520, 530] {
            assert_eq!(Outcome::of_status(status), Outcome::Away, "{status}");
        }
        assert_eq!(after(&[Outcome::NotSnug]), Some(Obstacle::Gate));
    }

    #[test]
    fn sockets_are_blocked_when_http_answers_again_and_again_and_they_do_not() {
        use Outcome::NoSocket;
        assert_eq!(after(&[NoSocket, NoSocket]), None, "a restart");
        assert_eq!(after(&[NoSocket; 3]), Some(Obstacle::Sockets));
        assert_eq!(
            after(&[Outcome::SilentSocket]),
            Some(Obstacle::Sockets),
            "that took long enough"
        );
        assert_eq!(after(&[NoSocket, NoSocket, Outcome::NoAnswer, NoSocket]), None);
    }

    #[test]
    fn what_snug_itself_closes_is_not_blocked() {
        for close in [Close::Restart, Close::Silent, Close::Flood, Close::Banned] {
            assert_eq!(Outcome::of_close(Some(close.into())), Outcome::Closed);
        }
        assert_eq!(after(&[Outcome::Closed; 9]), None);
        for close in [None, Some(1006), Some(1011), Some(4999)] {
            assert_eq!(Outcome::of_close(close), Outcome::NoSocket, "{close:?}");
        }
    }

    #[test]
    fn a_server_that_is_away_for_a_moment_is_not_worth_a_word() {
        for (outcome, obstacle) in [
            (Outcome::NoAnswer, Obstacle::Unreachable),
            (Outcome::Away, Obstacle::Away),
        ] {
            assert_eq!(after(&[outcome]), None);
            assert_eq!(after(&[outcome, outcome]), Some(obstacle));
        }
        let refused = Outcome::Refused(ErrorCode::Overloaded);
        assert_eq!(after(&[refused]), Some(Obstacle::Refused(ErrorCode::Overloaded)));
    }

    #[test]
    fn a_welcome_ends_it() {
        let mut attempts = Attempts::default();
        attempts.failed(Outcome::NotSnug);
        attempts.succeeded();
        assert_eq!(attempts.obstacle(), None);
    }
}
