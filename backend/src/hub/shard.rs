//! A share of this server's connections. Whoever publishes rings a shard once; the shard's own task
//! writes to the connections, in parallel with the other shards, and wakes only those that have more to do.
//!
//! Guests have shards of their own. While a member is online, these rest after each round, so that a crowd of guests gets much in
//! few writes and leaves the processors to members.

use std::{
    collections::{HashMap, HashSet},
    num::NonZeroUsize,
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
    thread::available_parallelism,
    time::{Duration, Instant},
};

use snug_shared::{code::Close, ids::RoomId};
use tokio::{sync::Notify, task::yield_now, time::sleep};

use super::{News, Room};

/// Connections that a shard writes to before others on its thread have their turn.
const AT_A_TIME: u32 = 64;
/// How long a guests' shard rests for each connection that it has told something, and at most.
const REST: Duration = Duration::from_micros(400);
const LONGEST_REST: Duration = Duration::from_millis(100);

/// The writing half of a connection.
pub trait Listener: Send {
    /// Writes what is new in a room, if that is all there is to do and the client takes it at once, and if the connection
    /// has not `ended` by the time it was read. Otherwise the connection has to be woken.
    fn hear(&mut self, room: &RoomId, news: &mut News, ended: &dyn Fn() -> bool) -> bool;
}

/// Somebody for whom no shard writes: they are woken.
impl Listener for () {
    fn hear(&mut self, _: &RoomId, _: &mut News, _: &dyn Fn() -> bool) -> bool {
        false
    }
}

/// Wakes one connection, or writes for it. A ring that comes while it is awake is kept for later.
pub struct Bell<L: Listener + ?Sized = dyn Listener> {
    ring: Notify,
    /// Since when the connection is awake, in [`ticks`]; 0 while it has all that there is.
    awake: AtomicU64,
    /// The code to close the connection with; 0 as long as it may stay.
    ended: AtomicU16,
    /// Locked while the connection itself writes. In the same piece of memory, because a shard goes through thousands.
    listener: tokio::sync::Mutex<L>,
}

impl<L: Listener> Bell<L> {
    /// Of a connection that writes so.
    pub fn new(listener: L) -> Self {
        Self {
            ring: Notify::new(),
            awake: AtomicU64::new(0),
            ended: AtomicU16::new(0),
            listener: tokio::sync::Mutex::new(listener),
        }
    }

    /// The writing half, as soon as no shard writes for it.
    pub async fn listener(&self) -> tokio::sync::MutexGuard<'_, L> {
        self.listener.lock().await
    }
}

impl<L: Listener + ?Sized> Bell<L> {
    /// The connection ends, whatever there may be for it.
    pub fn end(&self, close: Close) {
        self.ended.store(close.into(), Ordering::Release);
        self.ring();
    }

    /// With which code it ends, if it does.
    #[must_use]
    pub fn ended(&self) -> Option<u16> {
        Some(self.ended.load(Ordering::Acquire)).filter(|code| *code > 0)
    }

    /// Rings.
    pub fn ring(&self) {
        self.ring.notify_one();
    }

    /// Something is new in a room.
    fn tell(&self, room: &RoomId, news: &mut News) {
        let listener = self.listener.try_lock().ok();
        let ended = || self.ended().is_some();
        if !listener.is_some_and(|mut it| it.hear(room, news, &ended)) {
            self.ring();
        }
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.ring.notified().await;
    }

    /// The connection begins to take what there is.
    pub fn awake(&self) {
        // Who is rung again before it has all is as late as it was.
        let _ = self
            .awake
            .compare_exchange(0, ticks(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// The connection has all that there was.
    pub fn asleep(&self) {
        self.awake.store(0, Ordering::Relaxed);
    }
}

/// Milliseconds since the first call, from 1.
fn ticks() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    1 + FIRST.elapsed().as_millis() as u64
}

/// All shards of a server, as many of each kind as it has processors.
pub struct Shards {
    members: Vec<Arc<Shard>>,
    guests: Vec<Arc<Shard>>,
    next: AtomicUsize,
    members_online: Arc<AtomicUsize>,
}

impl Default for Shards {
    fn default() -> Self {
        let count = available_parallelism().map_or(1, NonZeroUsize::get);
        let some = || (0..count).map(|_| Arc::default()).collect();
        Self {
            members: some(),
            guests: some(),
            next: AtomicUsize::new(0),
            members_online: Arc::default(),
        }
    }
}

impl Shards {
    /// The shard of one more connection.
    pub fn place(&self, is_guest: bool) -> Place {
        let shards = if is_guest { &self.guests } else { &self.members };
        let shard = shards[self.next.fetch_add(1, Ordering::Relaxed) % shards.len()].clone();
        let members = (!is_guest).then(|| self.members_online.clone());
        if let Some(members) = &members {
            members.fetch_add(1, Ordering::Relaxed);
        }
        Place { shard, members }
    }

    /// All of them, members' first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Shard>> {
        self.members.iter().chain(&self.guests)
    }

    /// What each shard does for ever.
    pub fn tasks(&self) -> impl Iterator<Item = impl Future<Output = ()> + Send + 'static> {
        let members = self.members.iter().map(|shard| (shard.clone(), None));
        let guests = self
            .guests
            .iter()
            .map(|shard| (shard.clone(), Some(self.members_online.clone())));
        members
            .chain(guests)
            .map(|(shard, rests_for)| async move { shard.run(rests_for.as_deref()).await })
    }
}

