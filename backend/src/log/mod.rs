//! The log: puts entries in one order, makes them durable, and only then lets anybody hear of them.
//!
//! Owns the one connection that writes. What is submitted while the disk syncs is the next
//! transaction: group commit without a timer. Knows no connections; [`Log::start`] is told whom to tell.

mod checkpoint;
mod rebuild;
mod scrub;
mod writer;

use std::{
    sync::Arc,
    thread::{self, JoinHandle},
};

use snug_shared::{error_code::ErrorCode, ids::ChatId};
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    mpsc::{self, error::TrySendError},
    oneshot,
};

pub use self::{
    rebuild::{RebuildError, rebuild, tables},
    writer::commit,
};
use crate::{
    claims::Hold,
    features::{Applied, Command, Entry, Event},
    metrics::Metrics,
    store::folder::Folder,
};

/// Entries that may wait for the disk. When they are this many, who submits waits too.
const QUEUE: usize = 4096;
/// KiB of guests' entries among them, each begun one whole. A member's entry waits behind so much of theirs at most: a few
/// milliseconds of the disk's time. All of it fits into a room's lane, so that one transaction puts nobody behind.
const GUESTS: usize = 256;

struct Submission {
    entry: Entry,
    /// Claims that are bound if it happens.
    holds: Vec<Hold>,
    answer: oneshot::Sender<Result<Applied, ErrorCode>>,
    /// A guest's share of the queue, given back when the entry is settled.
    _place: Option<OwnedSemaphorePermit>,
}

/// Whether somebody is a guest.
pub type IsGuest = dyn Fn(&ChatId) -> bool + Send + Sync;

/// Takes entries.
#[derive(Clone)]
pub struct Log {
    queue: mpsc::Sender<Submission>,
    guests: Arc<Semaphore>,
    is_guest: Arc<IsGuest>,
}

/// The writing thread. It ends when the last [`Log`] is gone and everything submitted is settled.
pub struct Writer(JoinHandle<()>);

impl Log {
    /// Starts the writing thread. `publish` hears what was recorded, batch by batch, in order and after
    /// it is durable. Entries of whoever `is_guest` have a share of the queue.
    pub fn start(
        folder: Folder,
        metrics: Metrics,
        is_guest: Arc<IsGuest>,
        publish: impl Fn(Vec<Event>) + Send + 'static,
    ) -> (Self, Writer) {
        let (queue, submissions) = mpsc::channel(QUEUE);
        let thread = thread::Builder::new()
            .name("log".to_owned())
            .spawn(move || writer::run(folder, submissions, &metrics, publish))
            .expect("the system has a thread to spare");
        let guests = Arc::new(Semaphore::new(GUESTS));
        let log = Self {
            queue,
            guests,
            is_guest,
        };
        (log, Writer(thread))
    }

    /// Submits an entry; answers when it is durable or refused. Entries of one caller keep their order
    /// if it submits them in order, without waiting for the answers.
    pub async fn submit(&self, entry: Entry) -> oneshot::Receiver<Result<Applied, ErrorCode>> {
        self.submit_holding(entry, Vec::new()).await
    }

    /// The same of an entry that binds these claims if it happens.
    pub async fn submit_holding(
        &self,
        entry: Entry,
        holds: Vec<Hold>,
    ) -> oneshot::Receiver<Result<Applied, ErrorCode>> {
        let (answer, answered) = oneshot::channel();
        let _place = if (self.is_guest)(&entry.by) {
            let size = size(&entry);
            match self.guests.clone().try_acquire_many_owned(size) {
                Ok(place) => Some(place),
                Err(_) => Box::pin(self.guests.clone().acquire_many_owned(size)).await.ok(),
            }
        } else {
            None
        };
        let submission = Submission {
            entry,
            holds,
            answer,
            _place,
        };
        // If the writer is gone, the dropped answer tells.
        if let Err(TrySendError::Full(submission)) = self.queue.try_send(submission) {
            // Boxed: every connection has room for what it may wait for, and this one is rare.
            let _ = Box::pin(self.queue.send(submission)).await;
        }
        answered
    }

    /// Entries that wait for the disk.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Whether entries are still taken.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }
}

/// An entry's KiB. All but a message's words are short.
fn size(entry: &Entry) -> u32 {
    let words = match &entry.command {
        Command::Say(say) => say.text.as_str().len(),
        _ => 0,
    };
    1 + u32::try_from(words / 1024).unwrap_or_default()
}

impl Writer {
    /// Waits for the end.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the log's thread panicked");
        }
    }
}
