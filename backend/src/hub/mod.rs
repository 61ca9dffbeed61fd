//! Fan-out on one server: rooms → lanes → connections, and who is online.
//!
//! Contains no SQL and never awaits. Nothing is queued for a connection: it is notified, and reads on from its own cursors
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
    claims::{Claims, Hold},
    config::Rate,
    heap,
    identity::{Identity, Nonce},
};

/// The time for which a large room gathers its joins and departures, and any room the changes of its users' presence.
const TICK: Duration = Duration::from_millis(250);

/// A user's message allowance, shared by all their connections.
pub type Allowance = governor::DefaultDirectRateLimiter;

/// Creates an allowance of this rate.
#[must_use]
pub fn allowance(rate: Rate) -> Allowance {
    Allowance::direct(governor::Quota::per_second(rate.per_second).allow_burst(rate.burst))
}

/// All rooms of this server, and the users who are online.
pub struct Hub {
    rooms: RwLock<HashMap<RoomId, Arc<Room>>>,
    people: Mutex<People>,
    gone: Mutex<RecentGuests>,
    shards: Shards,
    /// Users without a connection, in the order in which their grace period ends.
    departures: Mutex<VecDeque<Departure>>,
    /// Rooms with gathered changes or with users who are typing, in the order of their ticks.
    ticks: Mutex<VecDeque<(Instant, Arc<Room>)>>,
    /// Notified when there is a departure or a tick to wait for.
    timers_changed: Notify,
    grace: Duration,
    rate: Rate,
    recent: Recent,
}

#[derive(Default)]
struct People {
    /// Boxed: a hash table has up to twice the slots that it needs.
    here: HashMap<ChatId, Box<Person>>,
    names: NameRegistry,
    /// The number of times that a user who is not online has joined, left or read a room, or set its level. If it changes while
    /// a connection is being registered, the connection has to read the store again.
    changes: u64,
    /// The names of accounts, which stay reserved when their users go offline.
    registered: HashMap<ChatId, Nickname>,
}

struct Person {
    /// The nonce that claims the user's id, if the id was chosen.
    nonce: Option<Nonce>,
    /// The user as the roster shows them. Their rooms and connections share this copy.
    user: Arc<ChatUser>,
    connections: Vec<Connection>,
    /// The connections on which the user is away.
    away: Vec<Arc<ConnectionHandle>>,
    /// The number of times that the user's last connection ended: an older departure is void.
    departed: u64,
    memberships: Arc<Memberships>,
    allowance: Arc<Allowance>,
}

struct Connection {
    slot: ShardSlot,
    handle: Arc<ConnectionHandle>,
    identity: Identity,
    address: IpAddr,
    /// The name that the connection has reserved.
    name: Nickname,
}

struct Departure {
    at: Instant,
    person: ChatId,
    departed: u64,
}

impl Hub {
    /// Creates a hub with the rooms of the store. `grace` is how long a user without a connection stays in the roster, `rate`
    /// limits a user's messages, `recent` is how many bytes of their newest entries all rooms hold in memory.
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

    /// Returns the bytes of memory that the rooms' newest entries take together.
    #[must_use]
    pub fn recent_bytes(&self) -> usize {
        self.recent.bytes()
    }

