//! Which room an address names, and what the address of a room is: its name, or its id where another room of mine
//! is called the same.

use std::collections::BTreeMap;

use snug_shared::{
    ids::RoomId,
    replica::{Replica, Room},
    text::RoomName,
};

use super::State;

/// What a room is called. Before the first welcome there is a lobby that nothing is known of.
pub(crate) fn name_of(room: &Room) -> RoomName {
    let info = room.info.as_ref();
    info.map_or_else(RoomName::lobby, |info| info.name.clone())
}

/// The address of each room.
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

/// The address of each room that has a name. Of two that are called the same, one.
pub(crate) fn by_name(replica: &Replica) -> BTreeMap<RoomName, RoomName> {
    let addresses = addresses(replica).into_iter();
    let named = addresses.filter_map(|(id, address)| Some((name_of(replica.room(&id)?), address)));
    named.filter(|(name, _)| !name.is_direct()).collect()
}

/// The room that an address names, if one is in it. An id is nobody else's name; of two rooms that are called the
/// same, the one that is `shown` stays.
pub(super) fn named(replica: &Replica, address: &RoomName, shown: Option<&RoomId>) -> Option<RoomId> {
    let is = |id: &RoomId| replica.room(id).is_some_and(|room| name_of(room) == *address);
    let by_id = RoomId::try_from(address.as_str()).ok();
    let by_id = by_id.filter(|id| replica.room(id).is_some());
    let shown = || shown.filter(|id| is(id)).cloned();
    let by_name = || replica.rooms().map(|(id, _)| id).find(|id| is(id)).cloned();
    by_id.or_else(shown).or_else(by_name)
}

impl State {
    /// The address of a room that one is in.
    pub(crate) fn address(&self, id: &RoomId) -> Option<RoomName> {
        addresses(&self.replica).remove(id)
    }

    /// What the room is called that is shown.
    pub(super) fn name_here(&self) -> Option<RoomName> {
        self.here().map(name_of)
    }

    /// The room that is shown may be called otherwise now than `before`: then so does its address.
    pub(super) fn keep_up(&mut self, before: Option<RoomName>) {
        let now = self.name_here();
        if let (Some(before), Some(now)) = (before, now)
            && before != now
            && before == self.name
        {
            self.name = now;
            self.moved = Some(before);
        }
    }
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
            let found = named(&replica, &address.try_into().expect("a name"), shown.as_ref());
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
}
