//! Copies a data folder into one file while a server uses it, and restores it.
//!
//! A backup may come from anyone. It is copied first, bounded by its size and the free space, and nothing in it is executed:
//! its schema must be that of its version, object by object (`store::schema`), before any statement reads one of its tables.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use nix::{
    libc::{O_NOFOLLOW, O_NONBLOCK},
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};
use thiserror::Error;

use crate::{
    log::{RebuildError, rebuild, tables},
    push::Vapid,
    storage,
    store::{
        folder::{self, Folder, FolderError},
        schema,
    },
};

/// The reason why a backup was not created or restored. The existing files are unchanged.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The file exists already: a file is never overwritten.
    #[error("{} already exists", .0.display())]
    Exists(PathBuf),
    /// The folder has no database to read.
    #[error("{} contains no data", .0.display())]
    Nothing(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    /// SQLite failed to read or write a database.
    #[error("{}: {}", .0.display(), .1)]
    Database(PathBuf, rusqlite::Error),
    /// The file is damaged.
    #[error("{} is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
    /// The file's log and its tables differ, or the log does not apply.
    #[error("{} is inconsistent: {}", .0.display(), .1)]
    Contradicts(PathBuf, String),
    /// The file is a database, but not one of Snug's.
    #[error("{} is not a backup of Snug: {}", .0.display(), .1)]
    Foreign(PathBuf, String),
    /// The path names a folder, a pipe or a device.
    #[error("{} is not a file", .0.display())]
    NotAFile(PathBuf),
    /// The disk has too little space for a copy and for checking it.
    #[error("{} has {} MiB of free space, and the backup needs {} MiB there", .0.display(), .1 >> 20, .2 >> 20)]
    NoSpace(PathBuf, u64, u64),
    /// Checking the file took longer than it takes for any valid backup of its size.
    #[error("checking {} timed out after {} seconds", .0.display(), .1.as_secs())]
    TooLong(PathBuf, Duration),
    /// The process was told to end.
    #[error("stopped")]
    Stopped,
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// Whether the present backup or restore is to be abandoned.
type Stop = &'static AtomicBool;
static STOP: AtomicBool = AtomicBool::new(false);

/// Abandons all present and future backups and restores of this process, which was told to end.
pub fn stop() {
    STOP.store(true, Ordering::Relaxed);
}

/// Bytes that a restore leaves free on the disk.
const RESERVE: u64 = 16 << 20;
/// The time limit of checking a backup, and how much is added for each MiB. A valid one takes a small part of it.
const CHECK_TIME: Duration = Duration::from_secs(300);
const CHECK_TIME_PER_MIB: Duration = Duration::from_secs(2);
/// Instructions of SQLite's virtual machine between two checks of the time.
const INSTRUCTIONS: i32 = 10_000;
/// Bytes that are copied between two checks of whether to stop.
const CHUNK: usize = 1 << 20;

/// The time limit for a running server to restart with the restored database, and the interval at which this is checked.
const RESTART_TIMEOUT: Duration = Duration::from_secs(60);
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Writes the folder as it is at this moment into one new file, checks it and syncs it. Returns the number of entries in it.
/// The file contains the folder's secret: only its owner may read it.
pub fn backup(data: &Path, file: &Path) -> Result<u64, BackupError> {
    let database = data.join(folder::DATABASE);
    if !database.exists() {
        return Err(BackupError::Nothing(data.to_owned()));
    }
    let new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(folder::PRIVATE_FILE)
        .open(file);
    new.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => BackupError::File(file.to_owned(), error),
    })?;
    // An unfinished backup is removed: it would be worse than none.
    let unfinished = Unfinished(file.to_owned());
    copy(&database, file, &STOP)?;
    let entries = check(file, file, &STOP)?;
    sync(file)?;
    unfinished.finish();
    Ok(entries)
}

