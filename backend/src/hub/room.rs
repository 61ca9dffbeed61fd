//! A room in memory: the newest entries of its log, and the users who are online in it.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

use snug_shared::{
    ids::{ChatId, Position, RoomId},
    limits::FOUND_PEOPLE,
    mentions::Mentionable,
    messages::{Deleted, Deletion, Logged},
    presence::{ChatUser, Fit},
    rooms::RoomInfo,
    unicode::folded,
};

use super::{
    Frame, PresenceSeq, ReadOutcome,
    lane::Lane,
    presence::{Announced, Presence},
    typing::Typing,
};

/// A room of this server.
pub struct Room {
    id: RoomId,
    /// The number of members, online or not.
    members: AtomicUsize,
    inner: Mutex<Inner>,
}

struct Inner {
    /// The room's info without its position, which is the lane's.
    info: RoomInfo,
    lane: Lane,
    /// The time of the last append to the lane.
    appended: Instant,
    presence: Presence,
    typing: Typing,
}

/// The memory of a lane before and after a change.
pub(super) struct LaneChange {
    pub(super) before: usize,
    pub(super) after: usize,
}

/// The positions up to which a connection has read a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The position in the room's log.
    pub log: Position,
    /// The last presence frame.
    pub presence: PresenceSeq,
    /// The last typing frame.
    pub typing: PresenceSeq,
}

/// The frames that a room has for all connections with the same cursor: read once per shard.
#[derive(Default)]
pub struct SharedBatch {
    from: Option<Cursor>,
    upto: Cursor,
    frames: Vec<Frame>,
}

impl SharedBatch {
    /// Returns the frames after a cursor and advances it, if all of them fit into one write.
    pub fn read(&mut self, room: &Room, cursor: &mut Cursor, mut bytes: usize) -> Option<&[Frame]> {
        if self.from != Some(*cursor) {
            self.frames.clear();
            self.upto = *cursor;
            let read = room.read(&mut self.upto, &mut bytes, &mut self.frames);
            self.from = Some(*cursor).filter(|_| read == ReadOutcome::UpToDate);
        }
        self.from?;
        *cursor = self.upto;
        Some(&self.frames)
    }
}

impl Room {
    pub(super) fn new(info: RoomInfo) -> Arc<Self> {
        let presence = Presence::new(info.room.clone());
        let typing = Typing::new(info.room.clone());
        Arc::new(Self {
            id: info.room.clone(),
            members: AtomicUsize::new(0),
            inner: Mutex::new(Inner {
                lane: Lane::new(info.n),
                appended: Instant::now(),
                info,
                presence,
                typing,
            }),
        })
    }

