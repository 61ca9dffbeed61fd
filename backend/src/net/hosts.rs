//! The names that this server answers to.

use std::net::IpAddr;

use warp::http::{HeaderMap, header, uri::Authority};

use crate::config::Config;

/// The host names of the settings.
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Creates the list from the settings.
    pub fn new(config: &Config) -> Self {
        // An allowed origin implies its host: behind a proxy they are the same.
        let all = config.host.iter().chain(&config.allow_origin);
        Self(all.filter_map(|it| of_address(it)).map(str::to_owned).collect())
    }

    /// Whether a request's `Host` is a name of this server. A page of another site can point its own name at this server (DNS
    /// rebinding) and then be of the same origin. It cannot do so with an address, or with a name that it does not own.
    pub fn is_known_host(&self, headers: &HeaderMap) -> bool {
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

/// Returns the host name in a setting, which may be a bare name, a name with a port, or a whole address.
pub fn of_address(written: &str) -> Option<&str> {
    let host = written.split_once("://").map_or(written, |(_, host)| host);
    name(host.trim_end_matches('/'))
}

/// Returns a host without its port, and without the dot at the end of a fully qualified name (RFC 1034, section 3.1).
fn name(host: &str) -> Option<&str> {
    host.parse::<Authority>().ok()?;
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    Some(name.strip_suffix('.').unwrap_or(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_the_same_with_a_port_a_scheme_or_the_dot_at_its_end() {
        for written in [
            "chat.example",
            "chat.example.",
            "chat.example:8443",
            "chat.example.:443",
            "https://chat.example",
            "https://chat.example:8443/",
        ] {
            assert_eq!(of_address(written), Some("chat.example"), "{written}");
        }
        assert_eq!(of_address("[::1]:8080"), Some("[::1]"));
        assert_eq!(of_address("a b"), None);
    }
}
