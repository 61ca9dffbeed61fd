//! The page's addresses.

use snug_shared::text::RoomName;
use yew_router::prelude::*;

use crate::features::house::Section;

/// A place in the page.
#[derive(Clone, Debug, PartialEq, Eq, Routable)]
pub(crate) enum Route {
    /// Where one says who one is.
    #[at("/")]
    Join,
    /// No page of its own: it leads to the lobby.
    #[at("/rooms")]
    Rooms,
    /// A room, the lobby among them.
    #[at("/rooms/:name")]
    Room { name: RoomName },
    /// No page of its own: it leads to the people.
    #[at("/house")]
    TheHouse,
    /// A part of the house.
    #[at("/house/:section")]
    House { section: Section },
    /// Anything else leads to the door.
    #[not_found]
    #[at("/404")]
    Nowhere,
}

impl Route {
    /// The room that everybody comes into.
    pub(crate) fn lobby() -> Self {
        Self::Room {
            name: RoomName::lobby(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        let section = Section::Invitations;
        assert_eq!(
            Route::recognize("/house/invitations"),
            Some(Route::House { section })
        );
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
}