/// Copies a database by SQLite's own means: the view of one transaction, whatever is written meanwhile. The target may be an
/// empty file.
fn copy(database: &Path, file: &Path, stop: Stop) -> Result<(), BackupError> {
    let copied = || {
        let mut source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        source.progress_handler(INSTRUCTIONS, Some(move || stop.load(Ordering::Relaxed)))?;
        source.execute("VACUUM INTO ?1", [file.to_string_lossy()])
    };
    match copied() {
        Ok(_) => Ok(()),
        Err(error) if was_interrupted(&error) => Err(BackupError::Stopped),
        Err(error) => Err(BackupError::Database(file.to_owned(), error)),
    }
}

/// A file that is being written: removed with the files that SQLite creates beside it, unless it is finished.
struct Unfinished(PathBuf);

impl Unfinished {
    fn finish(mut self) {
        self.0 = PathBuf::new();
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.0.as_os_str().is_empty() {
            return;
        }
        let _ = fs::remove_file(&self.0);
        let _ = remove_beside(&self.0);
    }
}

/// Removes files that SQLite may have left beside a database that is gone: they would be taken for those of the next one of
/// that name.
fn remove_beside(database: &Path) -> io::Result<()> {
    for suffix in ["-journal", "-wal", "-shm"] {
        let mut beside = OsString::from(database);
        beside.push(suffix);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Restores a backup into a folder, and moves the folder's previous database aside. A server that uses the folder restarts with
/// it. Returns the number of entries. The cursors of clients get a new epoch, since clients may have seen entries that the
/// backup does not contain.
pub fn restore(file: &Path, data: &Path) -> Result<u64, BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File(path, error)
    };
    let source = open_backup(file)?;
    let size = source.metadata().map_err(at(file))?.len();
    folder::create_dir_synced(data).map_err(at(data))?;
    let (restoring, restored) = (data.join(folder::RESTORING), data.join(folder::RESTORED));
    let target = open_target(&restoring, data)?;
    let unfinished = Unfinished(restoring.clone());
    target.set_len(0).map_err(at(&restoring))?;
    remove_beside(&restoring).map_err(at(&restoring))?;
    has_space(data, size)?;
    copy_bytes(source.take(size), &target, &STOP).map_err(|error| match error.kind() {
        io::ErrorKind::Interrupted => BackupError::Stopped,
        _ => BackupError::File(restoring.clone(), error),
    })?;
    let entries = check(&restoring, file, &STOP)?;
    reset_epoch(&restoring).map_err(|error| BackupError::Database(file.to_owned(), error))?;
    // The folder's owner must be able to open the file, whichever user restores it.
    let owner = folder::owner(data).map_err(at(data))?;
    let metadata = target.metadata().map_err(at(&restoring))?;
    folder::hand_over(&restoring, &metadata, &owner);
    sync(&restoring)?;
    fs::rename(&restoring, &restored).map_err(at(&restored))?;
    unfinished.finish();
    sync(&restored)?;
    let in_place = match folder::lock_holder_pid(data) {
        Some(snug) => request_restart(snug, &restored, data),
        None => Folder::open(data).map(drop).map_err(BackupError::from),
    };
    // A backup that the server did not take over must not surprise the next start.
    in_place.inspect_err(|_| {
        let _ = fs::remove_file(&restored);
    })?;
    Ok(entries)
}

/// Opens a backup to read it, if it is a regular file: opening a pipe would block, and a device has no end.
fn open_backup(file: &Path) -> Result<File, BackupError> {
    let opened = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(file);
    let source = opened.map_err(|error| BackupError::File(file.to_owned(), error))?;
    match source.metadata() {
        Ok(metadata) if metadata.is_file() => Ok(source),
        Ok(_) => Err(BackupError::NotAFile(file.to_owned())),
        Err(error) => Err(BackupError::File(file.to_owned(), error)),
    }
}

