//! Who may ask at all, before any route: connections by address, requests by address, and the names
//! that this server answers to.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;
use snug_shared::{code::Code, ids::ChatId};
use warp::http::{HeaderMap, StatusCode, header, uri::Authority};

use crate::config::Config;

/// How often addresses that have been quiet are forgotten.
const FORGET: Duration = Duration::from_secs(60);

/// Guesses from one address, and at one name: ten at once, and then one in six seconds.
const GUESSES: Quota = Quota::per_minute(NonZeroU32::new(10).unwrap());

/// Pictures that one person uploads: twenty at once, and then twenty a day.
const UPLOADS: NonZeroU32 = NonZeroU32::new(20).unwrap();
const UPLOAD: Duration = Duration::from_secs(24 * 60 * 60 / 20);

/// Where a request is from, as far as it can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The browser's address, or its network where one subscriber has a whole one.
    pub address: IpAddr,
    /// Whether it came over HTTPS, to this server or to a trusted proxy.
    pub secure: bool,
    /// Whether a trusted proxy passes it on.
    pub proxied: bool,
}

/// The other end of a socket.
#[derive(Clone, Copy)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the socket is encrypted.
    pub tls: bool,
}

/// The doors of one server.
pub struct Doors {
    connections: Mutex<Connections>,
    requests: DefaultKeyedRateLimiter<IpAddr>,
    guesses: DefaultKeyedRateLimiter<String>,
    uploads: DefaultKeyedRateLimiter<ChatId>,
    hosts: Vec<String>,
    proxies: Vec<IpNet>,
    most: usize,
    most_by_address: usize,
}

#[derive(Default)]
struct Connections {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A connection's place among those of its address. Dropping it gives it back.
pub struct Place {
    doors: Arc<Doors>,
    /// None for a proxy's: the browsers behind it are counted one by one.
    address: Option<IpAddr>,
    counts: bool,
}

impl Doors {
    /// As the settings have them.
    #[must_use]
    pub fn new(config: &Config) -> Arc<Self> {
        let quota = Quota::per_second(config.requests.per_second).allow_burst(config.requests.burst);
        let uploads = Quota::with_period(UPLOAD).expect("it is not 0");
        // Whoever allows a page's origin allows its host: behind a proxy they are one.
        let of_origins = config.allow_origin.iter().filter_map(|it| it.split("://").nth(1));
        Arc::new(Self {
            connections: Mutex::default(),
            requests: RateLimiter::keyed(quota),
            guesses: RateLimiter::keyed(GUESSES),
            uploads: RateLimiter::keyed(uploads.allow_burst(UPLOADS)),
            hosts: (config.host.iter().map(String::as_str))
                .chain(of_origins.filter_map(name))
                .map(str::to_owned)
                .collect(),
            proxies: config.trusted_proxy.clone(),
            most: config.connections,
            most_by_address: config.connections_by_address,
        })
    }

    /// A place for a socket that was accepted, unless there are too many.
    pub fn connect(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = (!self.trusts(peer)).then(|| network(peer));
        self.take(address, true)
    }

    /// A place for a WebSocket behind a trusted proxy, whose own connections are not counted by address.
    pub fn connect_through(self: &Arc<Self>, client: Client) -> Option<Place> {
        self.take(Some(client.address).filter(|_| client.proxied), false)
    }

    fn take(self: &Arc<Self>, address: Option<IpAddr>, counts: bool) -> Option<Place> {
        let mut connections = self.connections();
        if counts && connections.all >= self.most {
            return None;
        }
        if let Some(address) = address {
            let count = connections.by_address.entry(address).or_default();
            if *count >= self.most_by_address {
                return None;
            }
            *count += 1;
        }
        connections.all += usize::from(counts);
        Some(Place {
            doors: self.clone(),
            address,
            counts,
        })
    }

    /// Lets a request in, or says why not.
    pub fn admit(&self, peer: Peer, headers: &HeaderMap) -> Result<Client, (StatusCode, Code)> {
        if !self.answers_to(headers) {
            return Err((StatusCode::MISDIRECTED_REQUEST, Code::UnknownHost));
        }
        let client = self.client(peer, headers);
        if self.requests.check_key(&client.address).is_err() {
            return Err((StatusCode::TOO_MANY_REQUESTS, Code::TooFast));
        }
        Ok(client)
    }

    /// Lets somebody guess a password or a secret: of this name, if it is a name's, and from there.
    pub fn guess(&self, client: Client, name: Option<&str>) -> Result<(), Code> {
        let from = format!("={}", client.address);
        let may = |key: &String| self.guesses.check_key(key).map_err(|_| Code::TooFast);
        may(&from)?;
        name.map_or(Ok(()), |name| may(&name.to_owned()))
    }

