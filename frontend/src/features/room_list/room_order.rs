//! Sorts the room list: the lobby, then rooms by name with archived ones last, then direct conversations. New
//! messages do not change the order, so that nothing moves under the pointer.

use std::cmp::Ordering;

use snug_shared::{
    ids::RoomId,
    replica::{Replica, Room},
    rooms::Kind,
    text::RoomName,
};

use super::room_title::RoomTitle;
use crate::store::addresses;

/// An entry of the room list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RoomItem {
    pub(crate) id: RoomId,
    pub(crate) address: RoomName,
    pub(crate) title: RoomTitle,
    pub(crate) kind: Kind,
    pub(crate) archived: bool,
}

/// Returns the entries of all rooms, unsorted; see [`sort_rooms`].
pub(crate) fn room_items(replica: &Replica) -> Vec<RoomItem> {
    let me = replica.you().map(|you| &you.chat_id);
    let mut addresses = addresses(replica);
    let item = |(id, room): (&RoomId, &Room)| {
        let address = addresses.remove(id)?;
        let info = room.info.as_ref();
        Some(RoomItem {
            id: id.clone(),
            address,
            title: RoomTitle::of(room, me),
            kind: info.map(|info| info.kind).unwrap_or_default(),
            archived: info.is_some_and(|info| info.archived),
        })
    };
    replica.rooms().filter_map(item).collect()
}

/// Sorts items by their room, with `by_name` as the order of names.
pub(crate) fn sort_rooms<T>(
    items: &mut [T],
    item: impl Fn(&T) -> &RoomItem,
    by_name: impl Fn(&str, &str) -> Ordering,
) {
    let group = |item: &RoomItem| {
        (
            item.kind == Kind::Direct,
            item.id != RoomId::lobby(),
            item.archived,
        )
    };
    items.sort_by(|one, other| {
        let (one, other) = (item(one), item(other));
        let by_group = group(one).cmp(&group(other));
        by_group
            .then_with(|| by_name(&one.title.sort_key(), &other.title.sort_key()))
            .then_with(|| one.id.cmp(&other.id))
    });
}

/// Returns the address of the room above or below the one that is shown. If none is shown, that of the last
/// or the first.
pub(crate) fn neighbour(items: &[RoomItem], here: Option<&RoomId>, up: bool) -> Option<RoomName> {
    let at = items.iter().position(|item| here == Some(&item.id));
    let next = match (at, up) {
        (Some(at), true) => at.checked_sub(1)?,
        (Some(at), false) => at + 1,
        (None, true) => items.len().checked_sub(1)?,
        (None, false) => 0,
    };
    items.get(next).map(|item| item.address.clone())
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

    fn in_order(replica: &Replica) -> Vec<RoomItem> {
        let mut items = room_items(replica);
        sort_rooms(&mut items, |it| it, |one, other| one.cmp(other));
        items
    }

    fn ids(items: &[RoomItem]) -> Vec<&str> {
        items.iter().map(|item| item.id.as_str()).collect()
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
