//! Challenges that were handed out: each is good once and soon, in memory only.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use snug_shared::ids::SessionId;

use crate::secret;

/// How long one is good.
pub const GOOD: Duration = Duration::from_secs(5 * 60);
/// Challenges at a time, and of them from one address. Beyond it the oldest goes, of the same address first: whoever asks
/// for many takes nobody else's.
const MOST: usize = 10_000;
const MOST_BY_ADDRESS: usize = 100;

/// What a challenge is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Adding a passkey, from this session.
    Add(SessionId),
    /// Signing in.
    SignIn,
}

struct Challenge {
    value: String,
    purpose: Purpose,
    address: IpAddr,
    until: Instant,
}

/// See the module.
#[derive(Default)]
pub struct Challenges {
    /// The oldest first.
    out: Mutex<VecDeque<Challenge>>,
}

impl Challenges {
    /// Another one: 256 random bits in URL-safe Base64.
    pub fn make(&self, purpose: Purpose, address: IpAddr, now: Instant) -> String {
        let (value, _) = secret::make_up();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        while out.front().is_some_and(|it| it.until <= now) {
            out.pop_front();
        }
        let mut of_address = (out.iter().enumerate()).filter(|(_, it)| it.address == address);
        let first = of_address.next().map(|(at, _)| at);
        if of_address.count() + 1 >= MOST_BY_ADDRESS
            && let Some(at) = first
        {
            out.remove(at);
        } else if out.len() >= MOST {
            out.pop_front();
        }
        out.push_back(Challenge {
            value: value.clone(),
            purpose,
            address,
            until: now + GOOD,
        });
        value
    }

    /// Whether it was handed out for that and is still good. It is not any more afterwards, whatever it was for.
    pub fn spend(&self, value: &str, purpose: &Purpose, now: Instant) -> bool {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let at = out.iter().position(|it| it.value == value);
        let spent = at.and_then(|at| out.remove(at));
        spent.is_some_and(|it| it.purpose == *purpose && it.until > now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(last: u8) -> IpAddr {
        Ipv4Addr::new(192, 0, 2, last).into()
    }

    #[test]
    fn a_challenge_is_good_once_and_for_five_minutes() {
        let (challenges, now) = (Challenges::default(), Instant::now());
        let make = || challenges.make(Purpose::SignIn, address(1), now);
        let spend = |it: &str, later| challenges.spend(it, &Purpose::SignIn, now + later);
        let (one, other) = (make(), make());
        assert_ne!(one, other);
        assert!(spend(&one, GOOD - Duration::from_secs(1)));
        assert!(!spend(&one, Duration::ZERO));
        assert!(!spend(&other, GOOD));
        assert!(!spend("", Duration::ZERO));
    }

    #[test]
    fn a_challenge_is_good_for_what_it_was_made_for() {
        let (challenges, now) = (Challenges::default(), Instant::now());
        let session = |id: &str| Purpose::Add(SessionId::try_from(id).expect("an id"));
        for purpose in [Purpose::SignIn, session("eve")] {
            let it = challenges.make(session("ann"), address(1), now);
            assert!(!challenges.spend(&it, &purpose, now));
            assert!(
                !challenges.spend(&it, &session("ann"), now),
                "it is spent by that"
            );
        }
    }

    #[test]
    fn whoever_asks_for_many_loses_their_own() {
        let (challenges, now) = (Challenges::default(), Instant::now());
        let make = |last| challenges.make(Purpose::SignIn, address(last), now);
        let (anns, eves) = (make(1), make(2));
        for _ in 0..MOST_BY_ADDRESS {
            make(2);
        }
        assert!(challenges.spend(&anns, &Purpose::SignIn, now));
        assert!(!challenges.spend(&eves, &Purpose::SignIn, now));
        for last in 0..=100 {
            for _ in 0..MOST_BY_ADDRESS {
                make(last);
            }
        }
        assert_eq!(challenges.out.lock().expect("no panic").len(), MOST);
    }
}
