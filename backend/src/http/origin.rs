//! Where a request comes from. A page of another site must not speak in the name of who looks at it.

use warp::http::{HeaderMap, Uri, header};

/// Where the page that asks is from.
#[derive(Debug, PartialEq, Eq)]
pub enum Asked {
    /// This server, or an origin that the settings allow.
    Here,
    /// Somewhere else.
    Elsewhere,
    /// It does not say: not a browser.
    Nowhere,
}

/// Looks at `Origin` (RFC 6454) and compares it with `Host` and the allowed ones.
pub fn asked(headers: &HeaderMap, allowed: &[String]) -> Asked {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Asked::Nowhere;
    };
    let Ok(origin) = origin.to_str() else {
        return Asked::Elsewhere;
    };
    if allowed
        .iter()
        .any(|it| it.trim_end_matches('/').eq_ignore_ascii_case(origin))
    {
        return Asked::Here;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = origin
        .parse::<Uri>()
        .ok()
        .and_then(|uri| uri.authority().map(ToString::to_string));
    match (host, authority) {
        (Some(host), Some(authority)) if authority.eq_ignore_ascii_case(host) => Asked::Here,
        _ => Asked::Elsewhere,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(origin: Option<&str>) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "chat.example:8080".parse().expect("a value"));
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().expect("a value"));
        }
        asked(&headers, &["https://other.example".to_owned()])
    }

    #[test]
    fn only_its_own_pages_and_the_allowed_ones_are_here() {
        assert_eq!(from(Some("http://chat.example:8080")), Asked::Here);
        assert_eq!(from(Some("https://other.example")), Asked::Here);
        assert_eq!(from(None), Asked::Nowhere);
        for elsewhere in [
            "http://chat.example",
            "http://evil.example",
            "null",
            "http://chat.example:8080.evil",
        ] {
            assert_eq!(from(Some(elsewhere)), Asked::Elsewhere, "{elsewhere}");
        }
    }
}
