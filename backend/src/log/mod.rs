//! The log: puts entries in one order, makes them durable, and only then publishes them.
//!
//! Owns the one connection that writes. The entries that are submitted while the disk syncs form the next transaction: group
//! commit without a timer. The log has no access to connections; the caller of [`Log::start`] passes the function that
//! publishes.

mod checkpoint;
#[cfg(test)]
mod pinned;
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

/// The number of entries that may wait for the disk. Above it, submitters wait too.
const QUEUE: usize = 4096;
/// The maximum number of entries in one transaction.
const BATCH: usize = 1024;
/// KiB of guests' entries among them, rounded up for each entry. A member's entry waits behind at most so much of theirs: a few
/// milliseconds of the disk's time. All of it fits into a room's lane, so that no connection falls behind by one transaction.
const GUESTS: usize = 256;

struct Submission {
    entry: Entry,
    /// The claims that are bound if the entry is applied.
    holds: Vec<Hold>,
    answer: oneshot::Sender<Result<Applied, ErrorCode>>,
    /// A guest's share of the queue, released when the entry is settled.
    _place: Option<OwnedSemaphorePermit>,
}

/// Returns whether a user is a guest.
pub type IsGuest = dyn Fn(&ChatId) -> bool + Send + Sync;

/// The handle to which entries are submitted.
#[derive(Clone)]
pub struct Log {
    queue: mpsc::Sender<Submission>,
    guests: Arc<Semaphore>,
    is_guest: Arc<IsGuest>,
}

/// The writing thread. It ends when the last [`Log`] is gone and everything submitted is settled.
pub struct Writer(JoinHandle<()>);

impl Log {
    /// Starts the writing thread. `publish` receives the applied entries' events batch by batch, in order, after they are
    /// durable. Entries of users for whom `is_guest` is true have a limited share of the queue.
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

    /// Submits an entry; the answer arrives when it is durable or refused. Entries of one caller keep their order if the caller
    /// submits them in order, without waiting for the answers.
    pub async fn submit(&self, entry: Entry) -> oneshot::Receiver<Result<Applied, ErrorCode>> {
        self.submit_holding(entry, Vec::new()).await
    }

    /// Submits an entry that binds these claims if it is applied, see [`Log::submit`].
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
        // If the writer has ended, the dropped answer shows it.
        if let Err(TrySendError::Full(submission)) = self.queue.try_send(submission) {
            // Boxed: each connection reserves memory for whatever it may await, and this is rare.
            let _ = Box::pin(self.queue.send(submission)).await;
        }
        answered
    }

    /// Returns the number of entries that wait for the disk.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.queue.max_capacity() - self.queue.capacity()
    }

    /// Returns whether the log still accepts entries.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }
}

/// Returns an entry's size in KiB, rounded up. All parts except a message's text are short.
fn size(entry: &Entry) -> u32 {
    let words = match &entry.command {
        Command::PostMessage(say) => say.text.as_str().len(),
        _ => 0,
    };
    1 + u32::try_from(words / 1024).unwrap_or_default()
}

impl Writer {
    /// Waits until the writing thread has ended.
    pub fn join(self) {
        if self.0.join().is_err() {
            tracing::error!("the log's thread panicked");
        }
    }
}
