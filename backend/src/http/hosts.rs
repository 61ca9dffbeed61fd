//! The names that this server answers to.

use std::net::IpAddr;

use warp::http::{HeaderMap, header, uri::Authority};

use crate::config::Config;

/// See the module.
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Those of the settings.
    pub fn new(config: &Config) -> Self {
        // Whoever allows a page's origin allows its host: behind a proxy they are one.
        let of_origins = config.allow_origin.iter().filter_map(|it| it.split("://").nth(1));
        let names = config.host.iter().map(String::as_str);
        Self(
            names
                .chain(of_origins.filter_map(name))
                .map(str::to_owned)
                .collect(),
        )
    }

    /// A page of another site can point its own name at this server (DNS rebinding) and then be of the
    /// same origin. It cannot do so with an address, or with a name that it does not own.
    pub fn has_that_of(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next().and_then(|it| it.to_str().ok()), hosts.next()) else {
            return false;
        };
        name(host).is_some_and(|name| {
            let address = name.trim_start_matches('[').trim_end_matches(']');
            address.parse::<IpAddr>().is_ok()
                || name.eq_ignore_ascii_case("localhost")
                || self.0.iter().any(|it| it.eq_ignore_ascii_case(name))
        })
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
