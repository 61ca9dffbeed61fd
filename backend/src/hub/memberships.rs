//! Which rooms a person who is online is in, and how their connections come to know. A change has a
//! number, and a connection keeps the number of the last one it has seen: nothing is queued for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use snug_shared::ids::RoomId;

use super::Room;

/// The number of the last change that a connection has seen.
pub type Change = u64;

/// One person's rooms.
pub struct Memberships(Mutex<Inner>);

struct Inner {
    last: Change,
    /// Each with its last change; without the room if that was to leave it.
    rooms: BTreeMap<RoomId, (Change, Option<Arc<Room>>)>,
}

impl Memberships {
    pub(super) fn new(rooms: Vec<Arc<Room>>) -> Arc<Self> {
        let rooms = rooms.into_iter().map(|room| (room.id().clone(), (0, Some(room))));
        Arc::new(Self(Mutex::new(Inner {
            last: 0,
            rooms: rooms.collect(),
        })))
    }

    /// The rooms as of now, and the number of the last change.
    #[must_use]
    pub fn rooms(&self) -> (Change, Vec<Arc<Room>>) {
        let inner = self.inner();
        let rooms = inner.rooms.values().filter_map(|(_, room)| room.clone());
        (inner.last, rooms.collect())
    }

    /// What became of the rooms that have changed since then: in it, or left.
    pub fn since(&self, seen: &mut Change) -> Vec<(RoomId, Option<Arc<Room>>)> {
        let inner = self.inner();
        if inner.last == *seen {
            return Vec::new();
        }
        let rooms = inner.rooms.iter().filter(|(_, (change, _))| change > seen);
        let changes = rooms.map(|(id, (_, room))| (id.clone(), room.clone())).collect();
        *seen = inner.last;
        changes
    }

    /// A room as of now, if they are in it.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<Arc<Room>> {
        self.inner().rooms.get(room)?.1.clone()
    }

    /// Whether it is new.
    pub(super) fn join(&self, room: &Arc<Room>) -> bool {
        let mut inner = self.inner();
        if inner.rooms.get(room.id()).is_some_and(|(_, room)| room.is_some()) {
            return false;
        }
        inner.last += 1;
        let joined = (inner.last, Some(room.clone()));
        inner.rooms.insert(room.id().clone(), joined);
        true
    }

    /// Whether they were in it.
    pub(super) fn leave(&self, room: &RoomId) -> bool {
        let mut inner = self.inner();
        let last = inner.last + 1;
        match inner.rooms.get_mut(room) {
            Some(known @ (_, Some(_))) => *known = (last, None),
            _ => return false,
        }
        inner.last = last;
        true
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
