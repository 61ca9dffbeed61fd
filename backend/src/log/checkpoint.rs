//! Checkpoints: SQLite copies the pages of its write-ahead log into the database (<https://www.sqlite.org/wal.html>).
//!
//! By default SQLite does this in the commit that makes the log long enough: that commit waits until megabytes are written and
//! synced. Here a thread of its own copies the pages while entries are written. The commit after that copies the few pages that were
//! added meanwhile; then SQLite writes the log from its front again.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, SyncSender, TryRecvError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, hooks::Wal, wal::CheckpointMode};
use tokio::{runtime, sync::mpsc as queue, time::timeout_at};

use super::{BATCH, Submission};
use crate::store::folder::{Folder, truncate_log};

/// The least time between two truncations of the log after deletions. Each takes syncs of the disk, and all entries wait for
/// them.
const PAUSE: Duration = Duration::from_secs(5);
/// The time until a truncation is tried again after it found a reader in the log, and after the disk failed.
const BUSY_AGAIN: Duration = Duration::from_millis(250);
const FAILED_AGAIN: Duration = Duration::from_secs(10);

/// The checkpoints of the connection that writes.
pub(super) struct Checkpoints {
    thread: JoinHandle<()>,
    /// The time of the last truncation after a deletion, and the time at which the next one is due.
    emptied: Option<Instant>,
    due: Option<Instant>,
    /// The timer for `due`, created when it is first needed.
    timer: Option<runtime::Runtime>,
}

impl Checkpoints {
    /// Starts the thread, and takes checkpoints over from SQLite.
    pub(super) fn begin(folder: &mut Folder) -> Self {
        let (copier, thread) = Copier::start(folder.database().to_owned());
        let page = (folder.connection).pragma_query_value(None, "page_size", |row| row.get::<_, u64>(0));
        let pages = folder.log_share / page.expect("every database has one");
        let most = i32::try_from(pages).unwrap_or(i32::MAX).max(1);
        let mut by_pages = ByPages {
            most,
            from: most,
            before: 0,
            copier,
            is_copying: false,
        };
        let taken_over = folder.connection.wal_hook(Some(move |wal: &mut Wal, pages| {
            by_pages.committed(wal, pages);
            Ok(())
        }));
        taken_over.expect("SQLite takes a hook");
        let due = (!folder.log_is_empty).then(|| Instant::now() + BUSY_AGAIN);
        Self {
            thread,
            emptied: None,
            due,
            timer: None,
        }
    }

    /// Truncates the log, since it may contain deleted text: at once, or when the pause since the last time is over. It does
    /// not wait for a reader whose transaction includes that text: all writers would wait too.
    pub(super) fn empty_soon(&mut self, connection: &Connection) {
        match self.emptied.map(|it| it + PAUSE) {
            Some(next) if Instant::now() < next => {
                self.due.get_or_insert(next);
            }
            _ => self.empty(connection),
        }
    }

    fn empty(&mut self, connection: &Connection) {
        let again = match truncate_log(connection) {
            Ok(true) => None,
            Ok(false) => Some(BUSY_AGAIN),
            Err(error) => {
                note(&error);
                Some(FAILED_AGAIN)
            }
        };
        let now = Instant::now();
        self.emptied = Some(now);
        self.due = again.map(|it| now + it);
    }

    /// Waits for submissions, and truncates the log when that is due meanwhile. Returns false when no submission can come any
    /// more.
    pub(super) fn receive(
        &mut self,
        connection: &Connection,
        submissions: &mut queue::Receiver<Submission>,
        batch: &mut Vec<Submission>,
    ) -> bool {
        while let Some(due) = self.due {
            let timer = self.timer.get_or_insert_with(|| {
                let timer = runtime::Builder::new_current_thread().enable_time().build();
                timer.expect("a timer needs nothing of the system")
            });
            let wait = async { timeout_at(due.into(), submissions.recv_many(batch, BATCH)).await };
            let received = timer.block_on(wait);
            // Checked here too, since submissions may never cease.
            if Instant::now() >= due {
                self.empty(connection);
            }
            if let Ok(count) = received {
                return count > 0;
            }
        }
        submissions.blocking_recv_many(batch, BATCH) > 0
    }

    /// Ends the thread, and truncates the log for the last time.
    pub(super) fn end(self, connection: &mut Connection) {
        let handed_back = connection.wal_hook(None::<fn(&mut Wal, i32) -> rusqlite::Result<()>>);
        handed_back.expect("SQLite takes a hook");
        if self.thread.join().is_err() {
            tracing::error!("the checkpoint thread panicked");
        }
        if let Err(error) = truncate_log(connection) {
            note(&error);
        }
    }
}

/// Copies the log when it has become long.
struct ByPages {
    /// The length of the log, in pages, from which it is copied.
    most: i32,
    /// The length, in pages, from which a copy is tried next. While a reader still needs the oldest pages, the log cannot
    /// restart from its front, and this is more than [`most`](Self::most).
    from: i32,
    /// The length at the last commit, in pages.
    before: i32,
    copier: Copier,
    is_copying: bool,
}

