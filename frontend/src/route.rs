//! The page's addresses.

use std::{fmt, str::FromStr};

use snug_shared::{ids::Position, text::RoomName};
use yew_router::prelude::*;

use crate::{browser, features::house::Tab};

/// A route of the page.
#[derive(Clone, Debug, PartialEq, Eq, Routable)]
pub(crate) enum Route {
    /// The join page. A known user is redirected to the room that they left.
    #[at("/")]
    Join,
    /// A redirection to the lobby, without a page of its own.
    #[at("/rooms")]
    Rooms,
    /// A room, the lobby included.
    #[at("/rooms/:name")]
    Room { name: RoomName },
    /// A message of a room, with the messages around it.
    #[at("/rooms/:name/:n")]
    Message { name: RoomName, n: Number },
    /// A redirection to the list of users, without a page of its own.
    #[at("/house")]
    TheHouse,
    /// A tab of the administration page.
    #[at("/house/:tab")]
    House { tab: Tab },
    /// Any other address: it is not found.
    #[not_found]
    #[at("/404")]
    Nowhere,
}

impl Route {
    /// Returns the route of the lobby, which every user joins.
    pub(crate) fn lobby() -> Self {
        Self::Room {
            name: RoomName::lobby(),
        }
    }

    /// Returns the route's path on the host.
    pub(crate) fn address(&self) -> String {
        browser::base() + &self.to_path()
    }

    /// Returns the route of a path on the host, if the path is under this page's base.
    pub(crate) fn at(path: &str) -> Option<Self> {
        Self::recognize(path.strip_prefix(&browser::base())?)
    }

    /// Returns the route of a room, or of a message of it.
    pub(crate) fn to(name: RoomName, n: Option<Position>) -> Self {
        match n {
            Some(n) => Self::Message { name, n: Number(n) },
            None => Self::Room { name },
        }
    }

    /// Returns the route of an address that a user has written or copied, if it leads to a room of this
    /// page at `home`.
    pub(crate) fn in_a_room(address: &str, home: &str) -> Option<Self> {
        let path = address.strip_prefix(home).filter(|path| path.starts_with('/'))?;
        let route = Self::recognize(path)?;
        let inside = matches!(route, Self::Room { .. } | Self::Message { .. });
        inside.then_some(route)
    }
}

/// A message's position as an address has it: nothing but digits, and messages are counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Position);

impl FromStr for Number {
    type Err = ();
    fn from_str(raw: &str) -> Result<Self, ()> {
        let digits = raw.bytes().all(|byte| byte.is_ascii_digit());
        match raw.parse() {
            Ok(n) if digits && n > Position::START => Ok(Self(n)),
            _ => Err(()),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::addresses::{HOUSE, is_page};

    fn room(name: &str) -> Route {
        Route::Room {
            name: name.try_into().expect("a name"),
        }
    }

    #[test]
    fn a_room_of_any_script_has_an_address() {
        for name in ["lobby", "tea-time", "茶馆", "ça_va"] {
            let address = room(name).to_path();
            assert!(address.is_ascii(), "{address}");
            assert_eq!(Route::recognize(&address), Some(room(name)));
        }
        assert_eq!(room("茶").to_path(), "/rooms/%E8%8C%B6");
    }

    #[test]
    fn an_address_written_by_hand_is_read_as_a_name_is() {
        assert_eq!(Route::recognize("/rooms/Tea%20Time/"), Some(room("tea-time")));
        assert_eq!(Route::recognize("/rooms/"), Some(Route::Rooms));
        let tab = Tab::Invitations;
        assert_eq!(Route::recognize("/house/invitations"), Some(Route::House { tab }));
        for nowhere in [
            "/house/attic",
            "/rooms/%2F..",
            "/rooms/a/b",
            "/rooms/%E2%80%8B",
            "/tea",
        ] {
            assert_eq!(Route::recognize(nowhere), Some(Route::Nowhere), "{nowhere}");
        }
    }

    #[test]
    fn the_server_and_the_page_know_the_same_addresses() {
        let mut paths: Vec<String> = Tab::ALL.map(|it| format!("/house/{it}")).into();
        let more = [
            "/",
            "/rooms/",
            "/rooms/%E8%8C%B6/7",
            "/house",
            "/rooms/Tea%20Time",
            "/tea",
            "/house/attic",
            "/rooms/x/0",
            "/rooms/%2F",
        ];
        paths.extend(more.map(str::to_owned));
        assert_eq!(Tab::ALL.map(Tab::as_str), HOUSE);
        for path in paths {
            let known = Route::recognize(&path) != Some(Route::Nowhere);
            assert_eq!(is_page(&path), known, "{path}");
        }
    }

    #[test]
    fn a_message_is_a_number_in_its_room() {
        let tea = RoomName::try_from("茶").expect("a name");
        let route = Route::to(tea, Some(Position(12)));
        assert_eq!(route.to_path(), "/rooms/%E8%8C%B6/12");
        assert_eq!(Route::recognize("/rooms/%E8%8C%B6/12"), Some(route.clone()));
        assert_eq!(Route::recognize("/rooms/茶/012/"), Some(route));
        for nowhere in ["0", "-1", "+1", "1.5", "x", "18446744073709551616", "1/2"] {
            let address = format!("/rooms/lobby/{nowhere}");
            assert_eq!(Route::recognize(&address), Some(Route::Nowhere), "{nowhere}");
        }
    }

    #[test]
    fn an_address_is_in_a_room_if_it_is_one_of_this_page() {
        let here = "https://chat.example";
        let inside = |address: &str| Route::in_a_room(address, here);
        let lobby = RoomName::lobby();
        assert_eq!(inside("https://chat.example/rooms/lobby"), Some(Route::lobby()));
        assert_eq!(
            inside("https://chat.example/rooms/lobby/7"),
            Some(Route::to(lobby, Some(Position(7))))
        );
        for outside in [
            "https://chat.example",
            "https://chat.example/",
            "https://chat.example/rooms",
            "https://chat.example/api/server",
            "https://chat.example/rooms/lobby/7?x=1",
            "https://chat.example.org/rooms/lobby/7",
            "https://chat.examplerooms/lobby/7",
            "https://chat.example:8443/rooms/lobby/7",
            "https://chat.example@evil.example/rooms/lobby/7",
            "http://chat.example/rooms/lobby/7",
        ] {
            assert_eq!(inside(outside), None, "{outside}");
        }
        let below = |address: &str| Route::in_a_room(address, "https://chat.example/chat");
        assert_eq!(
            below("https://chat.example/chat/rooms/lobby"),
            Some(Route::lobby())
        );
        for outside in [
            "https://chat.example/rooms/lobby",
            "https://chat.example/chatrooms/lobby",
        ] {
            assert_eq!(below(outside), None, "{outside}");
        }
    }
}
