//! The limits that apply before any route: connections and requests by network, registrations, uploads, guesses at secrets, and
//! the host names that this server answers to.

use std::{net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use snug_shared::{error_code::ErrorCode, ids::ChatId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use warp::http::{HeaderMap, StatusCode};

use super::{
    admission::Admission,
    client::{Client, Peer},
    forwarded,
    guesses::Guesses,
    hosts::Hosts,
    notices,
};
use crate::{
    config::Config,
    network::{ClientNetwork, NetworkPermit, NetworkRate, NetworkShares},
};

/// The interval at which idle networks and users are forgotten.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);

/// Pictures that one user may upload: twenty at once, and then twenty a day.
const UPLOAD_BURST: NonZeroU32 = NonZeroU32::new(20).unwrap();
const UPLOAD_INTERVAL: Duration = Duration::from_secs(24 * 60 * 60 / 20);

/// The limits of one server.
pub struct ClientLimits {
    connections: Arc<Semaphore>,
    by_network: Arc<NetworkShares>,
    requests: NetworkRate,
    registrations: NetworkRate,
    /// The limits of guesses at passwords and secrets.
    pub guesses: Arc<Guesses>,
    uploads: DefaultKeyedRateLimiter<ChatId>,
    hosts: Hosts,
    proxies: Vec<IpNet>,
}

/// Counts a connection among all connections and those of its network, until it is dropped.
pub struct ConnectionPermit {
    /// `None` for a WebSocket behind a proxy: the proxy's connection is counted already.
    _connection: Option<OwnedSemaphorePermit>,
    /// `None` for a proxy's connection: the browsers behind it are counted one by one.
    _network: Option<NetworkPermit>,
}

impl ClientLimits {
    /// Creates the limits of the settings.
    #[must_use]
    pub fn new(config: &Config) -> Arc<Self> {
        let uploads = Quota::with_period(UPLOAD_INTERVAL).expect("it is not 0");
        Arc::new(Self {
            connections: Arc::new(Semaphore::new(config.connections.min(Semaphore::MAX_PERMITS))),
            by_network: NetworkShares::new(config.connections_by_address),
            requests: NetworkRate::new(config.requests),
            registrations: NetworkRate::with_quota(
                Quota::per_hour(config.registrations_per_hour).allow_burst(config.registrations_burst),
            ),
            guesses: Arc::default(),
            uploads: RateLimiter::keyed(uploads.allow_burst(UPLOAD_BURST)),
            hosts: Hosts::new(config),
            proxies: config.trusted_proxy.clone(),
        })
    }

    /// Takes a permit for an accepted socket. Returns `None` if there are too many connections.
    pub fn connect(&self, peer: IpAddr) -> Option<ConnectionPermit> {
        let connection = self.connections.clone().try_acquire_owned().ok()?;
        let network = self.network(peer).map(|it| self.by_network.take(it));
        Some(ConnectionPermit {
            _connection: Some(connection),
            // No permit if the network has as many connections as it may.
            _network: match network {
                Some(permit) => Some(permit?),
                None => None,
            },
        })
    }

    /// Returns the network in whose share a socket's connection counts; `None` for a proxy's, whose browsers are counted one by one.
    pub fn network(&self, peer: IpAddr) -> Option<ClientNetwork> {
        (!self.is_trusted_proxy(peer)).then(|| ClientNetwork::from(peer))
    }

    /// Takes a permit for a WebSocket behind a trusted proxy, whose own connections are not counted by address.
    pub fn connect_through(&self, client: Client) -> Option<ConnectionPermit> {
        let network = match client.proxied {
            true => Some(self.by_network.take(client.network)?),
            false => None,
        };
        Some(ConnectionPermit {
            _connection: None,
            _network: network,
        })
    }

    /// Admits a request and returns its client.
    ///
    /// # Errors
    /// [`ErrorCode::UnknownHost`] or [`ErrorCode::RateLimited`], each with its status.
    pub fn admit(&self, peer: Peer, headers: &HeaderMap) -> Result<Client, (StatusCode, ErrorCode)> {
        if !self.hosts.is_known_host(headers) {
            notices::unknown_host(headers);
            return Err((StatusCode::MISDIRECTED_REQUEST, ErrorCode::UnknownHost));
        }
        let client = self.client(peer, headers);
        if self.requests.check(client.network).is_err() {
            return Err((StatusCode::TOO_MANY_REQUESTS, ErrorCode::RateLimited));
        }
        Ok(client)
    }

    /// Takes one from a network's allowance of registrations.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`] if there were too many.
    pub fn register(&self, client: Client) -> Result<(), ErrorCode> {
        self.registrations
            .check(client.network)
            .map_err(|_| ErrorCode::RateLimited)
    }

    /// Takes one from a user's allowance of uploads.
    ///
    /// # Errors
    /// [`ErrorCode::RateLimited`] if there were too many.
    pub fn upload(&self, person: &ChatId) -> Result<(), ErrorCode> {
        self.uploads.check_key(person).map_err(|_| ErrorCode::RateLimited)
    }

    /// Forgets idle networks and users, for as long as the server runs.
    pub async fn prune(&self, admission: &Admission) {
        let mut ticks = tokio::time::interval(PRUNE_INTERVAL);
        loop {
            ticks.tick().await;
            self.requests.prune();
            self.registrations.prune();
            admission.prune();
            self.guesses.prune();
            self.uploads.retain_recent();
            self.uploads.shrink_to_fit();
        }
    }

    fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        let Peer { address: peer, tls } = peer;
        let proxied = self.is_trusted_proxy(peer);
        if !proxied {
            return Client {
                network: ClientNetwork::from(peer),
                secure: tls,
                proxied,
            };
        }
        let browser = forwarded::client(headers, |it| self.is_trusted_proxy(it));
        Client {
            network: ClientNetwork::from(browser.unwrap_or(peer)),
            secure: forwarded::is_secure(headers).unwrap_or(tls),
            proxied,
        }
    }

    fn is_trusted_proxy(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|it| it.contains(&peer.to_canonical()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;

    fn limits() -> Arc<ClientLimits> {
        let mut config = Config::resolve(Options::default()).expect("defaults");
        config.host = vec!["chat.example".to_owned()];
        config.trusted_proxy = vec!["10.0.0.0/8".parse().expect("a network")];
        config.connections = 3;
        config.connections_by_address = 2;
        ClientLimits::new(&config)
    }

    fn ip(address: &str) -> IpAddr {
        address.parse().expect("an address")
    }

    fn peer(address: &str) -> Peer {
        let (address, tls) = (ip(address), false);
        Peer { address, tls }
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().expect("a value"));
        }
        headers
    }

    #[test]
    fn it_answers_to_addresses_and_to_its_own_names_only() {
        let answers = |host| limits().hosts.is_known_host(&headers(&[("host", host)]));
        for own in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost:3000",
            "chat.example",
            "Chat.Example:443",
            "chat.example.",
            "chat.example.:8443",
        ] {
            assert!(answers(own), "{own}");
        }
        for other in [
            "evil.example",
            "chat.example.evil.example",
            "127.0.0.1.evil.example",
            "",
            "a b",
            "chat.example..",
            ".",
        ] {
            assert!(!answers(other), "{other}");
        }
        assert!(!limits().hosts.is_known_host(&headers(&[])));
        assert!(
            !limits()
                .hosts
                .is_known_host(&headers(&[("host", "localhost"), ("host", "evil.example")]))
        );
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_others() {
        let forwarded = headers(&[
            ("x-forwarded-for", "6.6.6.6, 192.0.2.7, 10.0.0.9"),
            ("x-forwarded-proto", "https"),
        ]);
        let believed = limits().client(peer("10.1.2.3"), &forwarded);
        assert_eq!(
            (believed.network, believed.secure),
            (ClientNetwork::from(ip("192.0.2.7")), true)
        );
        let liar = limits().client(peer("203.0.113.5"), &forwarded);
        assert_eq!(
            (liar.network, liar.secure),
            (ClientNetwork::from(ip("203.0.113.5")), false)
        );
    }

    #[test]
    fn places_are_counted_by_network_and_in_all_and_given_back() {
        let limits = limits();
        let first = limits.connect(ip("2001:db8::1")).expect("a permit");
        let second = limits.connect(ip("2001:db8::2")).expect("a permit");
        assert!(limits.connect(ip("2001:db8::3")).is_none());
        let third = limits.connect(ip("192.0.2.1")).expect("a permit");
        assert!(limits.connect(ip("192.0.2.2")).is_none());
        drop((first, third));
        assert!(limits.connect(ip("2001:db8::3")).is_some());
        drop(second);
        assert_eq!(limits.connections.available_permits(), 3);
        assert_eq!(limits.by_network.networks(), 0);
    }

    #[test]
    fn a_place_in_all_that_its_network_may_not_have_is_given_back() {
        let limits = limits();
        let two: Vec<_> = (0..9).filter_map(|_| limits.connect(ip("192.0.2.1"))).collect();
        assert_eq!(two.len(), 2);
        assert_eq!(limits.connections.available_permits(), 1);
    }
}
