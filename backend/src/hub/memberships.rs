//! Which rooms a person who is online is in, and how their connections come to know. A change has a
//! number, and a connection keeps the number of the last one it has seen: nothing is queued for it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use snug_shared::{
    ids::{Position, RoomId},
    rooms::RoomInfo,
};

use super::Room;

/// The number of the last change that a connection has seen.
pub type Change = u64;

/// A room that somebody is in, and the last position that they have read.
#[derive(Clone)]
pub struct Membership {
    /// The room.
    pub room: Arc<Room>,
    /// Up to where.
    pub read: Option<Position>,
}

impl Membership {
    /// What they are told of the room.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        RoomInfo {
            read: self.read,
            ..self.room.info()
        }
    }
}

/// One person's rooms.
pub struct Memberships(Mutex<Inner>);

struct Inner {
    last: Change,
    /// Each with its last change; without the membership if that was to leave it.
    rooms: BTreeMap<RoomId, (Change, Option<Membership>)>,
}

impl Memberships {
    pub(super) fn new(rooms: impl Iterator<Item = Membership>) -> Arc<Self> {
        let rooms = rooms.map(|it| (it.room.id().clone(), (0, Some(it))));
        Arc::new(Self(Mutex::new(Inner {
            last: 0,
            rooms: rooms.collect(),
        })))
    }

    /// All of them as of now, and the number of the last change.
    #[must_use]
    pub fn all(&self) -> (Change, Vec<Membership>) {
        let inner = self.inner();
        let rooms = inner.rooms.values().filter_map(|(_, room)| room.clone());
        (inner.last, rooms.collect())
    }

    pub(super) fn rooms(&self) -> Vec<Arc<Room>> {
        self.all().1.into_iter().map(|it| it.room).collect()
    }

    /// What became of the rooms that have changed since then: in it, or left.
    pub fn since(&self, seen: &mut Change) -> Vec<(RoomId, Option<Membership>)> {
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
    pub fn room(&self, room: &RoomId) -> Option<Membership> {
        self.inner().rooms.get(room)?.1.clone()
    }

    /// Whether it is new.
    pub(super) fn join(&self, room: &Arc<Room>) -> bool {
        let mut inner = self.inner();
        if inner.rooms.get(room.id()).is_some_and(|(_, room)| room.is_some()) {
            return false;
        }
        inner.last += 1;
        let (room, read) = (room.clone(), None);
        let id = room.id().clone();
        let joined = (inner.last, Some(Membership { room, read }));
        inner.rooms.insert(id, joined);
        true
    }

    /// Whether it changes anything.
    pub(super) fn read(&self, room: &RoomId, n: Position) -> bool {
        let mut inner = self.inner();
        let last = inner.last + 1;
        match inner.rooms.get_mut(room) {
            Some((change, Some(membership))) if membership.read != Some(n) => {
                membership.read = Some(n);
                *change = last;
            }
            _ => return false,
        }
        inner.last = last;
        true
    }

    /// Whether they are in it, and are told of it again.
    pub(super) fn touch(&self, room: &RoomId) -> bool {
        let mut inner = self.inner();
        let last = inner.last + 1;
        match inner.rooms.get_mut(room) {
            Some((change, Some(_))) => *change = last,
            _ => return false,
        }
        inner.last = last;
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
