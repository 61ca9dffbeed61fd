//! A share of this server's connections. Publishing notifies a shard once; the shard's own task writes to the connections, in
//! parallel with the other shards, and wakes only those that have more to do.
//!
//! Guests have shards of their own. While a member is online, these rest after each round, so that many guests receive much in
//! few writes and the processors stay free for members.

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

use snug_shared::{error_code::Close, ids::RoomId};
use tokio::{sync::Notify, task::yield_now, time::sleep};

use super::{Room, SharedBatch};

/// Connections that a shard writes to before it yields to other tasks on its thread.
const AT_A_TIME: u32 = 64;
/// The time for which a guests' shard rests for each connection that it has written to, and the longest rest.
const REST: Duration = Duration::from_micros(400);
const LONGEST_REST: Duration = Duration::from_millis(100);

/// The writing half of a connection.
pub trait FrameSink: Send {
    /// Tries to write a room's new frames. Returns false if the connection has to be woken: it has other work, the client does
    /// not take the frames at once, or the connection has `ended` by the time they were read.
    fn try_write(&mut self, room: &RoomId, batch: &mut SharedBatch, ended: &dyn Fn() -> bool) -> bool;
}

/// A connection that shards do not write to: it is always woken.
impl FrameSink for () {
    fn try_write(&mut self, _: &RoomId, _: &mut SharedBatch, _: &dyn Fn() -> bool) -> bool {
        false
    }
}

/// The hub's handle of one connection: wakes it, or writes for it. A notification that arrives while the connection is busy is
/// not lost.
pub struct ConnectionHandle<L: FrameSink + ?Sized = dyn FrameSink> {
    wake: Notify,
    /// The time since which the connection has frames to write, in [`ticks`]; 0 while it has none.
    busy_since: AtomicU64,
    /// The code to close the connection with; 0 while it may stay.
    ended: AtomicU16,
    /// Locked while the connection itself writes. In the same allocation, because a shard goes through thousands of handles.
    sink: tokio::sync::Mutex<L>,
}

impl<L: FrameSink> ConnectionHandle<L> {
    /// Creates the handle of a connection that writes with `sink`.
    pub fn new(sink: L) -> Self {
        Self {
            wake: Notify::new(),
            busy_since: AtomicU64::new(0),
            ended: AtomicU16::new(0),
            sink: tokio::sync::Mutex::new(sink),
        }
    }

    /// Locks the writing half, as soon as no shard writes with it.
    pub async fn sink(&self) -> tokio::sync::MutexGuard<'_, L> {
        self.sink.lock().await
    }
}

impl<L: FrameSink + ?Sized> ConnectionHandle<L> {
    /// Ends the connection with a close code, whether or not it has frames to write.
    pub fn end(&self, close: Close) {
        self.ended.store(close.into(), Ordering::Release);
        self.notify();
    }

    /// Returns the close code if the connection is to end.
    #[must_use]
    pub fn ended(&self) -> Option<u16> {
        Some(self.ended.load(Ordering::Acquire)).filter(|code| *code > 0)
    }

    /// Wakes the connection.
    pub fn notify(&self) {
        self.wake.notify_one();
    }

    /// Writes a room's new frames, or wakes the connection.
    fn deliver(&self, room: &RoomId, batch: &mut SharedBatch) {
        let sink = self.sink.try_lock().ok();
        let ended = || self.ended().is_some();
        if !sink.is_some_and(|mut it| it.try_write(room, batch, &ended)) {
            self.notify();
        }
    }

    /// Waits for a notification.
    pub async fn notified(&self) {
        self.wake.notified().await;
    }

    /// Marks the connection as busy: it has frames to write.
    pub fn mark_busy(&self) {
        // A connection that is notified again before it has written everything stays busy since the first notification.
        let _ = self
            .busy_since
            .compare_exchange(0, ticks(), Ordering::Relaxed, Ordering::Relaxed);
    }

    /// Marks the connection as idle: it has written everything.
    pub fn mark_idle(&self) {
        self.busy_since.store(0, Ordering::Relaxed);
    }
}

/// Returns the milliseconds since the first call, starting at 1.
fn ticks() -> u64 {
    static FIRST: LazyLock<Instant> = LazyLock::new(Instant::now);
    1 + FIRST.elapsed().as_millis() as u64
}

/// All shards of a server, as many of each kind as the server has processors.
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
    /// Assigns one more connection to a shard.
    pub fn assign(&self, is_guest: bool) -> ShardSlot {
        let shards = if is_guest { &self.guests } else { &self.members };
        let shard = shards[self.next.fetch_add(1, Ordering::Relaxed) % shards.len()].clone();
        let members = (!is_guest).then(|| self.members_online.clone());
        if let Some(members) = &members {
            members.fetch_add(1, Ordering::Relaxed);
        }
        ShardSlot { shard, members }
    }

    /// Returns all shards, those of members first.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Shard>> {
        self.members.iter().chain(&self.guests)
    }

    /// Returns the task of each shard, which runs for ever.
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