/// A connection's shard. A member is online until this is dropped.
pub struct Place {
    shard: Arc<Shard>,
    members: Option<Arc<AtomicUsize>>,
}

impl std::ops::Deref for Place {
    type Target = Shard;

    fn deref(&self) -> &Shard {
        &self.shard
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(members) = &self.members {
            members.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[derive(Default)]
pub struct Shard {
    rung: Notify,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Copied when it changes while it is rung.
    bells: HashMap<RoomId, Arc<Vec<Arc<Bell>>>>,
    heard: HashSet<RoomId>,
}

impl Shard {
    pub fn seat(&self, rooms: &[Arc<Room>], bell: &Arc<Bell>) {
        let mut inner = self.inner();
        for room in rooms {
            let bells = inner.bells.entry(room.id().clone()).or_default();
            Arc::make_mut(bells).push(bell.clone());
        }
    }

    pub fn leave(&self, rooms: &[Arc<Room>], bell: &Arc<Bell>) {
        let mut inner = self.inner();
        for room in rooms {
            if let Some(bells) = inner.bells.get_mut(room.id())
                && let Some(index) = bells.iter().position(|it| Arc::ptr_eq(it, bell))
            {
                Arc::make_mut(bells).swap_remove(index);
            }
        }
    }

    /// A room is no more.
    pub fn forget(&self, room: &RoomId) {
        let mut inner = self.inner();
        inner.bells.remove(room);
        inner.heard.remove(room);
    }

    /// Something happened in these rooms.
    pub fn ring(&self, rooms: &[RoomId]) {
        let mut inner = self.inner();
        for room in rooms {
            if inner.bells.contains_key(room) && !inner.heard.contains(room) {
                inner.heard.insert(room.clone());
            }
        }
        if !inner.heard.is_empty() {
            self.rung.notify_one();
        }
    }

    /// How long the slowest connection has been awake, if one is.
    pub fn slowest_lag(&self) -> Option<Duration> {
        let inner = self.inner();
        let awake = inner.bells.values().flat_map(|it| it.iter());
        let since = awake.map(|bell| bell.awake.load(Ordering::Relaxed));
        let oldest = since.filter(|since| *since > 0).min()?;
        Some(Duration::from_millis(ticks().saturating_sub(oldest)))
    }

    /// Writes to connections and wakes them, for ever. Rests while any of those is online for whom it does.
    async fn run(&self, rests_for: Option<&AtomicUsize>) {
        loop {
            self.rung.notified().await;
            let mut told = 0_u32;
            let heard = std::mem::take(&mut self.inner().heard);
            for room in heard {
                // Not locked meanwhile: it takes as long as the system needs for so many writes.
                let bells = self.inner().bells.get(&room).cloned();
                let mut news = News::default();
                for bell in bells.iter().flat_map(|it| it.iter()) {
                    bell.tell(&room, &mut news);
                    told += 1;
                    if told.is_multiple_of(AT_A_TIME) {
                        yield_now().await;
                    }
                }
            }
            if told > 0 && rests_for.is_some_and(|it| it.load(Ordering::Relaxed) > 0) {
                sleep((REST * told).min(LONGEST_REST)).await;
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use snug_shared::{rooms::RoomInfo, text::RoomName};

    use super::*;

    /// How long it takes until one of a thousand guests is told what comes right after something else, if it is not told at once.
    async fn second_news_takes(shards: &Shards) -> Option<Duration> {
        let lobby = RoomInfo::open(RoomId::lobby(), RoomName::lobby());
        let (room, place) = (Room::new(lobby), shards.place(true));
        let bells: Vec<Arc<Bell>> = (0..1_000).map(|_| Arc::new(Bell::new(())) as Arc<Bell>).collect();
        for bell in &bells {
            place.seat(std::slice::from_ref(&room), bell);
        }
        let mut run = Box::pin(place.shard.run(Some(&shards.members_online))).fuse();
        let mut told = async |wait: bool| {
            place.ring(std::slice::from_ref(room.id()));
            let mut last = Box::pin(bells[999].rung()).fuse();
            // More often than the shard yields.
            for _ in 0..100 {
                assert!((&mut run).now_or_never().is_none(), "it runs for ever");
                if (&mut last).now_or_never().is_some() {
                    return true;
                }
            }
            if wait {
                futures_util::select! { () = run => {}, () = last => {} }
            }
            false
        };
        assert!(told(false).await, "the first is told at once");
        let begun = Instant::now();
        (!told(true).await).then(|| begun.elapsed())
    }

    #[tokio::test]
    async fn guests_hear_in_rounds_while_a_member_is_online() {
        let shards = Shards::default();
        assert_eq!(second_news_takes(&shards).await, None);
        let member = shards.place(false);
        let rest = second_news_takes(&shards).await.expect("it rests");
        assert!(rest >= LONGEST_REST / 2, "{rest:?}");
        drop(member);
        assert_eq!(second_news_takes(&shards).await, None);
    }
}
