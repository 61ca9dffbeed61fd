//! Fan-out on one server: rooms → lanes → connections, and who is online.
//!
//! Knows no SQL and never awaits. Nothing is queued for a connection: it is rung, and reads on from its
//! own cursors ([`Room::read`]). What the hot end of a lane has let go is in the store.

mod frame;
mod keeper;
mod lane;
mod names;
mod presence;
mod room;
mod shard;

use std::{
    collections::{HashMap, VecDeque},
    num::NonZeroUsize,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use snug_shared::{
    code::Code,
    ids::{ChatId, Position, RoomId},
    messages::Message,
    presence::ChatUser,
    text::Nickname,
    wire::{Said, ServerFrame},
};
use tokio::sync::Notify;

pub use self::{
    frame::Frame,
    keeper::keep,
    lane::Reading,
    presence::Seen,
    room::{Cursor, Room},
    shard::Bell,
};
use self::{names::Names, presence::Announced, shard::Shard};
use crate::{config::Rate, identity::Identity};

/// How long the comings and goings of a large room are gathered.
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
    shards: Vec<Arc<Shard>>,
    next_shard: AtomicUsize,
    /// People without a connection, in the order in which their grace ends.
    departures: Mutex<VecDeque<Departure>>,
    /// Large rooms with gathered changes, in the order in which these are due.
    ticks: Mutex<VecDeque<(Instant, Arc<Room>)>>,
    /// Rung when there is a departure or a tick to wait for.
    keeper: Notify,
    grace: Duration,
    rate: Rate,
}

#[derive(Default)]
struct People {
    here: HashMap<ChatId, Person>,
    names: Names,
}

struct Person {
    /// As the roster shows them.
    name: Nickname,
    connections: usize,
    /// How often their last connection ended: an older departure is void.
    departed: u64,
    rooms: Vec<Arc<Room>>,
    allowance: Arc<Allowance>,
}

struct Departure {
    at: Instant,
    person: ChatId,
    departed: u64,
}

/// A connection's place in the hub. Dropping it is leaving.
pub struct Seat {
    hub: Arc<Hub>,
    shard: Arc<Shard>,
    bell: Arc<Bell>,
    /// Who sits here, under a name that looks like nobody else's.
    pub user: ChatUser,
    /// The rooms that this connection hears.
    pub rooms: Vec<Arc<Room>>,
    /// What its person may still say.
    pub allowance: Arc<Allowance>,
}

impl Hub {
    /// With the rooms that there are. `grace` is how long somebody without a connection stays in the
    /// roster, `rate` what a person may say.
    #[must_use]
    pub fn new(
        rooms: impl IntoIterator<Item = (RoomId, Position)>,
        grace: Duration,
        rate: Rate,
    ) -> Arc<Self> {
        let rooms = rooms
            .into_iter()
            .map(|(id, head)| (id.clone(), Room::new(id, head)));
        let shards = available_parallelism().map_or(1, NonZeroUsize::get);
        Arc::new(Self {
            rooms: RwLock::new(rooms.collect()),
            people: Mutex::default(),
            shards: (0..shards).map(|_| Arc::default()).collect(),
            next_shard: AtomicUsize::new(0),
            departures: Mutex::default(),
            ticks: Mutex::default(),
            keeper: Notify::new(),
            grace,
            rate,
        })
    }

    /// A room.
    #[must_use]
    pub fn room(&self, room: &RoomId) -> Option<Arc<Room>> {
        self.rooms
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(room)
            .cloned()
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
    pub fn open(&self, room: RoomId) {
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms
            .entry(room.clone())
            .or_insert_with(|| Room::new(room, Position::START));
    }

    /// Appends what was said to the rooms' lanes, then rings every shard once.
    pub fn publish(&self, messages: Vec<Message>) {
        let mut heard: Vec<RoomId> = Vec::new();
        for message in messages {
            let id = message.room.clone();
            let Some(room) = self.room(&id) else { continue };
            room.append(message.n, |count| {
                Frame::of(&ServerFrame::ReceiveMessage(Said { message, count }))
            });
            if !heard.contains(&id) {
                heard.push(id);
            }
        }
        for shard in &self.shards {
            shard.ring(&heard);
        }
    }

    /// Takes a seat for a connection in the rooms that exist of those named. Somebody who proved who
    /// they are sits down beside their other connections; who merely claims it is refused if the
    /// place is taken. A name that looks like somebody else's gets a number.
    pub fn enter(
        self: &Arc<Self>,
        identity: &Identity,
        mut user: ChatUser,
        rooms: &[RoomId],
        bell: Arc<Bell>,
    ) -> Result<Seat, Code> {
        let rooms: Vec<Arc<Room>> = rooms.iter().filter_map(|room| self.room(room)).collect();
        let allowance = {
            let mut people = self.people();
            let People { here, names } = &mut *people;
            if !identity.proved && here.contains_key(&identity.chat_id) {
                return Err(Code::ChatIdTaken);
            }
            // Once for this connection, and once for the roster.
            user.name = names.take(&identity.chat_id, &user.name);
            names.hold(&identity.chat_id, &user.name);
            if let Some(before) = here.get(&identity.chat_id) {
                names.release(&before.name);
            }
            let person = here.entry(identity.chat_id.clone()).or_insert_with(|| Person {
                name: user.name.clone(),
                connections: 0,
                departed: 0,
                rooms: Vec::new(),
                allowance: Arc::new(allowance(self.rate)),
            });
            person.name = user.name.clone();
            person.connections += 1;
            for room in &rooms {
                if !person.rooms.iter().any(|it| it.id() == room.id()) {
                    person.rooms.push(room.clone());
                }
                // Under the same lock as the table of people, so that no departure comes between.
                self.announce(room, |presence| presence.join(&user));
            }
            person.allowance.clone()
        };
        let shard = &self.shards[self.next_shard.fetch_add(1, Ordering::Relaxed) % self.shards.len()];
        shard.seat(&rooms, &bell);
        Ok(Seat {
            hub: self.clone(),
            shard: shard.clone(),
            bell,
            user,
            rooms,
            allowance,
        })
    }

    fn depart(&self, user: &ChatUser) {
        let mut people = self.people();
        people.names.release(&user.name);
        let Some(known) = people.here.get_mut(&user.chat_id) else {
            return;
        };
        known.connections -= 1;
        if known.connections == 0 {
            known.departed += 1;
            let departure = Departure {
                at: Instant::now() + self.grace,
                person: user.chat_id.clone(),
                departed: known.departed,
            };
            self.departures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_back(departure);
            self.keeper.notify_one();
        }
    }

    /// Changes who is in a room, and lets its connections know now or at the next tick.
    fn announce(&self, room: &Arc<Room>, change: impl FnOnce(&mut presence::Presence) -> Announced) {
        match room.presence(change) {
            Announced::Nothing => {}
            Announced::Now => {
                for shard in &self.shards {
                    shard.ring(std::slice::from_ref(room.id()));
                }
            }
            Announced::AtTick => {
                let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
                ticks.push_back((Instant::now() + TICK, room.clone()));
                self.keeper.notify_one();
            }
        }
    }

    fn people(&self) -> MutexGuard<'_, People> {
        self.people.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.shard.leave(&self.rooms, &self.bell);
        self.hub.depart(&self.user);
    }
}