/// Opens the file that a backup is copied to, and locks it: another restore into this folder writes the same one.
fn open_target(restoring: &Path, data: &Path) -> Result<File, BackupError> {
    let failed = |error| BackupError::File(restoring.to_owned(), error);
    // Following a symbolic link here would overwrite the file that it points to.
    let target = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(folder::PRIVATE_FILE)
        .custom_flags(O_NOFOLLOW | O_NONBLOCK)
        .open(restoring)
        .map_err(failed)?;
    let locked = target.metadata().map_err(failed)?;
    if !locked.is_file() || locked.nlink() != 1 {
        return Err(BackupError::NotAFile(restoring.to_owned()));
    }
    let in_use = || FolderError::InUse(data.to_owned());
    target.try_lock().map_err(|_| in_use())?;
    // Another restore may have put the file in its place since it was opened.
    let there = fs::symlink_metadata(restoring).map_err(|_| in_use())?;
    if (there.dev(), there.ino()) != (locked.dev(), locked.ino()) {
        return Err(in_use().into());
    }
    Ok(target)
}

/// Checks that the folder's disk has space for a backup of this size, for as much again that SQLite writes beside it during the
/// check, and for a server that runs meanwhile.
fn has_space(data: &Path, size: u64) -> Result<(), BackupError> {
    let free = storage::free(data).map_err(|error| BackupError::File(data.to_owned(), error))?;
    let needed = size.saturating_mul(2).saturating_add(RESERVE);
    if free < needed {
        return Err(BackupError::NoSpace(data.to_owned(), free, needed));
    }
    Ok(())
}

/// Copies a source to its end, or fails with [`io::ErrorKind::Interrupted`] when it is to stop.
fn copy_bytes(mut source: impl Read, mut target: &File, stop: Stop) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        if stop.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        match source.read(&mut chunk)? {
            0 => return Ok(()),
            count => target.write_all(&chunk[..count])?,
        }
    }
}

/// Resets the epoch, which invalidates the cursors of clients.
fn reset_epoch(database: &Path) -> rusqlite::Result<()> {
    let connection = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.execute("DELETE FROM meta WHERE name = 'epoch'", [])?;
    connection.close().map_err(|(_, error)| error)
}

/// Requests a restart of the process that uses the folder, and waits until it has installed the restored database.
fn request_restart(snug: Pid, restored: &Path, data: &Path) -> Result<(), BackupError> {
    let in_use = || FolderError::InUse(data.to_owned());
    kill(snug, Signal::SIGUSR1).map_err(|_| in_use())?;
    let begun = Instant::now();
    while restored.exists() {
        if begun.elapsed() > RESTART_TIMEOUT {
            return Err(in_use().into());
        }
        if STOP.load(Ordering::Relaxed) {
            return Err(BackupError::Stopped);
        }
        // There is nothing to wait on: the other process answers by renaming a file.
        #[allow(clippy::disallowed_methods)]
        thread::sleep(POLL_INTERVAL);
    }
    Ok(())
}

/// Checks that a database, which the reader knows as `named`, is complete: its schema, its pages, its secrets, and that its
/// tables follow from its log. Its content is not changed. Returns the number of entries.
fn check(database: &Path, named: &Path, stop: Stop) -> Result<u64, BackupError> {
    let size = fs::metadata(database).map_err(|error| BackupError::File(named.to_owned(), error))?;
    let mib = u32::try_from(size.len() >> 20).unwrap_or(u32::MAX);
    check_within(
        CHECK_TIME + CHECK_TIME_PER_MIB.saturating_mul(mib),
        database,
        named,
        stop,
    )
}

