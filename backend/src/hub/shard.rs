//! A share of this server's connections. Whoever publishes rings a shard once; the shard's own task
//! writes to the connections, in parallel with the other shards, and wakes only those that have more to do.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use snug_shared::{code::Close, ids::RoomId};
use tokio::{sync::Notify, task::yield_now};

use super::{News, Room};

/// Connections that a shard writes to before others on its thread have their turn.
const AT_A_TIME: usize = 64;

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

    /// Writes to connections and wakes them, for ever.
    pub async fn run(&self) {
        let mut told = 0;
        loop {
            self.rung.notified().await;
            let heard = std::mem::take(&mut self.inner().heard);
            for room in heard {
                // Not locked meanwhile: it takes as long as the system needs for so many writes.
                let bells = self.inner().bells.get(&room).cloned();
                let mut news = News::default();
                for bell in bells.iter().flat_map(|it| it.iter()) {
                    bell.tell(&room, &mut news);
                    told += 1;
                    if told % AT_A_TIME == 0 {
                        yield_now().await;
                    }
                }
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