/// A connection's assignment to a shard. A member counts as online until it is dropped.
pub struct ShardSlot {
    shard: Arc<Shard>,
    members: Option<Arc<AtomicUsize>>,
}

impl std::ops::Deref for ShardSlot {
    type Target = Shard;

    fn deref(&self) -> &Shard {
        &self.shard
    }
}

impl Drop for ShardSlot {
    fn drop(&mut self) {
        if let Some(members) = &self.members {
            members.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

#[derive(Default)]
pub struct Shard {
    wake: Notify,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Copied on change while the shard writes.
    handles: HashMap<RoomId, Arc<Vec<Arc<ConnectionHandle>>>>,
    changed: HashSet<RoomId>,
}

impl Shard {
    pub fn subscribe(&self, rooms: &[Arc<Room>], handle: &Arc<ConnectionHandle>) {
        let mut inner = self.inner();
        for room in rooms {
            let handles = inner.handles.entry(room.id().clone()).or_default();
            Arc::make_mut(handles).push(handle.clone());
        }
    }

    pub fn unsubscribe(&self, rooms: &[Arc<Room>], handle: &Arc<ConnectionHandle>) {
        let mut inner = self.inner();
        for room in rooms {
            if let Some(handles) = inner.handles.get_mut(room.id())
                && let Some(index) = handles.iter().position(|it| Arc::ptr_eq(it, handle))
            {
                Arc::make_mut(handles).swap_remove(index);
            }
        }
    }

    /// Forgets a deleted room.
    pub fn forget(&self, room: &RoomId) {
        let mut inner = self.inner();
        inner.handles.remove(room);
        inner.changed.remove(room);
    }

    /// Notifies the shard of rooms with new frames.
    pub fn notify(&self, rooms: &[RoomId]) {
        let mut inner = self.inner();
        for room in rooms {
            if inner.handles.contains_key(room) && !inner.changed.contains(room) {
                inner.changed.insert(room.clone());
            }
        }
        if !inner.changed.is_empty() {
            self.wake.notify_one();
        }
    }

    /// Returns how long the slowest connection has been busy, if one is.
    pub fn slowest_lag(&self) -> Option<Duration> {
        let inner = self.inner();
        let handles = inner.handles.values().flat_map(|it| it.iter());
        let since = handles.map(|handle| handle.busy_since.load(Ordering::Relaxed));
        let oldest = since.filter(|since| *since > 0).min()?;
        Some(Duration::from_millis(ticks().saturating_sub(oldest)))
    }

    /// Writes to connections and wakes them, for ever. Rests while any user is online whom `rests_for` counts.
    async fn run(&self, rests_for: Option<&AtomicUsize>) {
        loop {
            self.wake.notified().await;
            let mut delivered = 0_u32;
            let changed = std::mem::take(&mut self.inner().changed);
            for room in changed {
                // Not locked during the writes: they take as long as the system needs.
                let handles = self.inner().handles.get(&room).cloned();
                let mut batch = SharedBatch::default();
                for handle in handles.iter().flat_map(|it| it.iter()) {
                    handle.deliver(&room, &mut batch);
                    delivered += 1;
                    if delivered.is_multiple_of(AT_A_TIME) {
                        yield_now().await;
                    }
                }
            }
            if delivered > 0 && rests_for.is_some_and(|it| it.load(Ordering::Relaxed) > 0) {
                sleep((REST * delivered).min(LONGEST_REST)).await;
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

    /// Measures how long the second delivery to one of a thousand guests takes; `None` if it is made at once.
    async fn second_delivery_takes(shards: &Shards) -> Option<Duration> {
        let lobby = RoomInfo::open(RoomId::lobby(), RoomName::lobby());
        let (room, slot) = (Room::new(lobby), shards.assign(true));
        let handles: Vec<Arc<ConnectionHandle>> = (0..1_000)
            .map(|_| Arc::new(ConnectionHandle::new(())) as Arc<ConnectionHandle>)
            .collect();
        for handle in &handles {
            slot.subscribe(std::slice::from_ref(&room), handle);
        }
        let mut run = Box::pin(slot.shard.run(Some(&shards.members_online))).fuse();
        let mut deliver = async |wait: bool| {
            slot.notify(std::slice::from_ref(room.id()));
            let mut last = Box::pin(handles[999].notified()).fuse();
            // More rounds than the shard needs before it yields.
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
        assert!(deliver(false).await, "the first is delivered at once");
        let begun = Instant::now();
        (!deliver(true).await).then(|| begun.elapsed())
    }

    #[tokio::test]
    async fn guests_hear_in_rounds_while_a_member_is_online() {
        let shards = Shards::default();
        assert_eq!(second_delivery_takes(&shards).await, None);
        let member = shards.assign(false);
        let rest = second_delivery_takes(&shards).await.expect("it rests");
        assert!(rest >= LONGEST_REST / 2, "{rest:?}");
        drop(member);
        assert_eq!(second_delivery_takes(&shards).await, None);
    }
}
