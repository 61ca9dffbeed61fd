//! The URL at which a browser's push service accepts messages for it.

use std::fmt;

use snug_shared::limits::ENDPOINT_BYTES;
use warp::http::{Uri, uri::Scheme};

/// An `https:` or `http:` URL. It is a secret, since knowing it is enough to send to the browser: `Debug` shows its origin
/// only.
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    raw: String,
    uri: Uri,
}

impl Endpoint {
    /// Returns the URL as the browser wrote it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.raw
    }

    /// Returns the URL to connect to.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.uri
    }

    /// Returns whether requests to the URL are encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }

    /// Returns scheme, host and port, in the format of `Origin` (RFC 6454).
    #[must_use]
    pub fn origin(&self) -> String {
        let scheme = self.uri.scheme_str().unwrap_or_default();
        let host = self.uri.host().unwrap_or_default();
        match (self.uri.port_u16(), self.is_https()) {
            (None, _) | (Some(443), true) | (Some(80), false) => format!("{scheme}://{host}"),
            (Some(port), _) => format!("{scheme}://{host}:{port}"),
        }
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.origin())
    }
}

impl TryFrom<String> for Endpoint {
    /// The error for a text that is not a valid endpoint.
    type Error = ();

    fn try_from(raw: String) -> Result<Self, ()> {
        if raw.len() > ENDPOINT_BYTES || !raw.is_ascii() {
            return Err(());
        }
        let uri: Uri = raw.parse().map_err(|_| ())?;
        let known = [Some(&Scheme::HTTPS), Some(&Scheme::HTTP)].contains(&uri.scheme());
        // A name and password in the URL would be logged by intermediaries.
        let plain = uri.authority().is_some_and(|it| !it.as_str().contains('@'));
        let named = uri.host().is_some_and(|it| !it.is_empty());
        (known && plain && named).then_some(Self { raw, uri }).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(raw: &str) -> Result<Endpoint, ()> {
        Endpoint::try_from(raw.to_owned())
    }

    #[test]
    fn an_endpoint_is_a_url_without_a_password() {
        let origin = |raw| endpoint(raw).map(|it| it.origin());
        assert_eq!(
            origin("https://push.example/a?b"),
            Ok("https://push.example".to_owned())
        );
        assert_eq!(
            origin("https://push.example:443/a"),
            Ok("https://push.example".to_owned())
        );
        assert_eq!(origin("http://[::1]:8080/a"), Ok("http://[::1]:8080".to_owned()));
        for none in [
            "",
            "/a",
            "ftp://push.example/a",
            "https://",
            "https://ann:secret@push.example/",
            "https://push.example/é",
            "data:,a",
        ] {
            assert_eq!(endpoint(none), Err(()), "{none}");
        }
        assert_eq!(
            endpoint(&format!("https://push.example/{}", "a".repeat(ENDPOINT_BYTES))),
            Err(())
        );
    }

    #[test]
    fn what_is_logged_of_it_sends_nobody_anything() {
        let endpoint = endpoint("https://push.example/secret").expect("one");
        assert_eq!(format!("{endpoint:?}"), "https://push.example");
    }
}
