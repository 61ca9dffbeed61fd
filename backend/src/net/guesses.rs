//! Limits guesses at passwords and secrets. Only wrong guesses count, so that users who know their password never wait for those who
//! do not.
//!
//! A guess counts in each of its buckets, which are leaky (the generic cell rate algorithm, ITU-T I.371). It is counted before the
//! hash is computed, so that concurrent guesses count too, and given back if it was right.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use ipnet::IpNet;
use snug_shared::{error_code::ErrorCode, ids::ChatId};

use crate::network::ClientNetwork;

/// Wrong guesses from one network: a burst, and then one in each interval. They count for all names, and so for one name too. A /56
/// has twice as many, a /48 four times.
const OF_NETWORK: Limit = Limit::new(8, Duration::from_secs(6));
/// Wrong guesses at one name, from all networks. The limit is wide, because strangers spend it: it bounds what a botnet learns in a
/// day, and a single attacker cannot reach it.
const AT_NAME: Limit = Limit::new(1_000, Duration::from_secs(1));
/// Wrong guesses at a user's password from their own sessions, or from one browser in which they have signed in.
const OF_PERSON: Limit = Limit::new(10, Duration::from_secs(6));

/// A burst after a rest, and the interval in which one more is allowed.
#[derive(Clone, Copy)]
struct Limit {
    burst: u32,
    interval: Duration,
}

impl Limit {
    const fn new(burst: u32, interval: Duration) -> Self {
        Self { burst, interval }
    }

    /// Widens the limit by `factor`.
    fn times(self, factor: u32) -> Self {
        Self::new(self.burst * factor, self.interval / factor)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    Network(IpNet),
    Name(String),
    Person(ChatId),
    Device(String),
}

/// The buckets that are not full again.
#[derive(Default)]
pub struct Guesses {
    /// The time at which each bucket would be full again.
    full: Mutex<HashMap<Bucket, Instant>>,
}

/// A guess in progress. It counts as wrong unless it is given back.
pub struct Guess {
    guesses: Arc<Guesses>,
    buckets: Vec<(Bucket, Limit)>,
}

impl Guesses {
    /// Counts a guess at a secret, such as that of a link.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`] if there were too many wrong ones.
    pub fn at_secret(self: &Arc<Self>, network: ClientNetwork) -> Result<Guess, ErrorCode> {
        self.take(of(network), Instant::now())
    }

    /// Counts a guess at the password of a name; `device` is the browser, if the user of that name has signed in with it before. The
    /// browser has guesses of its own: strangers cannot lock its user out. Once it has spent them it counts as a stranger.
    ///
    /// # Errors
    /// Those of [`Guesses::at_secret`].
    pub fn at_name(
        self: &Arc<Self>,
        network: ClientNetwork,
        name: &str,
        device: Option<&str>,
    ) -> Result<Guess, ErrorCode> {
        let now = Instant::now();
        let own = device.map(|it| self.take(vec![(Bucket::Device(it.to_owned()), OF_PERSON)], now));
        if let Some(Ok(guess)) = own {
            return Ok(guess);
        }
        let mut buckets = of(network);
        buckets.push((Bucket::Name(name.to_owned()), AT_NAME));
        self.take(buckets, now)
    }

    /// Counts a guess of a signed-in user at their own password.
    ///
    /// # Errors
    /// Those of [`Guesses::at_secret`].
    pub fn at_own(self: &Arc<Self>, person: &ChatId) -> Result<Guess, ErrorCode> {
        self.take(vec![(Bucket::Person(person.clone()), OF_PERSON)], Instant::now())
    }

    /// Forgets the buckets that are full again.
    pub fn prune(&self) {
        let now = Instant::now();
        let mut full = self.full();
        full.retain(|_, at| *at > now);
        full.shrink_to_fit();
    }

    fn take(self: &Arc<Self>, buckets: Vec<(Bucket, Limit)>, now: Instant) -> Result<Guess, ErrorCode> {
        let mut full = self.full();
        let after = |at: Option<&Instant>, limit: Limit| at.map_or(now, |at| (*at).max(now)) + limit.interval;
        let spent = buckets
            .iter()
            .any(|(bucket, limit)| after(full.get(bucket), *limit) > now + limit.interval * limit.burst);
        if spent {
            return Err(ErrorCode::RateLimited);
        }
        for (bucket, limit) in &buckets {
            let after = after(full.get(bucket), *limit);
            full.insert(bucket.clone(), after);
        }
        let guesses = self.clone();
        Ok(Guess { guesses, buckets })
    }

    fn full(&self) -> MutexGuard<'_, HashMap<Bucket, Instant>> {
        self.full.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guess {
    /// Returns a guess that was right or was not checked, so that it does not count as wrong.
    pub fn give_back(self) {
        let mut full = self.guesses.full();
        for (bucket, limit) in &self.buckets {
            if let Some(at) = full.get_mut(bucket) {
                *at = at.checked_sub(limit.interval).unwrap_or(*at);
            }
        }
    }

    /// Whether the guess came from a browser or a session that is known to be the user's.
    #[must_use]
    pub fn is_of_a_known_one(&self) -> bool {
        matches!(
            self.buckets.first(),
            Some((Bucket::Device(_) | Bucket::Person(_), _))
        )
    }
}

fn of(network: ClientNetwork) -> Vec<(Bucket, Limit)> {
    let scopes = network.scopes().zip([1, 2, 4]);
    scopes
        .map(|(scope, factor)| (Bucket::Network(scope), OF_NETWORK.times(factor)))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from(address.parse::<IpAddr>().expect("an address"))
    }

    fn taken<T>(tries: u32, guess: impl Fn(u32) -> Result<Guess, T>) -> usize {
        (0..tries).filter(|n| guess(*n).is_ok()).count()
    }

    #[test]
    fn only_wrong_guesses_count() {
        let guesses = Arc::new(Guesses::default());
        let guess = |_| guesses.at_name(network("192.0.2.1"), "ann", None);
        for n in 0..100 {
            guess(n).expect("all before were right").give_back();
        }
        assert_eq!(taken(100, guess), OF_NETWORK.burst as usize);
        guesses.prune();
        assert_eq!(taken(100, guess), 0, "what is not full again is not forgotten");
    }

    #[test]
    fn networks_of_one_subscriber_share_their_guesses() {
        let guesses = Arc::new(Guesses::default());
        let narrow = |n| guesses.at_secret(network(&format!("2001:db8:1:{n:x}::1")));
        assert_eq!(taken(200, narrow), 16, "one /56");
        let wide = |n: u32| guesses.at_secret(network(&format!("2001:db8:2:{:x}::1", n << 8)));
        assert_eq!(taken(200, wide), 32, "one /48");
        assert_eq!(taken(1, |_| guesses.at_secret(network("192.0.2.1"))), 1);
    }

    #[test]
    fn whatever_others_guess_a_known_browser_has_guesses_of_its_own() {
        let guesses = Arc::new(Guesses::default());
        let stranger =
            |n: u32| guesses.at_name(network(&format!("10.0.{}.{}", n / 250, n % 250)), "ann", None);
        assert_eq!(taken(2_000, stranger), AT_NAME.burst as usize);
        let known = |_| guesses.at_name(network("10.0.0.1"), "ann", Some("browser"));
        assert_eq!(taken(100, known), OF_PERSON.burst as usize);
        let ann = ChatId::try_from("ann").expect("an id");
        assert_eq!(taken(100, |_| guesses.at_own(&ann)), OF_PERSON.burst as usize);
    }
}
