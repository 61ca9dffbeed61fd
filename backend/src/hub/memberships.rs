//! The memberships and settings of a user who is online, and how their connections receive changes. Each change has a number,
//! and a connection stores the number of the last one that it has sent: nothing is queued for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snug_shared::{
    ids::{Millis, Position, RoomId, SessionId},
    levels::NotificationLevel,
    people::SecurityNotice,
    rooms::{ReadState, RoomInfo},
    settings::Settings,
};

use super::Room;

/// Security notices that are stored for a connection that does not read.
const NOTICES: usize = 16;

/// The number of a change to a user's memberships, settings, mute or notices. A connection stores the last one that it has
/// sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct MembershipSeq(u64);

impl MembershipSeq {
    /// The number before the first change.
    const START: Self = Self(0);

    fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// A room that a user is a member of.
#[derive(Clone)]
pub struct Membership {
    /// The room.
    pub room: Arc<Room>,
    /// The user's read position and unread counts, as they were counted last.
    pub standing: ReadState,
}

impl Membership {
    /// Returns the room's info as its members receive it.
    #[must_use]
    pub fn info(&self) -> RoomInfo {
        self.room.info().with_read_state(self.standing)
    }

    /// Returns the position from which a client that has received [`info`](Self::info) reads the room: the client counts later
    /// messages itself. The lane may not have all entries that are counted already.
    #[must_use]
    pub fn begin(&self) -> Position {
        self.standing.n.min(self.room.head())
    }
}

/// The way in which a user was removed from a room.
#[derive(Clone, Copy)]
pub struct Removal {
    /// Whether another user removed them.
    pub removed_by_other: bool,
}

/// The rooms of one user.
pub struct Memberships(Mutex<Inner>);

struct Inner {
    /// The number of changes to the user's settings since their first connection, and the last settings; `None` if they did not
    /// change.
    settings: (MembershipSeq, Option<Settings>),
    /// The number of times that the user was muted or unmuted since then, and when the last mute ends.
    muted: (MembershipSeq, Option<Millis>),
    /// The latest security notices, each with its number and the session that caused it.
    notices: Vec<(MembershipSeq, SessionId, SecurityNotice)>,
    last: MembershipSeq,
    rooms: Rooms,
}

/// The rooms, each with its last change. They are few, and sorted by id: the first node of a tree has room for eleven, and most
/// users need one.
#[derive(Default)]
struct Rooms(Vec<(RoomId, Known)>);

type Known = (MembershipSeq, Result<Membership, Removal>);

impl Rooms {
    fn get(&self, room: &RoomId) -> Option<&Known> {
        let at = self.0.binary_search_by_key(&room, |(id, _)| id).ok()?;
        Some(&self.0[at].1)
    }

    fn get_mut(&mut self, room: &RoomId) -> Option<&mut Known> {
        let at = self.0.binary_search_by_key(&room, |(id, _)| id).ok()?;
        Some(&mut self.0[at].1)
    }

    fn insert(&mut self, room: RoomId, known: Known) {
        match self.0.binary_search_by_key(&&room, |(id, _)| id) {
            Ok(at) => self.0[at].1 = known,
            Err(at) => self.0.insert(at, (room, known)),
        }
    }
}

impl Memberships {
    pub(super) fn new(rooms: impl Iterator<Item = Membership>) -> Arc<Self> {
        let mut all = Rooms::default();
        for it in rooms {
            all.insert(it.room.id().clone(), (MembershipSeq::START, Ok(it)));
        }
        all.0.shrink_to_fit();
        Arc::new(Self(Mutex::new(Inner {
            settings: (MembershipSeq::START, None),
            muted: (MembershipSeq::START, None),
            notices: Vec::new(),
            last: MembershipSeq::START,
            rooms: all,
        })))
    }

    /// Returns all rooms as of now, and the number of the last change.
    #[must_use]
    pub fn all(&self) -> (MembershipSeq, Vec<Membership>) {
        let inner = self.inner();
        let rooms = inner
            .rooms
            .0
            .iter()
            .filter_map(|(_, (_, room))| room.clone().ok());
        (inner.last, rooms.collect())
    }

    pub(super) fn rooms(&self) -> Vec<Arc<Room>> {
        self.all().1.into_iter().map(|it| it.room).collect()
    }

    /// Returns the rooms that have changed since `seen`: joined or changed, or left.
    pub fn since(&self, seen: &mut MembershipSeq) -> Vec<(RoomId, Result<Membership, Removal>)> {
        let inner = self.inner();
        if inner.last == *seen {
            return Vec::new();
        }
        let rooms = inner.rooms.0.iter().filter(|(_, (change, _))| change > seen);
        let changes = rooms.map(|(id, (_, room))| (id.clone(), room.clone())).collect();
        *seen = inner.last;
        changes
    }

    /// Returns whether nothing has changed since `seen`.
    #[must_use]
    pub fn are_seen(&self, seen: MembershipSeq) -> bool {
        self.inner().last == seen
    }

