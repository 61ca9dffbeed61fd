//! Warns the operator of requests that are refused, or misread, because of the configuration of the server or of a proxy in front of
//! it. Any client can cause such requests, so each kind has one line a minute at most, and the logged headers are truncated and
//! escaped.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use warp::http::{HeaderMap, HeaderName, header};

use super::client::Client;

/// The shortest interval between two lines of one kind.
const QUIET: Duration = Duration::from_secs(60);
/// Bytes of a header that are logged.
const SHOWN: usize = 200;

/// One kind of line: when it was written last, and how many lines were suppressed since.
struct Kind(Mutex<(Option<Instant>, u64)>);

impl Kind {
    const fn new() -> Self {
        Self(Mutex::new((None, 0)))
    }

    /// Returns the number of suppressed lines if a line is due.
    fn is_due(&self, now: Instant) -> Option<u64> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, left_out) = &mut *state;
        if last.is_some_and(|last| now.saturating_duration_since(last) < QUIET) {
            *left_out += 1;
            return None;
        }
        *last = Some(now);
        Some(std::mem::take(left_out))
    }
}

macro_rules! warn_seldom {
    ($($field:tt)*) => {{
        static KIND: Kind = Kind::new();
        if let Some(left_out) = KIND.is_due(Instant::now()) {
            tracing::warn!(left_out, $($field)*);
        }
    }};
}

/// Warns of a request for a host name that the server does not answer to.
pub fn unknown_host(headers: &HeaderMap) {
    warn_seldom!(
        host = shown(headers, header::HOST),
        "refused a request for an unknown host (421); if people reach this server by that name, add it with --host"
    );
}

/// Warns of a request that seems to come from a page of another site. `client` is the client of the request.
pub fn forbidden_origin(headers: &HeaderMap, client: &Client) {
    let expected = || {
        let scheme = if client.secure { "https" } else { "http" };
        format!("{scheme}://{}", shown(headers, header::HOST))
    };
    if !headers.contains_key(header::ORIGIN) {
        warn_seldom!(
            expected = expected(),
            "refused a request with a cookie but no Origin (403); the proxy in front must pass on Origin"
        );
        return;
    }
    let origin = shown(headers, header::ORIGIN);
    if origin.starts_with("https:") && !client.secure {
        warn_seldom!(
            origin,
            expected = expected(),
            "refused a page that was loaded over HTTPS, since its request came over plain HTTP (403); let the proxy set \
             X-Forwarded-Proto and trust it with --trusted-proxy, or set --allow-origin"
        );
    } else {
        warn_seldom!(
            origin,
            expected = expected(),
            "refused a request from a page of another origin (403); if it is this server's page, let the proxy pass on Host \
             with its port, or set --allow-origin"
        );
    }
}

/// Warns of a request for the WebSocket without an `Upgrade` header.
pub fn no_upgrade(headers: &HeaderMap) {
    // Not for a user who has only opened the address.
    if headers.contains_key(header::ORIGIN) || headers.contains_key(header::SEC_WEBSOCKET_KEY) {
        warn_seldom!(
            "refused a WebSocket without `Upgrade: websocket` (426); the proxy in front must pass on WebSockets"
        );
    }
}

/// Warns of a request that was forwarded by a proxy that the settings do not name.
pub fn unknown_proxy() {
    warn_seldom!(
        "a proxy on a private address is not trusted, so all of its clients count as one network; \
         trust it with --trusted-proxy"
    );
}

/// Warns of an element of `X-Forwarded-For` that is no address.
pub fn unknown_client() {
    warn_seldom!("a trusted proxy sent an invalid address in X-Forwarded-For; all such clients count as one");
}

/// Returns a header's first value, truncated and escaped for the log.
fn shown(headers: &HeaderMap, name: HeaderName) -> String {
    let value = headers.get(name).map_or(&[][..], |it| it.as_bytes());
    value[..value.len().min(SHOWN)].escape_ascii().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_written_once_a_minute_and_says_how_many_were_left_out() {
        let (kind, start) = (Kind::new(), Instant::now());
        let due = [0, 1, 59, 60, 61, 120].map(|at| kind.is_due(start + Duration::from_secs(at)));
        assert_eq!(due, [Some(0), None, None, Some(2), None, Some(1)]);
    }

    #[test]
    fn what_a_client_wrote_is_cut_and_cannot_break_the_line() {
        let mut headers = HeaderMap::new();
        let value = [b"caf\xe9\t\"".to_vec(), vec![b'x'; 999]].concat();
        let value = warp::http::HeaderValue::from_bytes(&value).expect("a value");
        headers.insert(header::HOST, value);
        let shown = shown(&headers, header::HOST);
        assert!(
            shown.starts_with("caf\\xe9\\t\\\"xx") && shown.len() < 220,
            "{shown}"
        );
    }
}
