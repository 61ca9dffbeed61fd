//! A disk under one folder: records what SQLite does with its files, and has the faults that a test sets.
//! The files themselves are real.

use std::{
    ffi::c_int,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use rusqlite::ffi::{SQLITE_FULL, SQLITE_IOERR_FSYNC, SQLITE_IOERR_WRITE, SQLITE_OK};

use crate::{
    record::{Event, Record},
    shim,
};

/// Longer than any step takes.
const TIMEOUT: Duration = Duration::from_secs(30);

/// A fault of a disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Writes fail.
    Write,
    /// Half of the bytes are written, and the write fails.
    TornWrite,
    /// There is no space.
    Space,
    /// Syncs fail. Each sector that they would have covered is kept or lost, and no later sync covers it: Linux
    /// takes a page for clean once it has reported the error (fsync(2)).
    Sync,
    /// The same, but only where SQLite copies its log into the database: no request is refused.
    SyncOfDatabase,
}

pub const FAULTS_OF_WRITES: [Fault; 3] = [Fault::Write, Fault::TornWrite, Fault::Space];
pub const FAULTS: [Fault; 5] = [
    Fault::Write,
    Fault::TornWrite,
    Fault::Space,
    Fault::Sync,
    Fault::SyncOfDatabase,
];

/// A modification time that SQLite never sets. A write that bypasses SQLite's file system changes it.
const LONG_AGO: SystemTime = SystemTime::UNIX_EPOCH;
const WAL: &str = "snug.db-wal";

pub struct Disk {
    folder: PathBuf,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    record: Record,
    fault: Option<Fault>,
    /// How many operations have failed because of the fault.
    struck: usize,
    /// Syncs block.
    held: bool,
    waiting: usize,
    /// How many handles SQLite has open on its log.
    logs: usize,
}

impl Disk {
    /// A disk under a folder. Everything in the folder counts as synced.
    pub fn under(folder: &Path) -> Arc<Self> {
        let mut record = Record::default();
        for file in fs::read_dir(folder).expect("a folder") {
            let file = file.expect("an entry");
            let name = file.file_name().into_string().expect("a name of SQLite's");
            if name.starts_with("snug.db") && !name.ends_with("-shm") {
                record.kept.insert(name, fs::read(file.path()).expect("a file"));
            }
        }
        let disk = Arc::new(Self {
            folder: folder.to_owned(),
            state: Mutex::new(State {
                record,
                ..State::default()
            }),
            changed: Condvar::new(),
        });
        if let Ok(log) = disk.log() {
            log.set_modified(LONG_AGO).expect("set");
        }
        shim::put(&disk, folder);
        disk
    }

    /// All events so far.
    pub fn record(&self) -> Record {
        self.state().record.clone()
    }

    /// Records that a client has received the acknowledgement of a message.
    pub fn acknowledged(&self, key: &str, n: u64) {
        self.state()
            .record
            .events
            .push(Event::Acknowledged(key.to_owned(), n));
    }

    pub fn set_fault(&self, fault: Option<Fault>) {
        let mut state = self.state();
        (state.fault, state.struck) = (fault, 0);
    }

    /// Whether an operation has failed because of the present fault.
    pub fn has_failed(&self) -> bool {
        self.state().struck > 0
    }

    /// Blocks or releases syncs.
    pub fn hold_syncs(&self, held: bool) {
        self.state().held = held;
        self.changed.notify_all();
    }

    /// Waits until a sync is blocked.
    pub fn wait_for_blocked_sync(&self) {
        let waits = self
            .changed
            .wait_timeout_while(self.state(), TIMEOUT, |state| state.waiting == 0);
        let waits = waits.unwrap_or_else(PoisonError::into_inner);
        assert!(!waits.1.timed_out(), "no sync began");
    }

    fn log(&self) -> io::Result<File> {
        File::open(self.folder.join(WAL))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The operations that the shim forwards. Each is one step of the record, and they do not overlap.
impl Disk {
    pub fn opened(&self, name: &str) {
        let mut state = self.state();
        if name == WAL {
            state.logs += 1;
            if state.logs == 1 {
                self.record_writes_past_sqlite(&mut state.record);
            }
        }
        state.record.events.push(Event::Opened(name.to_owned()));
    }

    fn record_writes_past_sqlite(&self, record: &mut Record) {
        let mut log = self.log().expect("it was opened");
        let modified = log.metadata().and_then(|it| it.modified()).expect("a time");
        let mut bytes = Vec::new();
        log.read_to_end(&mut bytes).expect("it can be read");
        if modified != LONG_AGO && !bytes.is_empty() {
            // Whether the write was synced is not visible here: the system calls show it (`faults/sync.rs`).
            let written = Event::Written(WAL.to_owned(), 0, bytes.into());
            record.events.extend([written, Event::Synced(WAL.to_owned())]);
        }
    }

    pub fn closed(&self, name: &str) {
        if name == WAL {
            let mut state = self.state();
            state.logs -= 1;
            // The last handle may have removed the file when it was closed.
            if state.logs == 0
                && let Ok(log) = self.log()
            {
                log.set_modified(LONG_AGO).expect("set");
            }
        }
    }

    pub fn removed(&self, name: &str, synced: bool) {
        let mut state = self.state();
        state.record.events.push(Event::Removed(name.to_owned()));
        if synced {
            state.record.events.push(Event::FolderSynced);
        }
    }

    pub fn write(
        &self,
        name: &str,
        offset: usize,
        bytes: &[u8],
        system: impl FnOnce(&[u8]) -> c_int,
    ) -> c_int {
        let mut state = self.state();
        let (some, answer) = match state.fault {
            None | Some(Fault::Sync | Fault::SyncOfDatabase) => (bytes, SQLITE_OK),
            Some(Fault::TornWrite) => (&bytes[..bytes.len() / 2], SQLITE_IOERR_WRITE),
            Some(Fault::Write) => (&bytes[..0], SQLITE_IOERR_WRITE),
            Some(Fault::Space) => (&bytes[..0], SQLITE_FULL),
        };
        state.struck += usize::from(answer != SQLITE_OK);
        if some.is_empty() {
            return answer;
        }
        assert_eq!(system(some), SQLITE_OK, "the real disk fails");
        let written = Event::Written(name.to_owned(), offset, some.into());
        state.record.events.push(written);
        answer
    }

    pub fn truncated(&self, name: &str, size: usize) {
        self.state()
            .record
            .events
            .push(Event::Truncated(name.to_owned(), size));
    }

    pub fn sync(&self, name: &str, folder_too: bool) -> c_int {
        let mut state = self.state();
        state.waiting += 1;
        self.changed.notify_all();
        state = self
            .changed
            .wait_while(state, |state| state.held)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        let fails = match state.fault {
            Some(Fault::Sync) => true,
            Some(Fault::SyncOfDatabase) => name != WAL,
            _ => false,
        };
        if fails {
            state.struck += 1;
            state.record.events.push(Event::SyncFailed(name.to_owned()));
            return SQLITE_IOERR_FSYNC;
        }
        state.record.events.push(Event::Synced(name.to_owned()));
        if folder_too {
            state.record.events.push(Event::FolderSynced);
        }
        SQLITE_OK
    }
}
