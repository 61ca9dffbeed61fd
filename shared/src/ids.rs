//! Parsed identifiers. A value of these types is always well formed.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{error_code::ErrorCode, limits::ID_BYTES, string_serde::written};

/// Returns whether an id is 1 to [`ID_BYTES`] bytes of ASCII letters, digits, `-`, `_`, `.` and `:`: it then needs no
/// escaping in a URL, a cookie or a log line.
fn well_formed(raw: &str) -> bool {
    (1..=ID_BYTES).contains(&raw.len())
        && raw
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

// An id is in many tables at once, and all of them share one copy.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Returns the id as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = ErrorCode;
            fn try_from(raw: &str) -> Result<Self, ErrorCode> {
                well_formed(raw).then(|| Self(raw.into())).ok_or(ErrorCode::BadId)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ErrorCode;
            fn try_from(raw: String) -> Result<Self, ErrorCode> {
                Self::try_from(raw.as_str())
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        written!($name);
    };
}

id! {
    /// A user's id, `chatId` on the wire. A user with several connections is one user.
    ChatId
}
id! {
    /// A room's id.
    RoomId
}
id! {
    /// An idempotency key: unique among everything that one user ever sends.
    Key
}
id! {
    /// The id of a session, which is a device that is signed in.
    SessionId
}
id! {
    /// A passkey's id. The id of its credential is longer, and only the browser needs it.
    PasskeyId
}
id! {
    /// An invitation's id.
    InviteId
}
id! {
    /// The id of one log's lifetime. Cursors of another epoch are void; a restored backup starts a new epoch.
    Epoch
}

/// An uploaded picture's id: the first 128 bits of the SHA-256 of its file, as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PictureId(pub u128);

impl TryFrom<&str> for PictureId {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        // One spelling for each: it is a key, and a URL that caches store.
        let plain = raw.len() == 32 && raw.bytes().all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(raw, 16).ok().filter(|_| plain);
        number.map(Self).ok_or(ErrorCode::BadId)
    }
}

impl TryFrom<String> for PictureId {
    type Error = ErrorCode;
    fn try_from(raw: String) -> Result<Self, ErrorCode> {
        Self::try_from(raw.as_str())
    }
}

impl fmt::Display for PictureId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

written!(PictureId);

impl RoomId {
    /// Returns the id of the lobby, the room that every user joins.
    #[must_use]
    pub fn lobby() -> Self {
        Self("lobby".into())
    }
}

/// A position in a room's log, counted from 1 without gaps; 0 is before the first entry.
///
/// A number from a peer is a position up to [`Position::LAST`], which the store can hold. A greater one does not parse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u64")]
pub struct Position(pub u64);

impl TryFrom<u64> for Position {
    type Error = ErrorCode;
    fn try_from(n: u64) -> Result<Self, ErrorCode> {
        let n = Self(n);
        if n <= Self::LAST {
            Ok(n)
        } else {
            Err(ErrorCode::BadFrame)
        }
    }
}

impl From<Position> for u64 {
    fn from(position: Position) -> Self {
        position.0
    }
}

impl FromStr for Position {
    type Err = ErrorCode;
    fn from_str(raw: &str) -> Result<Self, ErrorCode> {
        raw.parse()
            .map_err(|_| ErrorCode::BadFrame)
            .and_then(|n: u64| Self::try_from(n))
    }
}

impl Position {
    /// The position before the first entry.
    pub const START: Self = Self(0);

    /// The greatest possible position: SQLite's integers are signed, with 64 bits.
    pub const LAST: Self = Self(i64::MAX as u64);

    /// Returns the next position. The sum saturates instead of overflowing, since the number may come from a peer.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// Returns the number of entries after `earlier`, up to and including this position.
    #[must_use]
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// A time, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_plain() {
        assert!(ChatId::try_from("ann-1_2.3:4").is_ok());
        for bad in ["", "a b", "é", "a/b", "a\n", &"x".repeat(ID_BYTES + 1)] {
            assert_eq!(ChatId::try_from(bad), Err(ErrorCode::BadId), "{bad:?}");
        }
    }

    #[test]
    fn a_position_is_one_that_the_store_can_hold() {
        let read = |raw: &str| serde_json::from_str::<Position>(raw).ok();
        for (raw, position) in [("0", Position::START), ("9223372036854775807", Position::LAST)] {
            assert_eq!((read(raw), raw.parse()), (Some(position), Ok(position)));
            assert_eq!(serde_json::to_string(&position).expect("JSON"), raw);
        }
        for bad in [
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "-1",
            "1e3",
            "1.5",
            "",
        ] {
            assert_eq!(
                (read(bad), bad.parse::<Position>()),
                (None, Err(ErrorCode::BadFrame)),
                "{bad}"
            );
        }
    }
}
