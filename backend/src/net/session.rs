//! The session cookie.
//!
//! A browser sends the cookies of a host to each of its ports (RFC 6265, section 8.5), and a page on another port, or another site of
//! the same domain, can set cookies that are sent along. The name therefore contains the port; over HTTPS it begins with `__Host-`,
//! so that browsers let no other host set it; and of several cookies of the name, the one that authenticates counts. Under a path of
//! a host that other programs share, the cookie is for that path alone, and its name contains the path.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use warp::{
    http::{HeaderMap, HeaderValue, header},
    reply::Response,
};

use super::{client::Client, origin::Authority};
use crate::{authentication::Identities, base::Base, identity::Identity, secret};

const NAME: &str = "snug";
/// The prefix of the name over HTTPS (RFC 6265bis, section 4.1.3.2): the cookie is then `Secure`, of this host alone and of all its
/// paths.
const OF_THIS_HOST: &str = "__Host-";
/// The prefix of a cookie over HTTPS that is not for all paths: other hosts of the domain may set it too, but none over HTTP.
const OVER_HTTPS: &str = "__Secure-";
/// The suffix of the device cookie's name, which identifies a browser in which a user has signed in before.
const DEVICE: &str = "-device";
/// Lifetime of a cookie in seconds: a year. Every `POST /api/session` sets it anew.
const AGE: u32 = 365 * 24 * 60 * 60;
/// The time for which a replaced cookie is not set again: a response in transit could arrive after the one that replaced the cookie.
const ON_ITS_WAY: Duration = Duration::from_secs(60);
/// Maximum number of replaced cookies that are remembered.
const REPLACED: usize = 1_024;

/// Returns the names and values of all cookies, without empty ones.
fn pairs(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|value| value.as_bytes().split(|it| *it == b';'));
    // The cookies of other programs need not be text.
    let pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.trim().split_once('='));
    pairs.filter(|(_, value)| !value.is_empty())
}

/// Returns the values of the cookies of this name.
fn values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    pairs(headers)
        .filter(|(it, _)| *it == name)
        .map(|(_, value)| value)
        .collect()
}

/// Returns the values of the session cookies of any port of the host. A client that sends one is a browser.
pub fn of_any_port(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let is_ours = |name: &str| {
        let prefixes = [OF_THIS_HOST, OVER_HTTPS];
        let name = prefixes
            .iter()
            .find_map(|it| name.strip_prefix(it))
            .unwrap_or(name);
        let port = name
            .strip_prefix(NAME)
            .map(|it| it.split('.').next().unwrap_or(it));
        let digits = |it: &str| it.bytes().all(|it| it.is_ascii_digit());
        port.is_some_and(|it| it.is_empty() || it.strip_prefix('-').is_some_and(digits))
    };
    pairs(headers)
        .filter(move |(name, _)| is_ours(name))
        .map(|(_, value)| value)
}

/// The cookies of a request that belong to this server, and those that it sets.
#[derive(Clone, Copy)]
pub struct Jar<'a> {
    headers: &'a HeaderMap,
    base: &'a Base,
    secure: bool,
}

impl<'a> Jar<'a> {
    /// Reads the cookies of a request.
    pub fn of(base: &'a Base, headers: &'a HeaderMap, client: &Client) -> Self {
        Self {
            headers,
            base,
            secure: client.secure,
        }
    }

    /// Returns the name of the session cookie.
    fn name(&self) -> String {
        let port = Authority::of_request(self.headers, self.secure).and_then(|it| it.port);
        let port = port.map_or_else(String::new, |port| format!("-{port}"));
        let path = self.base.as_str().trim_end_matches('/').replace('/', ".");
        let prefix = match (self.secure, self.base.is_root()) {
            (true, true) => OF_THIS_HOST,
            (true, false) => OVER_HTTPS,
            (false, _) => "",
        };
        format!("{prefix}{NAME}{port}{path}")
    }