    /// Returns the room's id.
    #[must_use]
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Returns the room's info as its members receive it.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        let inner = self.inner();
        RoomInfo {
            n: inner.lane.head(),
            ..inner.info.clone()
        }
    }

    pub(super) fn with_info<T>(&self, look: impl FnOnce(&RoomInfo) -> T) -> T {
        look(&self.inner().info)
    }

    pub(super) fn members(&self) -> usize {
        self.members.load(Ordering::Relaxed)
    }

    /// Changes the number of members. Called by one thread only, in the order of the log.
    pub(super) fn set_members(&self, change: impl FnOnce(usize) -> usize) {
        self.members.store(change(self.members()), Ordering::Relaxed);
    }

    /// Returns the position of the last entry.
    #[must_use]
    pub fn head(&self) -> Position {
        self.inner().lane.head()
    }

    /// Returns the seconds that a user must wait between two messages; 0 if the room is not slow.
    #[must_use]
    pub fn slow(&self) -> u32 {
        self.inner().info.slow_mode
    }

    /// Returns the number of users who are online in the room.
    #[must_use]
    pub fn count(&self) -> usize {
        self.inner().presence.count()
    }

    /// Returns a few users who are online, for a visitor who has not joined. Members come before guests.
    #[must_use]
    pub fn faces(&self) -> Vec<ChatUser> {
        self.inner().presence.faces()
    }

    /// Returns the users who are online and whose names match `begun`, the best match first.
    #[must_use]
    pub fn find_people(&self, begun: &str) -> Vec<ChatUser> {
        // The room is not locked while the names are read.
        let people: Vec<Arc<ChatUser>> = self.inner().presence.people().cloned().collect();
        let begun = folded(begun);
        let fits = people
            .iter()
            .filter_map(|person| Some((Fit::of(&person.name, &begun)?, person)));
        let mut found: Vec<_> = fits.collect();
        found.sort_by(|(a, one), (b, other)| {
            (a, &one.name, &one.chat_id).cmp(&(b, &other.name, &other.chat_id))
        });
        found.truncate(FOUND_PEOPLE);
        found
            .into_iter()
            .map(|(_, person)| ChatUser::clone(person))
            .collect()
    }

    /// Returns the users who can be mentioned in the room.
    #[must_use]
    pub fn mentionable(&self) -> Arc<Mentionable> {
        self.inner().presence.mentionable()
    }

    /// Reads on from a cursor and advances it: presence first, then typing, then log frames until `budget` bytes are spent.
    pub fn read(&self, cursor: &mut Cursor, budget: &mut usize, batch: &mut Vec<Frame>) -> ReadOutcome {
        let mut inner = self.inner();
        if cursor.presence != inner.presence.number() {
            inner.presence.read(&mut cursor.presence, batch);
        }
        if cursor.typing != inner.typing.number() {
            batch.extend(inner.typing.read(&mut cursor.typing));
        }
        inner.lane.read(&mut cursor.log, budget, batch)
    }

    /// Marks a user as typing; in an archived room nobody is, since nobody can post.
    pub(super) fn writes(&self, person: &ChatId, now: Instant) -> Announced {
        let mut inner = self.inner();
        if inner.info.archived {
            return Announced::Nothing;
        }
        inner.typing.writes(person, now)
    }

    pub(super) fn change(&self, info: RoomInfo) {
        let inner = &mut *self.inner();
        if info.archived {
            inner.typing.all_stop();
        }
        inner.info = info;
    }

    /// Updates a participant of a direct conversation who changed their name or avatar.
    pub(super) fn is_shown(&self, user: &ChatUser) {
        let people = &mut self.inner().info.participants;
        if let Some(person) = people.iter_mut().find(|it| it.chat_id == user.chat_id) {
            *person = user.clone();
        }
    }

    /// Appends an entry to the lane, at the time `at`.
    pub(super) fn append(&self, entry: Logged, at: Instant) -> LaneChange {
        let mut inner = self.inner();
        let before = inner.lane.memory();
        inner.appended = at;
        match &entry {
            Logged::Deleted(Deleted {
                deletion: Some(Deletion::Message { of, .. }),
                ..
            }) => {
                let nothing = Deleted {
                    room: self.id.clone(),
                    n: *of,
                    deletion: None,
                };
                inner
                    .lane
                    .replace(*of, Frame::of_entry(Logged::Deleted(nothing), 0));
            }
            Logged::Deleted(Deleted {
                deletion: Some(Deletion::Person { .. }),
                ..
            }) => inner.lane.forget(),
            _ => {}
        }
        let (n, count) = (entry.n(), inner.presence.count());
        inner.lane.append(n, Frame::of_entry(entry, count));
        LaneChange {
            before,
            after: inner.lane.memory(),
        }
    }

    /// Returns the time of the last append to the lane, and the memory that the lane takes.
    pub(super) fn lane_use(&self) -> (Instant, usize) {
        let inner = self.inner();
        (inner.appended, inner.lane.memory())
    }

    /// Drops the lane's frames, which are read from the store then; with `only_if_empty`, only if nobody is online in the room.
    /// Returns the memory that was freed, and whether the lane is empty now.
    pub(super) fn forget_lane(&self, only_if_empty: bool) -> (usize, bool) {
        let mut inner = self.inner();
        let memory = inner.lane.memory();
        if only_if_empty && inner.presence.count() > 0 {
            return (0, memory == 0);
        }
        inner.lane.forget();
        (memory, true)
    }

    pub(super) fn presence(&self, change: impl FnOnce(&mut Presence) -> Announced) -> Announced {
        let inner = &mut *self.inner();
        let announced = change(&mut inner.presence);
        if inner.presence.count() == 0 {
            inner.presence.forget_if_empty();
            inner.typing.forget_if_empty();
        }
        announced
    }

    pub(super) fn typing<T>(&self, change: impl FnOnce(&mut Typing) -> T) -> T {
        change(&mut self.inner().typing)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
