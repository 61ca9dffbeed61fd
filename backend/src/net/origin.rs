//! Checks the origin of a request. A page of another site must not act in the name of its visitor.

use warp::http::{HeaderMap, header};

/// The origin of a request, compared with this server's.
#[derive(Debug, PartialEq, Eq)]
pub enum RequestOrigin {
    /// This server, or an origin that the settings allow.
    Same,
    /// An origin that is not allowed.
    Cross,
    /// No origin: the client is not a browser.
    Missing,
}

/// A host and its port, without the port that the scheme implies (RFC 6454, section 4).
#[derive(Debug, PartialEq, Eq)]
pub struct Authority {
    /// The host in lower case.
    host: String,
    /// The port; `None` for port 443 over HTTPS and port 80 over HTTP.
    pub port: Option<u16>,
}

impl Authority {
    /// Parses `host`, `host:port` or `[address]:port`, and nothing else.
    fn parse(raw: &str, secure: bool) -> Option<Self> {
        let (host, port) = match raw.rsplit_once(':') {
            // The colons of an IPv6 address are in brackets.
            Some((host, port)) if !port.ends_with(']') => {
                let digits = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
                (host, Some(digits.then(|| port.parse().ok())??))
            }
            _ => (raw, None),
        };
        let bracketed = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let well_formed = match bracketed {
            Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
            None => !host.is_empty() && !host.contains(|it: char| "/?#@[]:\\,;".contains(it) || it <= ' '),
        };
        let implied = if secure { 443 } else { 80 };
        well_formed.then(|| Self {
            host: host.to_ascii_lowercase(),
            port: port.filter(|it| *it != implied),
        })
    }

    /// Returns the authority that a request is for, by its `Host`.
    pub fn of_request(headers: &HeaderMap, secure: bool) -> Option<Self> {
        let host = headers.get(header::HOST)?.to_str().ok()?;
        Self::parse(host, secure)
    }
}

/// Parses an origin: whether its scheme is HTTPS, and its authority.
fn parse(origin: &str) -> Option<(bool, Authority)> {
    let (scheme, authority) = origin.split_once("://")?;
    let secure = match scheme {
        _ if scheme.eq_ignore_ascii_case("https") => true,
        _ if scheme.eq_ignore_ascii_case("http") => false,
        _ => return None,
    };
    Some((secure, Authority::parse(authority, secure)?))
}

/// Classifies a request: compares `Origin` (RFC 6454) with the scheme, host and port that the request came to, and with the
/// allowed origins. `secure` is whether the request came over HTTPS, be it to a trusted proxy.
pub fn classify(headers: &HeaderMap, secure: bool, allowed: &[String]) -> RequestOrigin {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else {
        return RequestOrigin::Missing;
    };
    let (Ok(origin), None) = (origin.to_str(), origins.next()) else {
        return RequestOrigin::Cross;
    };
    let parsed = parse(origin);
    let is_allowed = |it: &String| {
        let it = it.trim_end_matches('/');
        it.eq_ignore_ascii_case(origin) || (parsed.is_some() && parse(it) == parsed)
    };
    if allowed.iter().any(is_allowed) {
        return RequestOrigin::Same;
    }
    let here = Authority::of_request(headers, secure).map(|it| (secure, it));
    if parsed.is_some() && parsed == here {
        return RequestOrigin::Same;
    }
    RequestOrigin::Cross
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a value"));
        }
        headers
    }

    fn from(host: &str, secure: bool, origin: Option<&str>) -> RequestOrigin {
        let allowed = ["https://other.example/".to_owned(), "app://snug".to_owned()];
        classify(&headers(host, origin), secure, &allowed)
    }

    #[test]
    fn only_its_own_pages_and_the_allowed_ones_are_here() {
        let from = |origin| from("chat.example:8080", false, origin);
        for here in [
            "http://chat.example:8080",
            "HTTP://Chat.Example:8080",
            "https://other.example",
            "https://other.example:443",
            "app://snug",
        ] {
            assert_eq!(from(Some(here)), RequestOrigin::Same, "{here}");
        }
        assert_eq!(from(None), RequestOrigin::Missing);
        for elsewhere in [
            "http://chat.example",
            "https://chat.example:8080",
            "ws://chat.example:8080",
            "chat.example:8080",
            "//chat.example:8080",
            "://chat.example:8080",
            "http://chat.example:8080/",
            "http://chat.example:8080/x",
            "http://chat.example:8080?x",
            "http://chat.example:8080#x",
            "http://chat.example:+8080",
            "http://chat.example:08080x",
            "http://ann@chat.example:8080",
            "http://evil.example",
            "http://other.example",
            "app://snug:8080",
            "null",
            "",
            "http://",
            "http://chat.example:8080.evil",
            "http://chat.example:8080, http://evil.example",
        ] {
            assert_eq!(from(Some(elsewhere)), RequestOrigin::Cross, "{elsewhere}");
        }
        let mut two = headers("chat.example", Some("http://chat.example"));
        two.append(header::ORIGIN, "http://evil.example".parse().expect("a value"));
        assert_eq!(classify(&two, false, &[]), RequestOrigin::Cross);
    }

    #[test]
    fn the_scheme_is_that_of_the_request_and_its_own_port_may_be_left_out() {
        for (host, secure, origin, expected) in [
            ("chat.example", true, "https://chat.example", RequestOrigin::Same),
            (
                "chat.example:443",
                true,
                "https://chat.example",
                RequestOrigin::Same,
            ),
            ("chat.example", true, "http://chat.example", RequestOrigin::Cross),
            (
                "chat.example",
                false,
                "https://chat.example",
                RequestOrigin::Cross,
            ),
            (
                "chat.example:80",
                false,
                "http://chat.example",
                RequestOrigin::Same,
            ),
            (
                "chat.example:80",
                true,
                "https://chat.example",
                RequestOrigin::Cross,
            ),
            ("[::1]:8080", false, "http://[::1]:8080", RequestOrigin::Same),
            ("[::1]", false, "http://[::1]", RequestOrigin::Same),
            ("[::1]", false, "http://[::1]:8080", RequestOrigin::Cross),
        ] {
            assert_eq!(from(host, secure, Some(origin)), expected, "{host} {origin}");
        }
    }
}