    /// Returns the user's settings, if they have changed since `seen`.
    pub fn settings_since(&self, seen: &mut MembershipSeq) -> Option<Settings> {
        let (last, settings) = self.inner().settings;
        let changed = last != *seen;
        *seen = last;
        settings.filter(|_| changed)
    }

    pub(super) fn set_settings(&self, settings: Settings) {
        let known = &mut self.inner().settings;
        *known = (known.0.next(), Some(settings));
    }

    /// Returns when the user's mute ends, if they were muted or unmuted since `seen`. The end of a lifted mute is in the past.
    pub fn muted_since(&self, seen: &mut MembershipSeq) -> Option<Millis> {
        let (last, until) = self.inner().muted;
        let changed = last != *seen;
        *seen = last;
        until.filter(|_| changed)
    }

    pub(super) fn set_muted(&self, until: Millis) {
        let known = &mut self.inner().muted;
        *known = (known.0.next(), Some(until));
    }

    /// Returns the number of the last security notice.
    #[must_use]
    pub fn last_notice(&self) -> MembershipSeq {
        self.inner()
            .notices
            .last()
            .map_or(MembershipSeq::START, |it| it.0)
    }

    /// Returns the security notices since `seen`, except those that this session caused.
    pub fn notices_since(
        &self,
        seen: &mut MembershipSeq,
        session: Option<&SessionId>,
    ) -> Vec<SecurityNotice> {
        let inner = self.inner();
        let changed = inner.notices.iter().filter(|it| it.0 > *seen);
        let others = changed.filter(|it| Some(&it.1) != session);
        let notices = others.map(|it| it.2.clone()).collect();
        *seen = inner.notices.last().map_or(*seen, |it| it.0);
        notices
    }

    pub(super) fn add_notice(&self, by: SessionId, notice: SecurityNotice) {
        let notices = &mut self.inner().notices;
        let number = notices.last().map_or(MembershipSeq::START, |it| it.0).next();
        if notices.len() >= NOTICES {
            notices.remove(0);
        }
        notices.push((number, by, notice));
    }

    /// Returns a room as of now, if the user is a member.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<Membership> {
        self.inner().rooms.get(room)?.1.clone().ok()
    }

    pub(super) fn join(&self, room: &Arc<Room>, standing: ReadState) {
        let mut inner = self.inner();
        inner.last = inner.last.next();
        let room = room.clone();
        let id = room.id().clone();
        let joined = (inner.last, Ok(Membership { room, standing }));
        inner.rooms.insert(id, joined);
    }

    /// Stores a read state. Returns whether the user's connections have to send it.
    pub(super) fn read(&self, room: &RoomId, standing: ReadState) -> bool {
        let mut inner = self.inner();
        let last = inner.last.next();
        match inner.rooms.get_mut(room) {
            Some((change, Ok(membership))) if membership.standing.read != standing.read => {
                // Levels arrive by `set_level`, and both in the order in which they were applied.
                let level = membership.standing.level;
                membership.standing = ReadState { level, ..standing };
                *change = last;
            }
            _ => return false,
        }
        inner.last = last;
        true
    }

    /// Marks a room as changed, so that the user's connections send it again. Returns whether the user is a member.
    pub(super) fn mark_changed(&self, room: &RoomId) -> bool {
        let mut inner = self.inner();
        let last = inner.last.next();
        match inner.rooms.get_mut(room) {
            Some((change, Ok(_))) => *change = last,
            _ => return false,
        }
        inner.last = last;
        true
    }

    /// Stores a notification level. Returns whether it changed.
    pub(super) fn set_level(&self, room: &RoomId, level: NotificationLevel) -> bool {
        let mut inner = self.inner();
        let last = inner.last.next();
        match inner.rooms.get_mut(room) {
            Some((change, Ok(membership))) if membership.standing.level != level => {
                membership.standing.level = level;
                *change = last;
            }
            _ => return false,
        }
        inner.last = last;
        true
    }

    /// Stores read states that the store has counted again for a new connection. No connection has to send them, but none may
    /// send the older ones from now on: the new connection has not received the messages in between. Returns false, and changes
    /// nothing, if the read positions or levels of the store differ from these.
    pub(super) fn counted(&self, rooms: &[(RoomId, ReadState)]) -> bool {
        let mut inner = self.inner();
        let agree = |(room, standing): &(RoomId, ReadState)| match inner.rooms.get(room) {
            Some((_, Ok(known))) => {
                (known.standing.read, known.standing.level) == (standing.read, standing.level)
            }
            _ => true,
        };
        if !rooms.iter().all(agree) {
            return false;
        }
        for (room, standing) in rooms {
            if let Some((_, Ok(known))) = inner.rooms.get_mut(room)
                && known.standing.n < standing.n
            {
                known.standing = *standing;
            }
        }
        true
    }

    /// Removes a room. Returns whether the user was a member.
    pub(super) fn leave(&self, room: &RoomId, out: Removal) -> bool {
        let mut inner = self.inner();
        let last = inner.last.next();
        match inner.rooms.get_mut(room) {
            Some(known @ (_, Ok(_))) => *known = (last, Err(out)),
            _ => return false,
        }
        inner.last = last;
        true
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
