//! The order of one's rooms: the lobby, then by name, archived ones last; then the conversations. It does not follow
//! what is said in them, so that nothing moves under the pointer.

use std::cmp::Ordering;

use snug_shared::{
    ids::RoomId,
    replica::{Replica, Room},
    rooms::Kind,
    text::RoomName,
};

use super::called::Called;
use crate::store::addresses;

/// A room as it stands in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) id: RoomId,
    pub(crate) address: RoomName,
    pub(crate) called: Called,
    pub(crate) kind: Kind,
    pub(crate) archived: bool,
}

/// The rooms, in no order that one would see: [`sort`] them.
pub(crate) fn places(replica: &Replica) -> Vec<Place> {
    let me = replica.you().map(|you| &you.chat_id);
    let mut addresses = addresses(replica);
    let place = |(id, room): (&RoomId, &Room)| {
        let address = addresses.remove(id)?;
        let info = room.info.as_ref();
        Some(Place {
            id: id.clone(),
            address,
            called: Called::of(room, me),
            kind: info.map(|info| info.kind).unwrap_or_default(),
            archived: info.is_some_and(|info| info.archived),
        })
    };
    replica.rooms().filter_map(place).collect()
}

/// Puts what is at some places into their order, which for names is `by_name`.
pub(crate) fn sort<T>(
    items: &mut [T],
    place: impl Fn(&T) -> &Place,
    by_name: impl Fn(&str, &str) -> Ordering,
) {
    let group = |place: &Place| {
        (
            place.kind == Kind::Direct,
            place.id != RoomId::lobby(),
            place.archived,
        )
    };
    items.sort_by(|one, other| {
        let (one, other) = (place(one), place(other));
        let by_group = group(one).cmp(&group(other));
        by_group
            .then_with(|| by_name(&one.called.order(), &other.called.order()))
            .then_with(|| one.id.cmp(&other.id))
    });
}

/// The address above or below the room that is shown. From outside of them all, the first or the last.
pub(super) fn neighbour(places: &[Place], here: Option<&RoomId>, up: bool) -> Option<RoomName> {
    let at = places.iter().position(|place| here == Some(&place.id));
    let next = match (at, up) {
        (Some(at), true) => at.checked_sub(1)?,
        (Some(at), false) => at + 1,
        (None, true) => places.len().checked_sub(1)?,
        (None, false) => 0,
    };
    places.get(next).map(|place| place.address.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{info, welcome};
    use snug_shared::{rooms::RoomInfo, wire::ServerFrame};

    fn replica(names: &[&str]) -> Replica {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        if !names.is_empty() {
            replica.apply(welcome(names));
        }
        replica
    }

    fn in_order(replica: &Replica) -> Vec<Place> {
        let mut places = places(replica);
        sort(&mut places, |it| it, |one, other| one.cmp(other));
        places
    }

    fn ids(places: &[Place]) -> Vec<&str> {
        places.iter().map(|place| place.id.as_str()).collect()
    }

    #[test]
    fn the_lobby_is_first_and_there_before_anything_is_known() {
        assert_eq!(ids(&in_order(&replica(&[]))), ["lobby"]);
        assert_eq!(
            ids(&in_order(&replica(&["zoo", "books", "lobby"]))),
            ["lobby", "books", "zoo"]
        );
    }

    #[test]
    fn archived_rooms_come_after_the_others_and_conversations_after_all_rooms() {
        let mut replica = replica(&["zoo", "attic", "den", "lobby"]);
        replica.apply(ServerFrame::Room(RoomInfo {
            archived: true,
            ..info("attic", 0)
        }));
        replica.apply(ServerFrame::Room(RoomInfo {
            kind: Kind::Direct,
            ..info("ann", 0)
        }));
        assert_eq!(ids(&in_order(&replica)), ["lobby", "den", "zoo", "attic", "ann"]);
    }

    #[test]
    fn one_goes_up_and_down_and_not_around() {
        let rooms = in_order(&replica(&["lobby", "books", "zoo"]));
        let from = |here: &str, up| {
            let here = here.try_into().ok();
            let next = neighbour(&rooms, here.as_ref(), up);
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
