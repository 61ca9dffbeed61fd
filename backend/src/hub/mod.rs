//! Fan-out on one server: rooms → lanes → connections, and who is online.
//!
//! Knows no SQL and never awaits. Nothing is queued for a connection: it is notified, and reads on from its own cursors
//! ([`Room::read`]). Frames that are no longer in a lane are read from the store.

mod connection;
mod directory;
mod frame;
mod lane;
mod memberships;
pub mod names;
mod presence;
mod recent;
mod recent_guests;
mod room;
mod shard;
mod timers;
mod typing;
mod user_presence;

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard},
    time::{Duration, Instant},
};

use snug_shared::{
    error_code::{Close, ErrorCode},
    ids::{ChatId, Millis, RoomId, SessionId},
    levels::NotificationLevel,
    messages::Logged,
    people::SecurityNotice,
    presence::ChatUser,
    rooms::{ReadState, RoomInfo},
    settings::Settings,
    text::Nickname,
};
use tokio::sync::Notify;

pub use self::{
    connection::{AccessCheck, ConnectionGuard, JoinRequest},
    frame::Frame,
    lane::ReadOutcome,
    memberships::{Membership, MembershipSeq, Memberships, Removal},
    presence::PresenceSeq,
    room::{Cursor, Room, SharedBatch},
    shard::{ConnectionHandle, FrameSink},
    timers::run_tasks,
};
use self::{
    names::NameRegistry,
    presence::Announced,
    recent::Recent,
    recent_guests::RecentGuests,
    shard::{ShardSlot, Shards},
};
use crate::{
    claims::{Claims, Hold, Nonce},
    config::Rate,
    heap,
    identity::Identity,
};

/// How long the comings and goings of a large room are gathered, and in any room how its people stand.
const TICK: Duration = Duration::from_millis(250);

/// A person's allowance, shared by all their connections.
pub type Allowance = governor::DefaultDirectRateLimiter;

/// An allowance of so much, so fast.
#[must_use]
pub fn allowance(rate: Rate) -> Allowance {
    Allowance::direct(governor::Quota::per_second(rate.per_second).allow_burst(rate.burst))
}

/// All rooms and people of this server.
pub struct Hub {
    rooms: RwLock<HashMap<RoomId, Arc<Room>>>,
    people: Mutex<People>,
    gone: Mutex<RecentGuests>,
    shards: Shards,
    /// People without a connection, in the order in which their grace ends.
    departures: Mutex<VecDeque<Departure>>,
    /// Rooms with gathered changes, or in which somebody writes, in the order in which they tick.
    ticks: Mutex<VecDeque<(Instant, Arc<Room>)>>,
    /// Notified when there is a departure or a tick to wait for.
    timers_changed: Notify,
    grace: Duration,
    rate: Rate,
    recent: Recent,
}

#[derive(Default)]
struct People {
    /// Boxed: a table has up to twice the places that it needs.
    here: HashMap<ChatId, Box<Person>>,
    names: NameRegistry,
    /// How often anybody has joined, left or read a room, or set its level, who was not here: who comes in while that happens has
    /// to look into the store again.
    changes: u64,
    /// The names of accounts, which stay reserved when their users go offline.
    registered: HashMap<ChatId, Nickname>,
}

struct Person {
    /// The nonce with which their id is claimed, if it is a chosen one.
    nonce: Option<Nonce>,
    /// As the roster shows them. Their rooms and connections have the same copy.
    user: Arc<ChatUser>,
    connections: Vec<Connection>,
    /// Those of their connections from which they look away.
    away: Vec<Arc<ConnectionHandle>>,
    /// How often their last connection ended: an older departure is void.
    departed: u64,
    memberships: Arc<Memberships>,
    allowance: Arc<Allowance>,
}

struct Connection {
    slot: ShardSlot,
    handle: Arc<ConnectionHandle>,
    identity: Identity,
    address: IpAddr,
    /// What it holds of the names.
    name: Nickname,
}

struct Departure {
    at: Instant,
    person: ChatId,
    departed: u64,
}