    /// Returns a room.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<Arc<Room>> {
        self.rooms().get(room).cloned()
    }

    fn rooms(&self) -> RwLockReadGuard<'_, HashMap<RoomId, Arc<Room>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the number of users who are online.
    #[must_use]
    pub fn people_online(&self) -> usize {
        self.people().here.len()
    }

    /// Returns how long the slowest connection has been busy with its frames, if one is.
    #[must_use]
    pub fn slowest_lag(&self) -> Option<Duration> {
        self.shards.iter().filter_map(|shard| shard.slowest_lag()).max()
    }

    /// Adds a room that was opened.
    pub fn open(&self, info: RoomInfo) {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.entry(info.room.clone()).or_insert_with(|| Room::new(info));
    }

    /// Changes a room's info, and sends it to all members who are online.
    pub fn change(&self, info: RoomInfo) {
        let Some(room) = self.room(&info.room) else { return };
        room.change(info);
        for person in self.people().here.values() {
            person.resend_room_info(&room);
        }
    }

    /// Removes a room that was deleted: its members receive their removal, and nothing of it stays in memory.
    pub fn remove(&self, id: &RoomId) {
        let removed = {
            let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
            rooms.remove(id)
        };
        let Some(room) = removed else { return };
        let mut people = self.people();
        // A connection that is registered now may have read the store before.
        people.changes += 1;
        for person in people.here.values() {
            if person.memberships.leave(
                id,
                Removal {
                    removed_by_other: true,
                },
            ) {
                room.presence(|presence| presence.leave(&person.user.chat_id));
                person.notify();
            }
        }
        for shard in self.shards.iter() {
            shard.forget(id);
        }
        room.typing(typing::Typing::all_stop);
    }

    /// Returns the number of changes to the memberships of users who are not online, see [`Hub::enter`].
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
        // Before the rest: a connection that reads the room finds its user in it.
        self.announce(&room, |presence| presence.join(&person.user));
        person.memberships.join(&room, standing);
        for Connection { slot, handle, .. } in &person.connections {
            slot.subscribe(std::slice::from_ref(&room), handle);
            handle.notify();
        }
    }

    /// Sets a user's read state in a room, and sends it to all their connections.
    pub fn read(&self, person: &ChatId, room: &RoomId, standing: ReadState) {
        self.change_membership(person, |memberships| memberships.read(room, standing));
    }

    /// Sets a user's notification level for a room, and sends it to all their connections.
    pub fn set_level(&self, person: &ChatId, room: &RoomId, level: NotificationLevel) {
        self.change_membership(person, |memberships| memberships.set_level(room, level));
    }

    /// Sets a user's settings, and sends them to all their connections.
    pub fn set_settings(&self, person: &ChatId, settings: Settings) {
        if let Some(person) = self.people().here.get(person) {
            person.memberships.set_settings(settings);
            person.notify();
        }
    }

    /// Sets when a user's mute ends, and sends it to all their connections.
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

    /// Applies a change to a user's memberships, and notifies their connections if it changed anything.
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
    pub fn leave(&self, person: &ChatId, room: &RoomId, removed_by_other: bool) {
        let Some(room) = self.room(room) else { return };
        let mut people = self.people();
        let Some(person) = people.here.get(person) else {
            people.changes += 1;
            return;
        };
        if !person.memberships.leave(room.id(), Removal { removed_by_other }) {
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

    /// Closes the connections, of one user or of everybody, that `check` refuses.
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
                // The user may have another session, or another claim of the id is valid.
                Err(ErrorCode::SessionEnded | ErrorCode::ChatIdTaken) => {
                    connection.handle.end(Close::SessionEnded)
                }
                Err(_) => connection.handle.end(Close::Banned),
            }
        }
    }

    /// Holds the claims of users: the given one, or that of the user who is online under the id. No other user can connect
    /// under the id in between. Nothing is held for an id without a nonce under which nobody is online.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::ChatIdTaken`] if a user is online under the id with another claim, or another one is held or bound.
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

    /// Returns whether another user is online under the same id with a different claim.
    #[must_use]
    pub fn has_another(&self, identity: &Identity) -> bool {
        let people = self.people();
        let here = people.here.get(&identity.chat_id);
        identity.nonce.is_some() && here.is_some_and(|it| it.nonce != identity.nonce)
    }

    /// Returns the sessions that have a connection, each with its user.
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

    /// Returns a user who is online, or a guest who left within the last day, with all the networks that the guest connected
    /// from as far as they are stored.
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

    /// Returns whether a user has a connection on which they are not away. In their grace period they have none.
    #[must_use]
    pub fn is_active(&self, person: &ChatId) -> bool {
        let people = self.people();
        let person = people.here.get(person);
        person.is_some_and(|it| !it.connections.is_empty() && !it.is_away())
    }

    /// Returns whether another user has a name or a confusable one now.
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

    /// Changes a room's presence, and notifies its connections now or at the next tick.
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
