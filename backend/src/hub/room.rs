//! A room in memory: the hot end of its log and who is online in it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snug_shared::{
    ids::{Position, RoomId},
    presence::ChatUser,
    rooms::RoomInfo,
    text::{RoomName, Topic},
};

use super::{
    Frame, Reading, Seen,
    lane::Lane,
    presence::{Announced, Presence},
    typing::Typing,
};

/// A room of this server.
pub struct Room {
    id: RoomId,
    name: RoomName,
    topic: Topic,
    inner: Mutex<Inner>,
}

struct Inner {
    lane: Lane,
    presence: Presence,
    typing: Typing,
}

/// How far a connection has read a room.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cursor {
    /// Its log.
    pub log: Position,
    /// Its comings and goings.
    pub presence: Seen,
    /// Who is writing in it.
    pub typing: Seen,
}

impl Room {
    pub(super) fn new(info: RoomInfo) -> Arc<Self> {
        let presence = Presence::new(info.room.clone());
        let typing = Typing::new(info.room.clone());
        Arc::new(Self {
            id: info.room,
            name: info.name,
            topic: info.topic,
            inner: Mutex::new(Inner {
                lane: Lane::new(info.n),
                presence,
                typing,
            }),
        })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// What its members are told of it.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        RoomInfo {
            room: self.id.clone(),
            name: self.name.clone(),
            topic: self.topic.clone(),
            n: self.head(),
            read: None,
        }
    }

    /// The position of its last entry.
    #[must_use]
    pub fn head(&self) -> Position {
        self.inner().lane.head()
    }

    /// How many people are online in it.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner().presence.count()
    }

    /// The first few of them, by their ids.
    #[must_use]
    pub fn some_people(&self, few: usize) -> Vec<ChatUser> {
        self.inner().presence.people().take(few).cloned().collect()
    }

    /// Reads on from a cursor and advances it: comings and goings first, then who is writing, then log frames
    /// as long as `room` bytes last.
    pub fn read(&self, cursor: &mut Cursor, room: &mut usize, batch: &mut Vec<Frame>) -> Reading {
        let mut inner = self.inner();
        if cursor.presence != inner.presence.number() {
            inner.presence.read(&mut cursor.presence, batch);
        }
        if cursor.typing != inner.typing.number() {
            batch.extend(inner.typing.read(&mut cursor.typing));
        }
        inner.lane.read(&mut cursor.log, room, batch)
    }

    pub(super) fn append(&self, n: Position, frame: impl FnOnce(usize) -> Frame) {
        let mut inner = self.inner();
        let frame = frame(inner.presence.count());
        inner.lane.append(n, frame);
    }

    pub(super) fn presence(&self, change: impl FnOnce(&mut Presence) -> Announced) -> Announced {
        change(&mut self.inner().presence)
    }

    pub(super) fn typing<T>(&self, change: impl FnOnce(&mut Typing) -> T) -> T {
        change(&mut self.inner().typing)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
