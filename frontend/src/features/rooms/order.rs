//! The order of one's rooms: the lobby, then by name. It does not follow what is said in them, so that
//! nothing moves under the pointer.

use snug_shared::{ids::RoomId, replica::Room, text::RoomName};

/// The rooms in their order.
pub(super) fn arrange<'a>(rooms: impl Iterator<Item = (&'a RoomId, &'a Room)>) -> Vec<(RoomId, RoomName)> {
    let name = |room: &Room| room.info.as_ref().map(|info| info.name.clone());
    let mut rooms: Vec<_> = rooms
        // Before the first welcome there is a lobby that nothing is known of.
        .map(|(id, room)| (id.clone(), name(room).unwrap_or_else(RoomName::lobby)))
        .collect();
    rooms.sort_by(|(a_id, a), (b_id, b)| {
        let elsewhere = |id: &RoomId| *id != RoomId::lobby();
        (elsewhere(a_id), a).cmp(&(elsewhere(b_id), b))
    });
    rooms
}

/// The room above or below this one. From outside of them all, the first or the last.
pub(super) fn neighbour(rooms: &[(RoomId, RoomName)], here: &RoomName, up: bool) -> Option<RoomName> {
    let at = rooms.iter().position(|(_, name)| name == here);
    let next = match (at, up) {
        (Some(at), true) => at.checked_sub(1)?,
        (Some(at), false) => at + 1,
        (None, true) => rooms.len().checked_sub(1)?,
        (None, false) => 0,
    };
    rooms.get(next).map(|(_, name)| name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;
    use snug_shared::replica::Replica;

    fn arranged(names: &[&str]) -> Vec<(RoomId, RoomName)> {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        if !names.is_empty() {
            replica.apply(welcome(names));
        }
        arrange(replica.rooms())
    }

    fn names(rooms: &[(RoomId, RoomName)]) -> Vec<&str> {
        rooms.iter().map(|(_, name)| name.as_str()).collect()
    }

    #[test]
    fn the_lobby_is_first_and_there_before_anything_is_known() {
        assert_eq!(names(&arranged(&[])), ["lobby"]);
        assert_eq!(
            names(&arranged(&["zoo", "books", "lobby"])),
            ["lobby", "books", "zoo"]
        );
    }

    #[test]
    fn one_goes_up_and_down_and_not_around() {
        let rooms = arranged(&["lobby", "books", "zoo"]);
        let from = |here: &str, up| {
            let next = neighbour(&rooms, &here.try_into().expect("a name"), up);
            next.map(String::from).unwrap_or_default()
        };
        assert_eq!(from("books", true), "lobby");
        assert_eq!(from("books", false), "zoo");
        assert_eq!(
            (from("lobby", true), from("zoo", false)),
            (String::new(), String::new())
        );
        assert_eq!(
            (from("den", false), from("den", true)),
            ("lobby".into(), "zoo".into())
        );
    }
}
