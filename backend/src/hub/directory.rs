//! The directory of open rooms. It is searched in memory: reading ten thousand names and topics takes as long as the store
//! takes to count the members of one room.

use std::{cmp::Reverse, collections::HashSet, sync::Arc};

use snug_shared::{
    ids::RoomId,
    limits::LISTED_ROOMS,
    rooms::{Kind, Listed},
    unicode::folded,
};

use super::{Hub, Room};

impl Hub {
    /// Returns the open rooms whose name or topic contains these words: first the room with that very name, then those with
    /// most members. `joined` are the rooms of the user who asks.
    #[must_use]
    pub fn directory(&self, words: &str, joined: &HashSet<RoomId>) -> Vec<Listed> {
        let words = folded(words);
        let as_a_name = words.split_whitespace().collect::<Vec<_>>().join("-");
        // The table is not locked while the names are read.
        let rooms: Vec<Arc<Room>> = self.rooms().values().cloned().collect();
        let mut found: Vec<_> = rooms
            .iter()
            .filter(|room| *room.id() != RoomId::lobby())
            .filter_map(|room| {
                let (name, is_called_so) = room.with_info(|info| {
                    let folded_name = folded(info.name.as_str());
                    let open = info.kind == Kind::Open && !info.archived;
                    let fits =
                        || folded_name.contains(&as_a_name) || folded(info.topic.as_str()).contains(&words);
                    (open && fits()).then(|| (info.name.clone(), folded_name == as_a_name))
                })?;
                Some((!is_called_so, Reverse(room.members()), name, room))
            })
            .collect();
        found.sort_by(|one, other| (one.0, one.1, &one.2).cmp(&(other.0, other.1, &other.2)));
        found.truncate(LISTED_ROOMS);
        let listed = found.into_iter().map(|(_, Reverse(members), _, room)| Listed {
            info: room.info(),
            members,
            joined: joined.contains(room.id()),
        });
        listed.collect()
    }

    /// Returns one room as the directory shows it to a user who is in the `joined` rooms.
    #[must_use]
    pub fn listed(&self, room: &RoomId, joined: &HashSet<RoomId>) -> Option<Listed> {
        let room = self.room(room)?;
        Some(Listed {
            info: room.info(),
            members: room.members(),
            joined: *room.id() == RoomId::lobby() || joined.contains(room.id()),
        })
    }

    /// Sets the number of a room's members.
    pub fn set_members(&self, room: &RoomId, members: usize) {
        if let Some(room) = self.room(room) {
            room.set_members(|_| members);
        }
    }

    /// Counts a new member of a room, online or not.
    pub fn member_added(&self, room: &RoomId) {
        if let Some(room) = self.room(room) {
            room.set_members(|members| members + 1);
        }
    }

    /// Counts a member who has left a room.
    pub fn member_removed(&self, room: &RoomId) {
        if let Some(room) = self.room(room) {
            room.set_members(|members| members.saturating_sub(1));
        }
    }
}
