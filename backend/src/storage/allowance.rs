//! Limits the bytes that users may write: each guest, all guests of a network together, and each member. The limits are per
//! second in the long term, with a burst after a rest, and per day.

use std::{hash::Hash, num::NonZeroU32, time::Duration};

use governor::{DefaultKeyedRateLimiter, InsufficientCapacity, Quota, RateLimiter, clock::Clock};
use snug_shared::ids::ChatId;

use crate::{
    config::{ByteRate, Config},
    network::{ClientNetwork, NetworkRate},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The byte allowances of users and networks.
pub struct Allowances {
    guests: [DefaultKeyedRateLimiter<ChatId>; 2],
    networks: [NetworkRate; 2],
    members: [DefaultKeyedRateLimiter<ChatId>; 2],
}

impl Allowances {
    /// Creates the allowances of the configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let keyed = |rate| quotas(rate).map(RateLimiter::keyed);
        Self {
            guests: keyed(config.guest_bytes),
            networks: quotas(config.network_bytes).map(NetworkRate::with_quota),
            members: keyed(config.member_bytes),
        }
    }

    /// Takes bytes from the allowance of a guest and of the network that they connect from.
    ///
    /// # Errors
    /// The time until the guest may write so many bytes.
    pub fn spend_as_guest(&self, guest: &ChatId, from: ClientNetwork, bytes: usize) -> Result<(), Duration> {
        let Some(bytes) = cells(bytes) else { return Ok(()) };
        // The guest's own allowance is checked first: a guest who writes too much takes nothing from the others of the network.
        spend(&self.guests, guest, bytes)?;
        self.networks.iter().try_for_each(|it| it.check_n(from, bytes))
    }

    /// Takes bytes from the allowance of a member.
    ///
    /// # Errors
    /// The time until the member may write so many bytes.
    pub fn spend_as_member(&self, member: &ChatId, bytes: usize) -> Result<(), Duration> {
        cells(bytes).map_or(Ok(()), |bytes| spend(&self.members, member, bytes))
    }

    /// Forgets the users and networks whose allowance is full again.
    pub fn prune(&self) {
        for limiter in self.guests.iter().chain(&self.members) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        self.networks.iter().for_each(NetworkRate::prune);
    }
}

fn quotas(rate: ByteRate) -> [Quota; 2] {
    let ByteRate { seconds, day } = rate;
    let second = Quota::per_second(seconds.per_second).allow_burst(seconds.burst);
    let period = (DAY / day.get()).max(Duration::from_nanos(1));
    let day = Quota::with_period(period).map_or(second, |it| it.allow_burst(day));
    [second, day]
}

fn cells(bytes: usize) -> Option<NonZeroU32> {
    NonZeroU32::new(u32::try_from(bytes).unwrap_or(u32::MAX))
}

fn spend<K: Clone + Eq + Hash>(
    limiters: &[DefaultKeyedRateLimiter<K>; 2],
    key: &K,
    bytes: NonZeroU32,
) -> Result<(), Duration> {
    for limiter in limiters {
        match limiter.check_key_n(key, bytes) {
            Ok(Ok(())) => {}
            Ok(Err(wait)) => return Err(wait.wait_time_from(limiter.clock().now())),
            Err(InsufficientCapacity(_)) => return Err(DAY),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::config::Options;

    fn allowances() -> Allowances {
        Allowances::new(&Config::resolve(Options::default()).expect("defaults"))
    }

    fn id(name: &str) -> ChatId {
        ChatId::try_from(name).expect("an id")
    }

    /// Returns the bytes that are accepted, in messages of 16,000, until one is refused for longer than a second.
    fn taken(mut spend: impl FnMut(usize) -> Result<(), Duration>) -> usize {
        let mut taken = 0;
        loop {
            match spend(16_000) {
                Ok(()) => taken += 16_000,
                Err(wait) => {
                    assert!(wait > Duration::ZERO && wait < Duration::from_secs(2), "{wait:?}");
                    return taken;
                }
            }
        }
    }

    #[test]
    fn each_guest_has_a_burst_and_all_guests_of_a_network_have_one_together() {
        let allowances = allowances();
        let here = ClientNetwork::from(IpAddr::from([192, 0, 2, 1]));
        let one = taken(|bytes| allowances.spend_as_guest(&id("eve"), here, bytes));
        assert!((240_000..=280_000).contains(&one), "{one}");
        let mut count = 0;
        let all = taken(|bytes| {
            count += 1;
            allowances.spend_as_guest(&id(&format!("eve{count}")), here, bytes)
        });
        assert!(
            ((512 << 10) - 100_000..(512 << 10) + 100_000).contains(&(one + all)),
            "{all}"
        );
        let elsewhere = ClientNetwork::from(IpAddr::from([192, 0, 2, 2]));
        assert_eq!(allowances.spend_as_guest(&id("bob"), elsewhere, 16_000), Ok(()));
        assert_eq!(
            allowances.spend_as_member(&id("ann"), 16_000),
            Ok(()),
            "nor members"
        );
    }

    #[test]
    fn a_day_has_an_end_and_whoever_writes_as_people_do_never_meets_it() {
        let mut config = Config::resolve(Options::default()).expect("defaults");
        config.guest_bytes.seconds.per_second = NonZeroU32::MAX;
        config.guest_bytes.seconds.burst = NonZeroU32::MAX;
        let allowances = Allowances::new(&config);
        let here = ClientNetwork::from(IpAddr::from([192, 0, 2, 1]));
        let limiters = &allowances.guests;
        let mut count = 0;
        while spend(limiters, &id("eve"), NonZeroU32::new(16_000).expect("not 0")).is_ok() {
            count += 16_000;
        }
        assert!((16_700_000..16_900_000).contains(&count), "{count}");
        // Five messages of 300 characters per second, each with its names.
        for _ in 0..100 {
            let five = allowances.spend_as_guest(&id("ann"), here, 5 * 700);
            assert_eq!(five, Ok(()), "for a hundred seconds even at once");
        }
    }

    #[test]
    fn what_is_not_needed_any_more_is_forgotten() {
        let allowances = allowances();
        for index in 0..1_000 {
            let _ = allowances.spend_as_member(&id(&format!("m{index}")), 1);
        }
        assert!(!allowances.members[0].is_empty());
        // A byte is regained in microseconds.
        while !allowances.members[0].is_empty() {
            allowances.prune();
        }
    }
}