impl ByPages {
    /// Called by SQLite after each commit, with the number of pages in the log.
    fn committed(&mut self, wal: &mut Wal, pages: i32) {
        if pages < self.before {
            self.from = self.most;
        }
        self.before = pages;
        if pages < self.from && !self.is_copying {
            return;
        }
        if !self.is_copying && self.copier.begin() {
            self.is_copying = true;
            return;
        }
        // The disk copies more slowly than entries are written: this commit waits for it, so that the log does not grow for ever.
        if self.is_copying && !self.copier.has_ended(pages >= self.from + self.most) {
            return;
        }
        self.is_copying = false;
        if pages < self.from {
            return;
        }
        self.from = match wal.checkpoint_v2(CheckpointMode::PASSIVE) {
            Ok((all, copied)) if all == copied => self.most,
            Ok(_) => pages + self.most / 8,
            Err(error) => {
                note(&error);
                pages + self.most / 8
            }
        };
    }
}

/// The handle of the thread that copies.
struct Copier {
    begin: SyncSender<()>,
    ended: Receiver<()>,
}

impl Copier {
    fn start(database: PathBuf) -> (Self, JoinHandle<()>) {
        let (begin, begun) = mpsc::sync_channel(1);
        let (end, ended) = mpsc::sync_channel(1);
        let work = move || {
            let mut connection = None;
            for () in begun {
                if let Err(error) = copy(&database, &mut connection) {
                    note(&error);
                }
                if end.send(()).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("checkpoint".to_owned()).spawn(work);
        let thread = thread.expect("the system has a thread to spare");
        (Self { begin, ended }, thread)
    }

    /// Starts a copy. Returns false if the thread has ended.
    fn begin(&self) -> bool {
        self.begin.try_send(()).is_ok()
    }

    fn has_ended(&self, wait: bool) -> bool {
        if wait {
            // This also returns if the thread has ended.
            let _ = self.ended.recv();
            return true;
        }
        self.ended.try_recv() != Err(TryRecvError::Empty)
    }
}

/// Copies the log into the database. Returns the number of pages in the log, and of those that are copied now.
fn copy(database: &Path, kept: &mut Option<Connection>) -> rusqlite::Result<(i32, i32)> {
    let connection = match kept.take() {
        Some(connection) => connection,
        None => {
            let new = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
            // A connection that has read nothing yet has not opened the log, and would copy nothing.
            new.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            new
        }
    };
    let pages = connection.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE)?;
    // Only reached without an error: a connection that failed is not used again.
    *kept = Some(connection);
    Ok(pages)
}

fn note(error: &rusqlite::Error) {
    // A busy database is no error: the log is being truncated at the moment.
    if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) {
        tracing::warn!(%error, "the write-ahead log was not copied into the database");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::store::folder::WAL;

    /// The number of pages from which the log of the test folder is copied.
    const MOST: i32 = 64;
    const PAGE: u64 = 4096;

    struct Written {
        dir: tempfile::TempDir,
        folder: Folder,
        checkpoints: Checkpoints,
    }

    impl Written {
        fn new() -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let mut folder = Folder::open(dir.path()).expect("a new one");
            folder.log_share = MOST as u64 * PAGE;
            let checkpoints = Checkpoints::begin(&mut folder);
            let new = folder
                .connection
                .execute_batch("CREATE TABLE filler (bytes BLOB)");
            new.expect("a table");
            Self {
                dir,
                folder,
                checkpoints,
            }
        }

        /// Commits `times` times, some four pages each.
        fn commit(&self, times: u32) {
            for _ in 0..times {
                let write = self
                    .folder
                    .connection
                    .execute("INSERT INTO filler VALUES (zeroblob(9000))", []);
                write.expect("written");
            }
        }

        fn log_pages(&self) -> u64 {
            let file = fs::metadata(self.dir.path().join(WAL));
            file.map_or(0, |it| it.len() / PAGE)
        }
    }

    #[test]
    fn the_log_begins_anew_however_much_is_written() {
        let written = Written::new();
        written.commit(1_000);
        let pages = written.log_pages();
        assert!(pages < 3 * MOST as u64, "{pages}");
    }

    #[test]
    fn a_connection_of_its_own_copies_all_that_is_committed() {
        let written = Written::new();
        written.commit(5);
        let mut kept = None;
        for _ in 0..2 {
            let (all, copied) = copy(written.folder.database(), &mut kept).expect("copied");
            assert!(all > 0 && copied == all, "{copied} of {all}");
            assert!(kept.is_some());
            written.commit(1);
        }
    }

    #[test]
    fn a_reader_keeps_the_log_and_nobody_waits_for_it() {
        let written = Written::new();
        let reader = Connection::open(written.folder.database()).expect("a reader");
        reader
            .execute_batch("BEGIN; SELECT count(*) FROM filler")
            .expect("it reads");
        written.commit(200);
        let pages = written.log_pages();
        assert!(pages > 400, "{pages}");
        reader.execute_batch("COMMIT").expect("it has read");
        written.commit(200);
        assert!(written.log_pages() < pages + 2 * MOST as u64, "it began anew");
    }

    #[test]
    fn at_its_end_nothing_is_left_in_the_log() {
        let mut written = Written::new();
        written.commit(10);
        written.checkpoints.end(&mut written.folder.connection);
        let log = fs::metadata(written.dir.path().join(WAL)).expect("a log");
        assert_eq!(log.len(), 0);
    }

    #[test]
    fn it_is_emptied_once_in_a_while_however_much_is_deleted() {
        let mut written = Written::new();
        written.commit(1);
        written.checkpoints.empty_soon(&written.folder.connection);
        assert_eq!(written.log_pages(), 0);
        written.commit(1);
        written.checkpoints.empty_soon(&written.folder.connection);
        assert!(written.log_pages() > 0 && written.checkpoints.due.is_some());
    }
}