    /// Lets somebody upload a picture.
    pub fn upload(&self, person: &ChatId) -> Result<(), Code> {
        self.uploads.check_key(person).map_err(|_| Code::TooFast)
    }

    /// Forgets addresses that have been quiet, for ever.
    pub async fn forget(&self) {
        let mut ticks = tokio::time::interval(FORGET);
        loop {
            ticks.tick().await;
            self.requests.retain_recent();
            self.requests.shrink_to_fit();
            self.guesses.retain_recent();
            self.guesses.shrink_to_fit();
            self.uploads.retain_recent();
            self.uploads.shrink_to_fit();
        }
    }

    /// A page of another site can point its own name at this server (DNS rebinding) and then be of the
    /// same origin. It cannot do so with an address, or with a name that it does not own.
    fn answers_to(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next().and_then(|it| it.to_str().ok()), hosts.next()) else {
            return false;
        };
        name(host).is_some_and(|name| {
            let address = name.trim_start_matches('[').trim_end_matches(']');
            address.parse::<IpAddr>().is_ok()
                || name.eq_ignore_ascii_case("localhost")
                || self.hosts.iter().any(|it| it.eq_ignore_ascii_case(name))
        })
    }

    fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        let Peer { address: peer, tls } = peer;
        let proxied = self.trusts(peer);
        let listed = |name: &str| -> Vec<&str> {
            let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
            values.flat_map(|it| it.split(',')).map(str::trim).collect()
        };
        if !proxied {
            return Client {
                address: network(peer),
                secure: tls,
                proxied,
            };
        }
        // Each proxy adds whom it hears at the end: the last that is none of ours is the browser.
        let browser = (listed("x-forwarded-for").into_iter().rev())
            .map_while(|it| it.parse::<IpAddr>().ok())
            .find(|it| !self.trusts(*it));
        Client {
            address: network(browser.unwrap_or(peer)),
            secure: (listed("x-forwarded-proto").last()).map_or(tls, |scheme| *scheme == "https"),
            proxied,
        }
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|it| it.contains(&peer.to_canonical()))
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut connections = self.doors.connections();
        connections.all -= usize::from(self.counts);
        if let Some(address) = self.address
            && let Some(count) = connections.by_address.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                connections.by_address.remove(&address);
            }
        }
    }
}

/// A host without its port.
fn name(host: &str) -> Option<&str> {
    let host = host.trim_end_matches('/');
    host.parse::<Authority>().ok()?;
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => Some(name),
        _ => Some(host),
    }
}

/// One subscriber has one IPv4 address, or an IPv6 network of 64 bits (RFC 6177) to take addresses from.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Options;

    fn doors() -> Arc<Doors> {
        let mut config = Config::resolve(Options::default()).expect("defaults");
        config.host = vec!["chat.example".to_owned()];
        config.trusted_proxy = vec!["10.0.0.0/8".parse().expect("a network")];
        config.connections = 3;
        config.connections_by_address = 2;
        Doors::new(&config)
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
        let answers = |host| doors().answers_to(&headers(&[("host", host)]));
        for own in [
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost:3000",
            "chat.example",
            "Chat.Example:443",
        ] {
            assert!(answers(own), "{own}");
        }
        for other in [
            "evil.example",
            "chat.example.evil.example",
            "127.0.0.1.evil.example",
            "",
            "a b",
        ] {
            assert!(!answers(other), "{other}");
        }
        assert!(!doors().answers_to(&headers(&[])));
        assert!(!doors().answers_to(&headers(&[("host", "localhost"), ("host", "evil.example")])));
    }

    #[test]
    fn only_a_trusted_proxy_is_believed_about_others() {
        let forwarded = headers(&[
            ("x-forwarded-for", "6.6.6.6, 192.0.2.7, 10.0.0.9"),
            ("x-forwarded-proto", "https"),
        ]);
        let believed = doors().client(peer("10.1.2.3"), &forwarded);
        assert_eq!((believed.address, believed.secure), (ip("192.0.2.7"), true));
        let liar = doors().client(peer("203.0.113.5"), &forwarded);
        assert_eq!((liar.address, liar.secure), (ip("203.0.113.5"), false));
    }

    #[test]
    fn places_are_counted_by_network_and_in_all_and_given_back() {
        let doors = doors();
        let first = doors.connect(ip("2001:db8::1")).expect("a place");
        let second = doors.connect(ip("2001:db8::2")).expect("a place");
        assert!(doors.connect(ip("2001:db8::3")).is_none());
        let third = doors.connect(ip("192.0.2.1")).expect("a place");
        assert!(doors.connect(ip("192.0.2.2")).is_none());
        drop((first, third));
        assert!(doors.connect(ip("2001:db8::3")).is_some());
        drop(second);
        assert_eq!(doors.connections().all, 0);
        assert!(doors.connections().by_address.is_empty());
    }
}