impl Hub {
    /// With the rooms that there are. `grace` is how long somebody without a connection stays in the
    /// roster, `rate` what a person may say, `recent` how many bytes of their newest entries all rooms hold in memory.
    #[must_use]
    pub fn new(
        rooms: impl IntoIterator<Item = RoomInfo>,
        grace: Duration,
        rate: Rate,
        recent: usize,
    ) -> Arc<Self> {
        let rooms = rooms.into_iter().map(|info| (info.room.clone(), Room::new(info)));
        Arc::new(Self {
            rooms: RwLock::new(rooms.collect()),
            people: Mutex::default(),
            gone: Mutex::default(),
            shards: Shards::default(),
            departures: Mutex::default(),
            ticks: Mutex::default(),
            timers_changed: Notify::new(),
            grace,
            rate,
            recent: Recent::new(recent),
        })
    }

    /// Bytes of memory that the rooms' newest entries take together.
    #[must_use]
    pub fn recent_bytes(&self) -> usize {
        self.recent.bytes()
    }

    /// A room.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<Arc<Room>> {
        self.rooms().get(room).cloned()
    }

    fn rooms(&self) -> RwLockReadGuard<'_, HashMap<RoomId, Arc<Room>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many people are online.
    #[must_use]
    pub fn people_online(&self) -> usize {
        self.people().here.len()
    }

    /// How long the slowest connection has been taking what there is for it, if one is.
    #[must_use]
    pub fn slowest_lag(&self) -> Option<Duration> {
        self.shards.iter().filter_map(|shard| shard.slowest_lag()).max()
    }

    /// A room was opened.
    pub fn open(&self, info: RoomInfo) {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(info.room.clone()).or_insert_with(|| Room::new(info));
    }

    /// A room is otherwise now: all who are in it are told.
    pub fn change(&self, info: RoomInfo) {
        let Some(room) = self.room(&info.room) else { return };
        room.change(info);
        for person in self.people().here.values() {
            person.resend_room_info(&room);
        }
    }

    /// A room was deleted: whoever is in it is told that they are out, and nothing of it stays in memory.
    pub fn remove(&self, id: &RoomId) {
        let removed = {
            let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
            rooms.remove(id)
        };
        let Some(room) = removed else { return };
        let mut people = self.people();
        // A connection that joins now may have read the store before.
        people.changes += 1;
        for person in people.here.values() {
            if person.memberships.leave(id, Removal { taken_out: true }) {
                room.presence(|presence| presence.leave(&person.user.chat_id));
                person.notify();
            }
        }
        for shard in self.shards.iter() {
            shard.forget(id);
        }
        room.typing(typing::Typing::all_stop);
    }

    /// See [`Hub::enter`].
    #[must_use]
    pub fn membership_changes(&self) -> u64 {
        self.people().changes
    }

    /// Adds an online user to a room and subscribes all their connections.
    pub fn join(&self, person: &ChatId, room: &RoomId, standing: ReadState) {
        let Some(room) = self.room(room) else { return };
        let mut people = self.people();
        let Some(person) = people.here.get(person) else {
            people.changes += 1;
            return;
        };
        if person.memberships.room(room.id()).is_some() {
            return;
        }
        // First of all: a connection that reads the room finds its user in it.
        self.announce(&room, |presence| presence.join(&person.user));
        person.memberships.join(&room, standing);
        for Connection { slot, handle, .. } in &person.connections {
            slot.subscribe(std::slice::from_ref(&room), handle);
            handle.notify();
        }
    }

    /// Somebody has read a room up to there: all their connections are told.
    pub fn read(&self, person: &ChatId, room: &RoomId, standing: ReadState) {
        self.change_membership(person, |memberships| memberships.read(room, standing));
    }

    /// Sets a user's notification level for a room and tells their connections.
    pub fn set_level(&self, person: &ChatId, room: &RoomId, level: NotificationLevel) {
        self.change_membership(person, |memberships| memberships.set_level(room, level));
    }

    /// Somebody prefers things otherwise: all their connections are told.
    pub fn set_settings(&self, person: &ChatId, settings: Settings) {
        if let Some(person) = self.people().here.get(person) {
            person.memberships.set_settings(settings);
            person.notify();
        }
    }

    /// Somebody is muted until then, or no longer: their connections are told.
    pub fn set_muted(&self, person: &ChatId, until: Millis) {
        if let Some(person) = self.people().here.get(person) {
            person.memberships.set_muted(until);
            person.notify();
        }
    }

    /// Sends a security notice to the user's other devices.
    pub fn notify_security(&self, person: &ChatId, by: &SessionId, notice: SecurityNotice) {
        if let Some(person) = self.people().here.get(person) {
            person.memberships.add_notice(by.clone(), notice);
            person.notify();
        }
    }

    /// Something changed between somebody and a room that they are in, if it did.
    fn change_membership(&self, person: &ChatId, change: impl FnOnce(&Memberships) -> bool) {
        let mut people = self.people();
        let Some(person) = people.here.get(person) else {
            people.changes += 1;
            return;
        };
        if change(&person.memberships) {
            person.notify();
        }
    }

    /// Removes a user from a room and unsubscribes all their connections.
    pub fn leave(&self, person: &ChatId, room: &RoomId, taken_out: bool) {
        let Some(room) = self.room(room) else { return };
        let mut people = self.people();
        let Some(person) = people.here.get(person) else {
            people.changes += 1;
            return;
        };
        if !person.memberships.leave(room.id(), Removal { taken_out }) {
            return;
        }
        for Connection { slot, handle, .. } in &person.connections {
            slot.unsubscribe(std::slice::from_ref(&room), handle);
            handle.notify();
        }
        self.announce(&room, |presence| presence.leave(&person.user.chat_id));
        room.typing(|typing| typing.stops(&person.user.chat_id));
    }

    /// Reserves the name of an account, and updates how its user is shown.
    pub fn register_name(&self, user: &ChatUser) {
        let mut people = self.people();
        let People {
            here,
            names,
            registered,
            ..
        } = &mut *people;
        names.reserve(&user.chat_id, &user.name);
        if let Some(before) = registered.insert(user.chat_id.clone(), user.name.clone()) {
            names.free(&before);
        }
        let Some(person) = here.get_mut(&user.chat_id) else {
            return;
        };
        let user = Arc::new(ChatUser {
            away: person.user.away,
            status: person.user.status.clone(),
            ..user.clone()
        });
        for held in person.connections.iter_mut().map(|it| &mut it.name) {
            names.reserve(&user.chat_id, &user.name);
            names.free(held);
            *held = user.name.clone();
        }
        names.reserve(&user.chat_id, &user.name);
        names.free(&person.user.name);
        person.user = user.clone();
        for room in &person.memberships.rooms() {
            room.is_shown(&user);
            self.announce(room, |presence| presence.join(&user));
        }
    }

    /// Frees the name of an account.
    pub fn unregister_name(&self, person: &ChatId) {
        let mut people = self.people();
        let People {
            names, registered, ..
        } = &mut *people;
        if let Some(name) = registered.remove(person) {
            names.free(&name);
        }
    }

    /// Ends the connections, of one person or of everybody, that may not be here any more.
    pub fn review(&self, person: Option<&ChatId>, check: AccessCheck<'_>) {
        let people = self.people();
        let connections: Vec<&Connection> = match person {
            Some(person) => (people.here.get(person).into_iter())
                .flat_map(|it| &it.connections)
                .collect(),
            None => (people.here.values()).flat_map(|it| &it.connections).collect(),
        };
        for connection in connections {
            match check(&connection.identity, connection.address) {
                Ok(()) => {}
                // The session is over; the person need not be.
                Err(ErrorCode::ChatIdTaken) => connection.handle.end(Close::SessionEnded),
                Err(_) => connection.handle.end(Close::PutOut),
            }
        }
    }

    /// Holds claims of people: the given one, or that of whoever is online under the id. Nobody comes in under another one in between.
    /// Nothing is held for an id that is given no nonce and under which nobody is online.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ChatIdTaken`] if somebody is online under the id with another claim, or another one is held or bound.
    pub fn hold(
        &self,
        claims: &Arc<Claims>,
        wanted: impl IntoIterator<Item = (ChatId, Option<Nonce>)>,
    ) -> Result<Vec<(ChatId, Option<Hold>)>, ErrorCode> {
        let people = self.people();
        let hold = |(id, given): (ChatId, Option<Nonce>)| {
            let here = people.here.get(&id).and_then(|it| it.nonce);
            let nonce = match (given, here) {
                (Some(given), Some(here)) if given != here => return Err(ErrorCode::ChatIdTaken),
                (given, here) => given.or(here),
            };
            let hold = nonce.map(|nonce| claims.hold(&id, nonce)).transpose()?;
            Ok((id, hold))
        };
        wanted.into_iter().map(hold).collect()
    }

    /// Whether somebody is online under the same id with another claim of it.
    #[must_use]
    pub fn has_another(&self, identity: &Identity) -> bool {
        let people = self.people();
        let here = people.here.get(&identity.chat_id);
        identity.nonce.is_some() && here.is_some_and(|it| it.nonce != identity.nonce)
    }

    /// The sessions that have a connection, each with whose it is.
    #[must_use]
    pub fn sessions(&self) -> Vec<(ChatId, SessionId)> {
        let people = self.people();
        let connections = people.here.values().flat_map(|it| &it.connections);
        connections
            .filter_map(|it| Some((it.identity.chat_id.clone(), it.identity.session.clone()?)))
            .collect()
    }

    /// Returns a user who is online, with the addresses of their connections.
    #[must_use]
    pub fn online_user(&self, person: &ChatId) -> Option<(ChatUser, Vec<IpAddr>)> {
        let people = self.people();
        let person = people.here.get(person)?;
        let addresses = person.connections.iter().map(|it| it.address);
        Some((ChatUser::clone(&person.user), addresses.collect()))
    }

    /// The same of a guest who was here in the last day, with all the networks that they came from as far as they are remembered.
    #[must_use]
    pub fn last_seen(&self, person: &ChatId) -> Option<(ChatUser, Vec<IpAddr>)> {
        let here = self.online_user(person);
        let gone = self.gone();
        let gone = gone.find(person, Instant::now());
        let (user, mut addresses) = match (here, gone) {
            (Some(here), _) => here,
            (None, Some((user, _))) => (ChatUser::clone(user), Vec::new()),
            (None, None) => return None,
        };
        let before = gone.into_iter().flat_map(|(_, networks)| networks);
        addresses.extend(before.map(|it| it.address()));
        Some((user, addresses))
    }

    /// Whether a user has a connection on which they are not away. In their grace period they have none.
    #[must_use]
    pub fn is_active(&self, person: &ChatId) -> bool {
        let people = self.people();
        let person = people.here.get(person);
        person.is_some_and(|it| !it.connections.is_empty() && !it.is_away())
    }

    /// Whether a name, or one that looks like it, is somebody else's now.
    #[must_use]
    pub fn is_name_of_another(&self, person: &ChatId, name: &Nickname) -> bool {
        !self.people().names.is_available(name, person)
    }

    /// Appends messages and deletions to the rooms' lanes, then notifies every shard once.
    pub fn publish(&self, entries: Vec<Logged>) {
        let mut changed: Vec<RoomId> = Vec::new();
        let now = Instant::now();
        for entry in entries {
            let id = entry.room().clone();
            let Some(room) = self.room(&id) else { continue };
            if let Some(message) = entry.message() {
                room.typing(|typing| typing.said(&message.chat_id));
            }
            let change = room.append(entry, now);
            self.recent.changed(&room, change);
            if !changed.contains(&id) {
                changed.push(id);
            }
        }
        for shard in self.shards.iter() {
            shard.notify(&changed);
        }
        heap::freed(self.recent.make_room());
    }

    /// Changes who is in a room, and lets its connections know now or at the next tick.
    fn announce(&self, room: &Arc<Room>, change: impl FnOnce(&mut presence::Presence) -> Announced) {
        self.tell(room, room.presence(change));
    }

    fn tell(&self, room: &Arc<Room>, announced: Announced) {
        match announced {
            Announced::Nothing => {}
            Announced::Now => {
                for shard in self.shards.iter() {
                    shard.notify(std::slice::from_ref(room.id()));
                }
            }
            Announced::AtTick => self.tick_at(Instant::now() + TICK, room.clone()),
        }
    }

    fn tick_at(&self, at: Instant, room: Arc<Room>) {
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        ticks.push_back((at, room));
        self.timers_changed.notify_one();
    }

    fn gone(&self) -> MutexGuard<'_, RecentGuests> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Person {
    fn notify(&self) {
        for connection in &self.connections {
            connection.handle.notify();
        }
    }

    /// Sends a room's info again to all the user's connections, if they are in it.
    fn resend_room_info(&self, room: &Room) {
        if self.memberships.mark_changed(room.id()) {
            self.notify();
        }
    }
}
