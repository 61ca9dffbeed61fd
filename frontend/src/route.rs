//! The pages' routes in the browser: their addresses under the base path, and the type that yew-router routes to.

use std::collections::HashMap;

pub(crate) use snug_shared::route::{AdminTab, Route};
use yew_router::Routable;

use crate::browser;

/// A route for yew-router; `None` if there is no page at the path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Routed(pub(crate) Option<Route>);

impl Routable for Routed {
    fn from_path(path: &str, _: &HashMap<&str, &str>) -> Option<Self> {
        Self::recognize(path)
    }

    fn to_path(&self) -> String {
        self.0
            .as_ref()
            .map_or_else(|| "/404".to_owned(), ToString::to_string)
    }

    fn routes() -> Vec<&'static str> {
        vec!["/*"]
    }

    fn not_found_route() -> Option<Self> {
        Some(Self(None))
    }

    fn recognize(path: &str) -> Option<Self> {
        Some(Self(Route::parse(path)))
    }
}

/// Returns a route's path on the host.
pub(crate) fn href(route: &Route) -> String {
    format!("{}{route}", browser::base())
}

/// Returns the route of a path on the host, if the path is under this page's base.
pub(crate) fn at(path: &str) -> Option<Route> {
    Route::parse(path.strip_prefix(&browser::base())?)
}

/// Returns the room, and the message if there is one, of an address that a user has written or copied, if it leads to a
/// room of this page at `home`.
pub(crate) fn in_a_room(address: &str, home: &str) -> Option<Route> {
    let route = Route::parse(address.strip_prefix(home)?)?;
    let inside = matches!(route, Route::Room { .. } | Route::Message { .. });
    inside.then_some(route)
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::{ids::Position, text::RoomName};

    #[test]
    fn an_address_is_in_a_room_if_it_is_one_of_this_page() {
        let here = "https://chat.example";
        let inside = |address: &str| in_a_room(address, here);
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
        let below = |address: &str| in_a_room(address, "https://chat.example/chat");
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