    /// Returns the values of the session cookies (RFC 6265): one, unless another host has set one, too.
    pub fn sessions(&self) -> Vec<&'a str> {
        values(self.headers, &self.name())
    }

    /// Returns the identity that the cookies authenticate. A session takes precedence over a guest.
    pub fn identity(&self, identities: &Identities) -> Option<(Identity, &'a str)> {
        let mut proved = (self.sessions().into_iter())
            .filter_map(|it| Some((identities.verify_credential(it)?, it)))
            .collect::<Vec<_>>();
        let session = proved.iter().position(|(it, _)| it.session.is_some());
        (!proved.is_empty()).then(|| proved.swap_remove(session.unwrap_or(0)))
    }

    /// Sets the session cookie to a credential.
    pub fn set_session(&self, response: &mut Response, credential: &str) {
        self.append(response, &self.name(), credential, self.base.as_str(), AGE);
    }

    /// Expires the session cookies of this port, also one that was set for a part of the path, or before there was HTTPS.
    pub fn clear_sessions(&self, response: &mut Response) {
        let (name, base) = (self.name(), self.base.as_str());
        self.append(response, &name, "", base, 0);
        let mut others = vec![(name, 1)];
        if self.secure {
            let before = Self {
                secure: false,
                ..*self
            };
            others.push((before.name(), 0));
        }
        for (name, own) in others {
            if values(self.headers, &name).len() > own {
                for below in ["", "api", "api/"] {
                    self.append(response, &name, "", &format!("{base}{below}"), 0);
                }
            }
        }
    }

    /// Returns the values of the device cookies. See [`crate::authentication::Identities::device`].
    pub fn devices(&self) -> Vec<&'a str> {
        values(self.headers, &(self.name() + DEVICE))
    }

    /// Sets the device cookie of a browser in which a user has signed in.
    pub fn set_device(&self, response: &mut Response, device: &str) {
        self.append(response, &(self.name() + DEVICE), device, self.base.as_str(), AGE);
    }

    fn append(&self, response: &mut Response, name: &str, value: &str, path: &str, age: u32) {
        let secure = if self.secure { "; Secure" } else { "" };
        let cookie = format!("{name}={value}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Lax{secure}");
        let cookie = HeaderValue::from_str(&cookie).expect("a credential is what a header can have");
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Returns the identity of a request's bearer token or cookies, if either authenticates one.
pub fn identity(identities: &Identities, jar: &Jar<'_>) -> Option<Identity> {
    let bearer = jar
        .headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    bearer
        .and_then(|it| identities.verify_credential(it))
        .or_else(|| jar.identity(identities).map(|(it, _)| it))
}

/// Session cookies that were replaced a moment ago.
#[derive(Default)]
pub struct Replaced(Mutex<VecDeque<(Instant, String)>>);

impl Replaced {
    /// Records that the browser with this cookie is sent another one.
    pub fn note(&self, credential: &str) {
        let mut replaced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while replaced.len() >= REPLACED || replaced.front().is_some_and(|(at, _)| now - *at > ON_ITS_WAY) {
            replaced.pop_front();
        }
        replaced.push_back((now, secret::hash(credential)));
    }

    /// Whether this cookie was replaced, even if the browser has not received the new one yet.
    pub fn has(&self, credential: &str) -> bool {
        let hash = secret::hash(credential);
        let replaced = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recent = replaced.iter().filter(|(at, _)| at.elapsed() <= ON_ITS_WAY);
        recent.any(|(_, it)| *it == hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(host: &str, cookies: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().expect("a value"));
        for cookie in cookies {
            let value = HeaderValue::from_bytes(cookie).expect("a value");
            headers.append(header::COOKIE, value);
        }
        headers
    }

    #[test]
    fn the_name_says_the_port_the_path_and_over_https_the_host() {
        for (host, base, secure, called) in [
            ("chat.example", "/", false, "snug"),
            ("chat.example:80", "/", false, "snug"),
            ("chat.example:8080", "/", false, "snug-8080"),
            ("[::1]:8080", "/", false, "snug-8080"),
            ("chat.example", "/", true, "__Host-snug"),
            ("chat.example:443", "/", true, "__Host-snug"),
            ("chat.example:8443", "/", true, "__Host-snug-8443"),
            ("chat.example", "/chat/", true, "__Secure-snug.chat"),
            ("chat.example:8080", "/tools/chat/", false, "snug-8080.tools.chat"),
        ] {
            let (headers, base) = (headers(host, &[]), base.parse().expect("a base"));
            let jar = Jar {
                headers: &headers,
                base: &base,
                secure,
            };
            assert_eq!(jar.name(), called, "{host}");
            let value = format!("{called}=x");
            let cookie = self::headers(host, &[value.as_bytes()]);
            assert_eq!(of_any_port(&cookie).collect::<Vec<_>>(), ["x"], "{called}");
        }
    }

    #[test]
    fn of_all_cookies_only_those_of_the_name_are_looked_at_and_each_is() {
        let headers = headers(
            "chat.example:8080",
            &[
                b"snug-8080=a;snug=b; snug-80=c;  snug-8080= ;snug-8080=",
                b"caf\xe9=\xff; snug-8080=d; xsnug-8080=e; snug-8080x=f; __Host-snug-8080=g",
                b"snug-8080=h",
            ],
        );
        assert_eq!(values(&headers, "snug-8080"), ["a", "d", "h"]);
    }

    #[test]
    fn a_replaced_cookie_is_known_and_no_number_of_others_is_kept() {
        let replaced = Replaced::default();
        replaced.note("old");
        assert!(replaced.has("old") && !replaced.has("new"));
        for n in 0..2 * REPLACED {
            replaced.note(&n.to_string());
        }
        assert_eq!(replaced.0.lock().expect("whole").len(), REPLACED);
        assert!(!replaced.has("old"));
    }
}
