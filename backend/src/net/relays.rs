//! Detects proxies that the settings do not name. All requests through such a proxy seem to come from its address, and a ban by
//! network of one of its guests would ban all of them.

use std::{
    collections::HashSet,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
};

use warp::http::HeaderMap;

use super::notices;
use crate::network::ClientNetwork;

/// Headers that a proxy adds.
const HEADERS: [&str; 3] = ["x-forwarded-for", "forwarded", "x-real-ip"];
/// Maximum number of proxies that are remembered.
const MOST: usize = 256;

/// The proxies that forward requests without being trusted.
#[derive(Default)]
pub struct Relays(Mutex<HashSet<ClientNetwork>>);

impl Relays {
    /// Records the network of a request with a proxy's header that no trusted proxy has forwarded. Any client can send such a header,
    /// so it is believed only of addresses of private networks, where an unconfigured proxy is likely; a public address is that of
    /// its guests.
    pub fn note(&self, network: ClientNetwork, headers: &HeaderMap) {
        if is_private(network.address()) && HEADERS.iter().any(|name| headers.contains_key(*name)) {
            notices::unknown_proxy();
            let mut all = self.all();
            if all.len() < MOST {
                all.insert(network);
            }
        }
    }

    /// Whether an address was a proxy's.
    pub fn has(&self, network: ClientNetwork) -> bool {
        self.all().contains(&network)
    }

    fn all(&self) -> MutexGuard<'_, HashSet<ClientNetwork>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(it) => it.is_loopback() || it.is_private() || it.is_link_local(),
        IpAddr::V6(it) => it.is_loopback() || it.is_unique_local() || it.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_that_nobody_configured_is_known_by_what_it_adds() {
        let relays = Relays::default();
        let mut headers = HeaderMap::new();
        let ip = |address: &str| ClientNetwork::from(address.parse::<IpAddr>().expect("an address"));
        relays.note(ip("10.0.0.1"), &headers);
        headers.insert("x-forwarded-for", "203.0.113.9".parse().expect("a value"));
        for address in ["127.0.0.1", "192.168.1.2", "203.0.113.5", "fd00::1"] {
            relays.note(ip(address), &headers);
        }
        let known =
            ["10.0.0.1", "127.0.0.1", "192.168.1.2", "203.0.113.5", "fd00::2"].map(|it| relays.has(ip(it)));
        assert_eq!(known, [false, true, true, false, true]);
    }
}
