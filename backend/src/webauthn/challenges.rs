//! Issues WebAuthn challenges: each can be redeemed once, within a time limit. They are in memory only.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use snug_shared::ids::SessionId;

use crate::{network::ClientNetwork, secret};

/// The lifetime of a challenge.
pub const GOOD: Duration = Duration::from_secs(5 * 60);
/// Maximum number of challenges in all and from one network (twice as many in a /56, four times in a /48). Above it the oldest is
/// dropped, of the same network first: a client that asks for many displaces nobody else's.
const MOST: usize = 10_000;
const MOST_BY_NETWORK: usize = 100;

/// The purpose of a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Adds a passkey, from this session.
    Add(SessionId),
    /// Signs in.
    SignIn,
}

struct Challenge {
    value: String,
    purpose: Purpose,
    network: ClientNetwork,
    until: Instant,
}

/// The challenges that were issued and not redeemed yet.
#[derive(Default)]
pub struct Challenges {
    /// The challenges, the oldest first.
    out: Mutex<VecDeque<Challenge>>,
}

impl Challenges {
    /// Issues a challenge: 256 random bits in URL-safe Base64.
    pub fn make(&self, purpose: Purpose, network: ClientNetwork, now: Instant) -> String {
        let (value, _) = secret::generate();
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        while out.front().is_some_and(|it| it.until <= now) {
            out.pop_front();
        }
        // The oldest challenge of the narrowest network that has as many as it may.
        let full = network.scopes().enumerate().find_map(|(index, scope)| {
            let mut of_scope =
                (out.iter().enumerate()).filter(|(_, it)| scope.contains(&it.network.address()));
            let first = of_scope.next().map(|(at, _)| at);
            first.filter(|_| of_scope.count() + 1 >= MOST_BY_NETWORK << index)
        });
        if let Some(at) = full {
            out.remove(at);
        } else if out.len() >= MOST {
            out.pop_front();
        }
        out.push_back(Challenge {
            value: value.clone(),
            purpose,
            network,
            until: now + GOOD,
        });
        value
    }

    /// Redeems a challenge. Returns whether it was issued for this purpose and is valid. It is void afterwards, whatever its purpose.
    pub fn spend(&self, value: &str, purpose: &Purpose, now: Instant) -> bool {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let at = out.iter().position(|it| it.value == value);
        let spent = at.and_then(|at| out.remove(at));
        spent.is_some_and(|it| it.purpose == *purpose && it.until > now)
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use super::*;

    fn network(last: u8) -> ClientNetwork {
        ClientNetwork::from(IpAddr::from([192, 0, 2, last]))
    }

    #[test]
    fn a_challenge_is_good_once_and_for_five_minutes() {
        let (challenges, now) = (Challenges::default(), Instant::now());
        let make = || challenges.make(Purpose::SignIn, network(1), now);
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
            let it = challenges.make(session("ann"), network(1), now);
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
        let make = |last| challenges.make(Purpose::SignIn, network(last), now);
        let (anns, eves) = (make(1), make(2));
        for _ in 0..MOST_BY_NETWORK {
            make(2);
        }
        assert!(challenges.spend(&anns, &Purpose::SignIn, now));
        assert!(!challenges.spend(&eves, &Purpose::SignIn, now));
        for last in 0..=100 {
            for _ in 0..MOST_BY_NETWORK {
                make(last);
            }
        }
        assert_eq!(challenges.out.lock().expect("no panic").len(), MOST);
    }

    #[test]
    fn whoever_has_many_ipv6_networks_loses_their_own_too() {
        let (challenges, now) = (Challenges::default(), Instant::now());
        let make = |network| challenges.make(Purpose::SignIn, network, now);
        let anns = make(network(1));
        for n in 0..2_000_u16 {
            let address = Ipv6Addr::new(0x2001, 0xdb8, 1, n, 0, 0, 0, 1);
            make(ClientNetwork::from(IpAddr::from(address)));
        }
        assert_eq!(
            challenges.out.lock().expect("no panic").len(),
            1 + 4 * MOST_BY_NETWORK
        );
        assert!(challenges.spend(&anns, &Purpose::SignIn, now));
    }
}
