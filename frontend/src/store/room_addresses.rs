//! Maps addresses to rooms and back. A room's address is its name, or its id if another of the user's rooms
//! has the same name. A message's address has the room's id, since another room may take the name later.

use std::collections::BTreeMap;

use snug_shared::{
    ids::RoomId,
    replica::{Replica, Room},
    text::RoomName,
};

/// Returns a room's name. Before the first welcome nothing is known of the lobby.
pub(crate) fn name_of(room: &Room) -> RoomName {
    let info = room.info.as_ref();
    info.map_or_else(RoomName::lobby, |info| info.name.clone())
}

/// Returns the address of each room.
pub(crate) fn addresses(replica: &Replica) -> BTreeMap<RoomId, RoomName> {
    let mut called: BTreeMap<RoomName, usize> = BTreeMap::new();
    for (_, room) in replica.rooms() {
        *called.entry(name_of(room)).or_default() += 1;
    }
    let address = |(id, room): (&RoomId, &Room)| {
        let name = name_of(room);
        let by_id = RoomName::try_from(id.as_str()).ok().filter(|_| called[&name] > 1);
        (id.clone(), by_id.unwrap_or(name))
    };
    replica.rooms().map(address).collect()
}

/// Returns the address of each room by its name; of two rooms with one name, one of them.
pub(crate) fn by_name(replica: &Replica) -> BTreeMap<RoomName, RoomName> {
    let addresses = addresses(replica).into_iter();
    let named = addresses.filter_map(|(id, address)| Some((name_of(replica.room(&id)?), address)));
    named.filter(|(name, _)| !name.is_direct()).collect()
}

/// Returns a room's permanent address, its id, if that can be an address.
pub(crate) fn by_id(room: &RoomId) -> Option<RoomName> {
    let address = RoomName::try_from(room.as_str()).ok()?;
    (address.as_str() == room.as_str()).then_some(address)
}

/// Returns whether an address is an id, which tells users nothing.
pub(crate) fn is_id(address: &RoomName) -> bool {
    uuid::Uuid::try_parse(address.as_str()).is_ok()
}

/// Returns the room that an address names, if the user is in it. An id takes precedence over a name; of two
/// rooms with one name, the `shown` one stays. For a `message` in a room by its name, only the server knows
/// the room.
pub(super) fn named(
    replica: &Replica,
    address: &RoomName,
    shown: Option<&RoomId>,
    message: bool,
) -> Option<RoomId> {
    // A conversation's name is permanent, too, and the address of a message in a room without an address by
    // id has its name.
    let names = |id: &RoomId| !message || address.is_direct() || by_id(id).is_none();
    let is = |id: &RoomId| replica.room(id).is_some_and(|room| name_of(room) == *address) && names(id);
    let id = RoomId::try_from(address.as_str()).ok();
    let id = id.filter(|id| replica.room(id).is_some());
    let shown = || shown.filter(|id| is(id)).cloned();
    let by_name = || replica.rooms().map(|(id, _)| id).find(|id| is(id)).cloned();
    id.or_else(shown).or_else(by_name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{info, welcome};
    use snug_shared::{rooms::RoomInfo, wire::ServerFrame};

    fn called(room: &str, name: &str) -> ServerFrame {
        ServerFrame::Room(RoomInfo {
            name: name.try_into().expect("a name"),
            ..info(room, 0)
        })
    }

    fn replica(rooms: &[(&str, &str)]) -> Replica {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        replica.apply(welcome(&["lobby"]));
        for (room, name) in rooms {
            replica.apply(called(room, name));
        }
        replica
    }

    #[test]
    fn two_rooms_of_one_name_have_their_ids_for_addresses() {
        let replica = replica(&[("a1", "tea"), ("b2", "tea"), ("c3", "den")]);
        let addresses: Vec<_> = addresses(&replica).into_values().map(String::from).collect();
        assert_eq!(addresses, ["a1", "b2", "den", "lobby"]);
    }

    #[test]
    fn an_address_is_an_id_or_a_name_and_nobody_is_moved_by_a_namesake() {
        let replica = replica(&[("a1", "tea"), ("b2", "tea"), ("c3", "a1")]);
        let find = |address: &str, shown: Option<&str>| {
            let shown = shown.map(|id| id.try_into().expect("an id"));
            let found = named(
                &replica,
                &address.try_into().expect("a name"),
                shown.as_ref(),
                false,
            );
            found.map(String::from).unwrap_or_default()
        };
        assert_eq!((find("b2", None), find("a1", None)), ("b2".into(), "a1".into()));
        assert_eq!(
            (find("tea", None), find("tea", Some("b2"))),
            ("a1".into(), "b2".into())
        );
        assert_eq!(
            (find("lobby", Some("b2")), find("den", Some("b2"))),
            ("lobby".into(), String::new())
        );
    }

    #[test]
    fn only_the_server_knows_in_which_room_a_message_is_by_a_name() {
        let replica = replica(&[("a1", "tea")]);
        let find = |address: &str| {
            let shown = "a1".try_into().expect("an id");
            named(&replica, &address.try_into().expect("a name"), Some(&shown), true).map(String::from)
        };
        assert_eq!(find("tea"), None);
        assert_eq!(
            [find("a1"), find("lobby")],
            [Some("a1".into()), Some("lobby".into())]
        );
    }

    #[test]
    fn an_address_by_id_is_one_that_reads_back_as_the_id() {
        let address = |id: &str| by_id(&id.try_into().expect("an id")).map(String::from);
        let id = "0190a1b2-2222-7000-8000-000000000000";
        assert_eq!(address(id).as_deref(), Some(id));
        assert_eq!(address("Den"), None);
        let names = ["tea", "lobby", id, "0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"];
        let ids = names.map(|it| is_id(&it.try_into().expect("a name")));
        assert_eq!(ids, [false, false, true, true]);
    }
}
