//! A share of this server's connections. Whoever publishes rings a shard once; the shard's own task
//! wakes the connections, in parallel with the other shards.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use snug_shared::ids::RoomId;
use tokio::sync::Notify;

use super::Room;

/// Wakes one connection. A ring that comes while it is awake is kept for later.
#[derive(Debug, Default)]
pub struct Bell(Notify);

impl Bell {
    /// Rings.
    pub fn ring(&self) {
        self.0.notify_one();
    }

    /// Waits for a ring.
    pub async fn rung(&self) {
        self.0.notified().await;
    }
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
