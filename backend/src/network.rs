//! Networks: the network of one subscriber, and the larger networks around it.
//!
//! A limit by address has little effect in IPv6. A subscriber has a /64 at least, often a /56 or a /48 (RFC 6177), and can use as
//! many networks of 64 bits from it as are needed to evade a limit. Every limit here therefore counts in up to three scopes: the
//! subscriber's network, the /56 around it with twice the limit, and the /48 with four times the limit.

use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, InsufficientCapacity, Quota, RateLimiter, clock::Clock};
use ipnet::{IpNet, Ipv6Net};

use crate::config::Rate;

/// Prefix lengths of the scopes of an IPv6 network, the narrowest first.
const PREFIXES: [u8; 3] = [64, 56, 48];

/// An IPv4 address, or an IPv6 network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientNetwork(IpAddr);

impl ClientNetwork {
    /// Returns the network's address; for an IPv6 network, its first address.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.0
    }

    /// Returns the networks in which this one counts, the narrowest first.
    pub fn scopes(self) -> impl Iterator<Item = IpNet> {
        let count = if self.0.is_ipv6() { PREFIXES.len() } else { 1 };
        PREFIXES.into_iter().take(count).map(move |prefix| match self.0 {
            IpAddr::V4(_) => IpNet::from(self.0),
            IpAddr::V6(address) => Ipv6Net::new_assert(address, prefix).trunc().into(),
        })
    }
}

impl From<IpAddr> for ClientNetwork {
    /// Returns the network of an address. An IPv4 address that is written as an IPv6 one (RFC 4291, section 2.5.5.2) counts as IPv4.
    fn from(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
            v4 => v4,
        })
    }
}

/// Writes the network with its prefix length, as a ban stores it: `192.0.2.1/32`, `2001:db8::/64`.
impl fmt::Display for ClientNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let narrowest = self.scopes().next().unwrap_or_else(|| self.0.into());
        narrowest.fmt(f)
    }
}

/// A rate limit for each network. See the module for the wider scopes.
pub struct NetworkRate {
    scopes: [DefaultKeyedRateLimiter<IpNet>; PREFIXES.len()],
}

impl NetworkRate {
    /// Limits each network to `rate`.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        Self::with_quota(Quota::per_second(rate.per_second).allow_burst(rate.burst))
    }

    /// Limits each network to `quota`.
    #[must_use]
    pub fn with_quota(quota: Quota) -> Self {
        let scope = |index: u32| {
            let factor = 1 << index;
            let burst = quota
                .burst_size()
                .saturating_mul(NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN));
            let period = quota.replenish_interval() / factor;
            let wider = Quota::with_period(period).unwrap_or(quota);
            RateLimiter::keyed(wider.allow_burst(burst))
        };
        Self {
            scopes: [scope(0), scope(1), scope(2)],
        }
    }

    /// Takes one from the network's allowance.
    ///
    /// # Errors
    /// The time to wait until there is one again.
    pub fn check(&self, network: ClientNetwork) -> Result<(), Duration> {
        self.check_n(network, NonZeroU32::MIN)
    }

    /// Takes `count` at once. A count above the burst is never available; the wait is then that for a whole burst.
    ///
    /// # Errors
    /// The time to wait until there are so many again.
    pub fn check_n(&self, network: ClientNetwork, count: NonZeroU32) -> Result<(), Duration> {
        for (limiter, scope) in self.scopes.iter().zip(network.scopes()) {
            match limiter.check_key_n(&scope, count) {
                Ok(Ok(())) => {}
                Ok(Err(wait)) => return Err(wait.wait_time_from(limiter.clock().now())),
                Err(InsufficientCapacity(_)) => return Err(Duration::from_secs(60)),
            }
        }
        Ok(())
    }

    /// Forgets networks whose allowance is whole again.
    pub fn prune(&self) {
        for limiter in &self.scopes {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

/// The shares of each network of a countable resource, such as connections. See the module for the wider scopes.
pub struct NetworkShares {
    limit: usize,
    held: Mutex<HashMap<IpNet, usize>>,
}

/// One unit of the resource that a network holds. Dropping the permit returns it.
pub struct NetworkPermit {
    shares: Arc<NetworkShares>,
    network: ClientNetwork,
}

impl NetworkShares {
    /// Creates shares of at most `limit` units for each network.
    #[must_use]
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            held: Mutex::default(),
        })
    }

    /// Takes one unit. Returns `None` if the network or one around it holds as many as it may.
    #[must_use]
    pub fn take(self: &Arc<Self>, network: ClientNetwork) -> Option<NetworkPermit> {
        let mut held = self.held();
        let is_full = |(index, scope)| {
            held.get(&scope)
                .is_some_and(|count| *count >= self.limit << index)
        };
        if network.scopes().enumerate().any(is_full) {
            return None;
        }
        for scope in network.scopes() {
            *held.entry(scope).or_default() += 1;
        }
        let shares = self.clone();
        Some(NetworkPermit { shares, network })
    }

    /// Returns how many networks, wider ones included, hold a permit.
    #[must_use]
    pub fn networks(&self) -> usize {
        self.held().len()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<IpNet, usize>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for NetworkPermit {
    fn drop(&mut self) {
        let mut held = self.shares.held();
        for scope in self.network.scopes() {
            if let Some(count) = held.get_mut(&scope) {
                *count -= 1;
                if *count == 0 {
                    held.remove(&scope);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn an_ipv6_network_counts_in_the_ones_around_it_and_an_ipv4_address_alone() {
        let scopes = |address| {
            network(address)
                .scopes()
                .map(|it| it.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            scopes("2001:db8:1:2345:6::7"),
            ["2001:db8:1:2345::/64", "2001:db8:1:2300::/56", "2001:db8:1::/48"]
        );
        assert_eq!(scopes("::ffff:192.0.2.1"), ["192.0.2.1/32"]);
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        let written = ["::ffff:192.0.2.1", "2001:db8:1:2345:6::7"].map(|it| network(it).to_string());
        assert_eq!(written, ["192.0.2.1/32", "2001:db8:1:2345::/64"]);
    }

    #[test]
    fn a_network_that_takes_many_small_ones_gets_four_times_the_rate_and_no_more() {
        let rate = NetworkRate::with_quota(Quota::per_hour(NonZeroU32::new(10).expect("not 0")));
        let taken = |address: &dyn Fn(u32) -> String| {
            (0..200)
                .filter(|n| rate.check(network(&address(*n))).is_ok())
                .count()
        };
        assert_eq!(taken(&|_| "192.0.2.1".to_owned()), 10);
        assert_eq!(taken(&|n| format!("2001:db8:1:{:x}::1", n % 256)), 20, "one /56");
        assert_eq!(taken(&|n| format!("2001:db8:2:{:x}::1", n << 8)), 40, "one /48");
        assert_eq!(
            taken(&|n| format!("2001:db8:{:x}::1", n + 10)),
            200,
            "many of them"
        );
    }

    #[test]
    fn what_a_network_holds_is_bounded_in_every_scope_and_given_back() {
        let shares = NetworkShares::new(2);
        let take = |address: String| shares.take(network(&address));
        let same: Vec<_> = (1..9).filter_map(|n| take(format!("2001:db8::{n}"))).collect();
        assert_eq!(same.len(), 2);
        drop(same);
        let wide: Vec<_> = (0..99)
            .filter_map(|n| take(format!("2001:db8:0:{:x}::1", n << 8)))
            .collect();
        assert_eq!(wide.len(), 8);
        drop(wide);
        assert_eq!(shares.networks(), 0);
    }
}
