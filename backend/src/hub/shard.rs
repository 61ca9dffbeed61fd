//! A share of this server's connections. Whoever publishes rings a shard once; the shard's own task
//! wakes the connections, in parallel with the other shards.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, LazyLock, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use snug_shared::{code::Close, ids::RoomId};
use tokio::sync::Notify;

use super::Room;

/// Wakes one connection. A ring that comes while it is awake is kept for later.
#[derive(Debug, Default)]
pub struct Bell {
    ring: Notify,
    /// Since when the connection is awake, in [`ticks`]; 0 while it has all that there is.
    awake: AtomicU64,
    /// The code to close the connection with; 0 as long as it may stay.
    ended: AtomicU16,
}

impl Bell {
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
    bells: HashMap<RoomId, Vec<Arc<Bell>>>,
    heard: HashSet<RoomId>,
}

impl Shard {
    pub fn seat(&self, rooms: &[Arc<Room>], bell: &Arc<Bell>) {
        let mut inner = self.inner();
        for room in rooms {
            inner
                .bells
                .entry(room.id().clone())
                .or_default()
                .push(bell.clone());
        }
    }

    pub fn leave(&self, rooms: &[Arc<Room>], bell: &Arc<Bell>) {
        let mut inner = self.inner();
        for room in rooms {
            if let Some(bells) = inner.bells.get_mut(room.id())
                && let Some(index) = bells.iter().position(|it| Arc::ptr_eq(it, bell))
            {
                bells.swap_remove(index);
            }
        }
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
        let awake = inner.bells.values().flatten();
        let since = awake.map(|bell| bell.awake.load(Ordering::Relaxed));
        let oldest = since.filter(|since| *since > 0).min()?;
        Some(Duration::from_millis(ticks().saturating_sub(oldest)))
    }

    /// Wakes connections, for ever.
    pub async fn run(&self) {
        loop {
            self.rung.notified().await;
            let mut inner = self.inner();
            for room in std::mem::take(&mut inner.heard) {
                for bell in inner.bells.get(&room).into_iter().flatten() {
                    bell.ring();
                }
            }
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
