//! The pages of Snug and their URL paths. For any other path the server answers 404, and the page reports it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::{ids::Position, text::RoomName};

/// The characters that a path segment percent-encodes: all but the unreserved ones (RFC 3986, section 2.3).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A page, without the base path under which it may be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// The join page, `/`. It leads a known user to the room that they left.
    Join,
    /// A redirection to the lobby, `/rooms`.
    Rooms,
    /// A room, the lobby included: `/rooms/lobby`.
    Room {
        /// The room's name.
        name: RoomName,
    },
    /// A message of a room, with the messages around it: `/rooms/lobby/12`.
    Message {
        /// The room's name.
        name: RoomName,
        /// The message's position, at least 1.
        n: Position,
    },
    /// A redirection to the first tab of the administration page, `/admin`.
    Admin,
    /// A tab of the administration page, `/admin/members` for example.
    AdminTab(AdminTab),
}

impl Route {
    /// Returns the route of a path, without query and fragment, unless there is no such page. It may be percent-encoded (RFC 3986).
    ///
    /// ```
    /// use snug_shared::route::Route;
    ///
    /// assert_eq!(Route::parse("/rooms/Lobby/"), Some(Route::lobby()));
    /// assert_eq!(Route::parse("/rooms/lobby/0"), None);
    /// ```
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let path = path.strip_prefix('/')?;
        let mut segments = path.strip_suffix('/').unwrap_or(path).split('/');
        let route = match (segments.next()?, segments.next(), segments.next()) {
            ("", None, _) => Self::Join,
            ("rooms", None, _) => Self::Rooms,
            ("rooms", Some(name), None) => Self::Room { name: room(name)? },
            ("rooms", Some(name), Some(n)) => Self::Message {
                name: room(name)?,
                n: position(n)?,
            },
            ("admin", None, _) => Self::Admin,
            ("admin", Some(tab), None) => Self::AdminTab(AdminTab::parse(tab)?),
            _ => return None,
        };
        segments.next().is_none().then_some(route)
    }

    /// Returns the route of the lobby, which every user joins.
    #[must_use]
    pub fn lobby() -> Self {
        Self::to(RoomName::lobby(), None)
    }

    /// Returns the route of a room, or of a message in it.
    #[must_use]
    pub fn to(name: RoomName, n: Option<Position>) -> Self {
        match n {
            Some(n) => Self::Message { name, n },
            None => Self::Room { name },
        }
    }
}

/// Writes the path, percent-encoded.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Join => f.write_str("/"),
            Self::Rooms => f.write_str("/rooms"),
            Self::Room { name } => write!(f, "/rooms/{}", utf8_percent_encode(name.as_str(), ENCODED)),
            Self::Message { name, n } => write!(
                f,
                "/rooms/{}/{}",
                utf8_percent_encode(name.as_str(), ENCODED),
                n.0
            ),
            Self::Admin => f.write_str("/admin"),
            Self::AdminTab(tab) => write!(f, "/admin/{}", tab.as_str()),
        }
    }
}

/// A tab of the administration page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminTab {
    /// The people whom the server knows.
    Members,
    /// The active invites.
    Invites,
    /// Who may join, and who may create rooms.
    Access,
    /// What moderators and owners have done.
    AuditLog,
    /// The storage that is used, and by whom.
    Storage,
}

impl AdminTab {
    /// Every tab, in the order of the page.
    pub const ALL: [Self; 5] = [
        Self::Members,
        Self::Invites,
        Self::Access,
        Self::AuditLog,
        Self::Storage,
    ];

    /// Returns the tab's path segment.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Members => "members",
            Self::Invites => "invites",
            Self::Access => "access",
            Self::AuditLog => "audit-log",
            Self::Storage => "storage",
        }
    }

    fn parse(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| tab.as_str() == segment)
    }
}

fn room(segment: &str) -> Option<RoomName> {
    let name = percent_decode_str(segment).decode_utf8().ok()?;
    RoomName::try_from(&*name).ok()
}

/// Parses a message's position: digits only, and at least 1.
fn position(segment: &str) -> Option<Position> {
    let digits = segment.bytes().all(|byte| byte.is_ascii_digit());
    let n = segment.parse().ok().filter(|_| digits)?;
    (n > Position::START).then_some(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> Route {
        Route::to(name.try_into().expect("a name"), None)
    }

    #[test]
    fn every_page_has_a_path_and_is_found_by_it() {
        let tabs = AdminTab::ALL.map(Route::AdminTab);
        let tea = RoomName::try_from("茶").expect("a name");
        let routes = [
            Route::Join,
            Route::Rooms,
            Route::lobby(),
            room("tea-time"),
            room("茶馆"),
            room("ça_va"),
            room("0190a1b2-2222-7000-8000-000000000000"),
            Route::to(tea, Some(Position(12))),
            Route::Admin,
        ];
        for route in routes.into_iter().chain(tabs) {
            let path = route.to_string();
            assert!(path.is_ascii(), "{path}");
            assert_eq!(Route::parse(&path), Some(route), "{path}");
        }
        assert_eq!(room("茶").to_string(), "/rooms/%E8%8C%B6");
    }

    #[test]
    fn a_path_written_by_hand_is_read_as_a_name_is() {
        assert_eq!(Route::parse("/rooms/Tea%20Time/"), Some(room("tea-time")));
        assert_eq!(Route::parse("/rooms/"), Some(Route::Rooms));
        let tea = RoomName::try_from("茶").expect("a name");
        assert_eq!(
            Route::parse("/rooms/茶/012/"),
            Some(Route::to(tea, Some(Position(12))))
        );
    }

    #[test]
    fn no_other_path_is_a_page() {
        for unknown in [
            "",
            "rooms",
            "/tea",
            "/404",
            "/index",
            "/rooms/lobby/0",
            "/rooms/lobby/+1",
            "/rooms/lobby/-1",
            "/rooms/lobby/1.5",
            "/rooms/lobby/x",
            "/rooms/lobby/18446744073709551616",
            "/rooms/lobby/1/2",
            "/rooms/a/b",
            "/rooms/%2F..",
            "/rooms/%",
            "/rooms/%f",
            "/rooms/%+1",
            "/rooms/%FF",
            "/rooms/%E2%80%8B",
            "/admin/attic",
            "/admin/members/1",
            "/favicon.ico",
        ] {
            assert_eq!(Route::parse(unknown), None, "{unknown}");
        }
    }
}