fn check_within(time: Duration, database: &Path, named: &Path, stop: Stop) -> Result<u64, BackupError> {
    let broken = |error| match error {
        error if !was_interrupted(&error) => BackupError::Database(named.to_owned(), error),
        _ if stop.load(Ordering::Relaxed) => BackupError::Stopped,
        _ => BackupError::TooLong(named.to_owned(), time),
    };
    let mut connection = schema::open_untrusted(database).map_err(broken)?;
    let begun = Instant::now();
    let give_up = move || stop.load(Ordering::Relaxed) || begun.elapsed() > time;
    connection
        .progress_handler(INSTRUCTIONS, Some(give_up))
        .map_err(broken)?;
    let version = schema::version(&connection).map_err(broken)?;
    if version > folder::VERSION {
        return Err(FolderError::Newer(named.to_owned()).into());
    }
    if let Some(difference) = schema::difference(&connection, version).map_err(broken)? {
        return Err(BackupError::Foreign(named.to_owned(), difference));
    }
    let verdict: String = connection
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .map_err(broken)?;
    if verdict != "ok" {
        return Err(BackupError::Damaged(named.to_owned(), verdict));
    }
    let contradicts = |reason: &str| BackupError::Contradicts(named.to_owned(), reason.to_owned());
    check_secrets(&connection).map_err(broken)?.map_err(contradicts)?;
    // Rebuilt in a transaction that is never committed, in not much more space than there is.
    let pages: u32 = connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .map_err(broken)?;
    connection
        .pragma_update(
            None,
            "max_page_count",
            pages.saturating_mul(2).saturating_add(256),
        )
        .map_err(broken)?;
    let trial = connection.savepoint().map_err(broken)?;
    folder::migrate_within(&trial, version, folder::VERSION).map_err(broken)?;
    let gaps: bool = trial
        .query_row(
            "SELECT coalesce(max(position), 0) <> count(*) OR coalesce(min(position), 1) <> 1 FROM log",
            [],
            |row| row.get(0),
        )
        .map_err(broken)?;
    if gaps {
        return Err(contradicts("its log has gaps"));
    }
    let before = tables(&trial).map_err(broken)?;
    let entries = rebuild(&trial).map_err(|error| match error {
        RebuildError::Database(error) => broken(error),
        other => contradicts(&other.to_string()),
    })?;
    if tables(&trial).map_err(broken)? != before {
        return Err(contradicts("its tables do not match its log"));
    }
    drop(trial);
    connection.close().map_err(|(_, error)| broken(error))?;
    Ok(entries)
}

/// Checks that the secrets have the form that Snug gives them, and returns the reason if not. Missing secrets are generated at
/// the first start.
fn check_secrets(connection: &Connection) -> rusqlite::Result<Result<(), &'static str>> {
    let fact = |name: &str| {
        let value = connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0));
        value.optional()
    };
    let secret: Option<Vec<u8>> = fact("secret")?;
    if secret.is_some_and(|it| it.len() != folder::SECRET_BYTES) {
        return Ok(Err("its token secret has the wrong length"));
    }
    let keys: Option<Vec<u8>> = fact("push")?;
    if keys.is_some_and(|it| Vapid::new(&it, String::new()).is_none()) {
        return Ok(Err("its key for push notifications is invalid"));
    }
    Ok(Ok(()))
}

fn was_interrupted(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted)
}

fn sync(file: &Path) -> Result<(), BackupError> {
    let synced = File::open(file).and_then(|it| it.sync_all()).and_then(|()| {
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    });
    synced.map_err(|error| BackupError::File(file.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_takes_too_long_or_is_stopped_is_given_up() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("a new one");
        // A statement that takes long enough for a check of the time.
        let much = "INSERT INTO read_positions WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50000)
                    SELECT i, 'lobby', i FROM n";
        folder.connection.execute(much, []).expect("rows");
        drop(folder);
        let database = dir.path().join(folder::DATABASE);
        static GO_ON: AtomicBool = AtomicBool::new(false);
        static STOPPED: AtomicBool = AtomicBool::new(true);
        let given_up = check_within(Duration::ZERO, &database, &database, &GO_ON);
        assert!(matches!(given_up, Err(BackupError::TooLong(..))), "{given_up:?}");
        let given_up = check(&database, &database, &STOPPED);
        assert!(matches!(given_up, Err(BackupError::Stopped)), "{given_up:?}");
        assert_eq!(check(&database, &database, &GO_ON).expect("it is whole"), 0);
    }
}
