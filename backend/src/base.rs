//! The base path under which Snug is on its host.

use std::{fmt, str::FromStr};

use serde::Deserialize;
use warp::http::{Uri, uri::PathAndQuery};

/// The path that every URL of this server begins with: `/`, or `/chat/` if other programs serve the rest of the host.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Base(String);

impl Base {
    const MOST_BYTES: usize = 64;
    /// The first segments of the server's own paths. A proxy may remove the base path or leave it; the first segment shows which.
    const OWN: [&str; 5] = ["admin", "api", "healthz", "rooms", "ws"];

    /// Returns the path with a slash at both ends.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether Snug has the whole host.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0 == "/"
    }

    /// Removes the base path from an address. Returns `None` if the address does not begin with it: the proxy in front removes it.
    #[must_use]
    pub fn strip(&self, address: &Uri) -> Option<Uri> {
        if self.is_root() {
            return None;
        }
        let path = address.path_and_query()?.as_str();
        let below = path.strip_prefix(&*self.0)?;
        let mut parts = address.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::try_from(format!("/{below}")).ok()?);
        Uri::from_parts(parts).ok()
    }

    /// Whether a path is the base path without its last slash, against which relative URLs would resolve wrongly.
    #[must_use]
    pub fn lacks_slash(&self, path: &str) -> bool {
        !self.is_root() && self.0.strip_suffix('/') == Some(path)
    }
}

impl Default for Base {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Base {
    type Err = String;
    fn from_str(raw: &str) -> Result<Self, String> {
        let is_part = |part: &str| {
            let mut bytes = part.bytes();
            bytes.len() > 0 && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if raw == "/" {
            return Ok(Self::default());
        }
        let path = raw.strip_prefix('/').unwrap_or(raw);
        let path = path.strip_suffix('/').unwrap_or(path);
        if raw.len() > Self::MOST_BYTES || !path.split('/').all(is_part) {
            return Err(format!(
                "`{raw}` is not a path such as /chat/ (letters, digits, - and _)"
            ));
        }
        if path.split('/').next().is_some_and(|it| Self::OWN.contains(&it)) {
            return Err(format!("`{raw}` starts with an address that Snug itself uses"));
        }
        Ok(Self(format!("/{path}/")))
    }
}

impl TryFrom<String> for Base {
    type Error = String;
    fn try_from(raw: String) -> Result<Self, String> {
        raw.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(raw: &str) -> Base {
        raw.parse().expect("a base")
    }

    #[test]
    fn it_has_a_slash_at_both_ends_and_nothing_strange_between() {
        for (raw, base) in [
            ("/", "/"),
            ("chat", "/chat/"),
            ("/chat", "/chat/"),
            ("/chat/", "/chat/"),
            ("/tools/my-chat_2/", "/tools/my-chat_2/"),
        ] {
            assert_eq!(raw.parse::<Base>().expect("a base").as_str(), base);
        }
        for raw in [
            "",
            "//",
            "/chat//",
            "//chat",
            "/a//b/",
            "/a/../b/",
            "/./",
            "/ch at/",
            "/茶/",
            "/a\"b/",
            "/a.b/",
            "/api/",
            "/ws",
            "/rooms/x/",
        ] {
            assert!(raw.parse::<Base>().is_err(), "{raw}");
        }
        assert!("x".repeat(100).parse::<Base>().is_err());
    }

    #[test]
    fn it_is_taken_off_where_it_is_there() {
        let below = |base: &Base, address: &str| {
            let address = address.parse().expect("an address");
            base.strip(&address).map(|it| it.to_string())
        };
        let chat = base("/chat/");
        assert_eq!(below(&chat, "/chat/").as_deref(), Some("/"));
        assert_eq!(
            below(&chat, "/chat/api/x?y=/chat/").as_deref(),
            Some("/api/x?y=/chat/")
        );
        assert_eq!(below(&chat, "/chat/chat/").as_deref(), Some("/chat/"));
        let absolute = below(&chat, "http://chat.example/chat/ws");
        assert_eq!(absolute.as_deref(), Some("http://chat.example/ws"));
        for other in ["/", "/chat", "/chatter/", "/api/chat/", "/chat?"] {
            assert_eq!(below(&chat, other), None, "{other}");
        }
        assert_eq!(below(&base("/"), "/api/x"), None);
        assert!(chat.lacks_slash("/chat") && !chat.lacks_slash("/chat/") && !base("/").lacks_slash(""));
    }
}
