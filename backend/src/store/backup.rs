//! A folder in one file, taken while a Snug serves it, and put back.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::folder::{self, Folder, FolderError};
use crate::log::{RebuildError, rebuild, tables};

/// Why there is no backup, or why it was not put back. What was there before is there still.
#[derive(Debug, Error)]
pub enum BackupError {
    /// A file is never written over.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// There is no database to read.
    #[error("{} holds no data", .0.display())]
    Nothing(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {}", .0.display(), .1)]
    File(PathBuf, io::Error),
    /// SQLite cannot.
    #[error("{}: {}", .0.display(), .1)]
    Database(PathBuf, rusqlite::Error),
    /// The file is damaged.
    #[error("{} is damaged: {}", .0.display(), .1)]
    Damaged(PathBuf, String),
    /// The file's log and its tables differ, or the log does not apply.
    #[error("{} contradicts itself: {}", .0.display(), .1)]
    Contradicts(PathBuf, String),
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
}

/// How long a Snug that serves may take to drain and begin again, and how often to look.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);

/// Writes the folder as it is at this moment into one new file, checks it and syncs it. Answers with
/// the number of entries in it. The file holds the folder's secret: only its owner may read it.
pub fn backup(data: &Path, file: &Path) -> Result<u64, BackupError> {
    let database = data.join(folder::DATABASE);
    if !database.exists() {
        return Err(BackupError::Nothing(data.to_owned()));
    }
    let new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file);
    new.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(file.to_owned()),
        _ => BackupError::File(file.to_owned(), error),
    })?;
    let written = copy(&database, file)
        .map_err(|error| BackupError::Database(file.to_owned(), error))
        .and_then(|()| check(file, file))
        .and_then(|entries| sync(file).map(|()| entries));
    if written.is_err() {
        // Half a backup is worse than none.
        let _ = fs::remove_file(file);
    }
    written
}

/// SQLite's own copy: one transaction's view, whatever is written meanwhile, and an empty file may be there.
fn copy(database: &Path, file: &Path) -> rusqlite::Result<()> {
    let source = Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.execute("VACUUM INTO ?1", [file.to_string_lossy()])?;
    Ok(())
}

/// Puts a backup into a folder, whose database is moved aside. A Snug that serves the folder begins
/// again with it. Answers with the number of entries. The cursors of clients get a new epoch, since they
/// may have seen what the backup has not.
pub fn restore(file: &Path, data: &Path) -> Result<u64, BackupError> {
    let at = |path: &Path| {
        let path = path.to_owned();
        move |error| BackupError::File(path, error)
    };
    folder::make(data).map_err(at(data))?;
    let (restoring, restored) = (data.join(folder::RESTORING), data.join(folder::RESTORED));
    let mut source = File::open(file).map_err(at(file))?;
    let mut target = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&restoring)
        .map_err(at(&restoring))?;
    // Another restore into this folder writes the same file.
    target
        .try_lock()
        .map_err(|_| FolderError::InUse(data.to_owned()))?;
    let prepared = target
        .set_len(0)
        .and_then(|()| io::copy(&mut source, &mut target))
        .map_err(at(&restoring))
        .and_then(|_| check(&restoring, file))
        .and_then(|entries| {
            let begun = folder::begin_epoch(&restoring);
            begun.map_err(|error| BackupError::Database(file.to_owned(), error))?;
            sync(&restoring).map(|()| entries)
        });
    let entries = prepared.inspect_err(|_| {
        let _ = fs::remove_file(&restoring);
    })?;
    fs::rename(&restoring, &restored).map_err(at(&restored))?;
    sync(&restored)?;
    let in_place = match folder::holder(data) {
        Some(snug) => begin_again(snug, &restored, data),
        None => Folder::open(data).map(drop).map_err(BackupError::from),
    };
    // What nobody took must not surprise whoever starts next.
    in_place.inspect_err(|_| {
        let _ = fs::remove_file(&restored);
    })?;
    Ok(entries)
}

/// Tells a Snug that serves the folder, and waits until it has taken what was restored.
fn begin_again(snug: Pid, restored: &Path, data: &Path) -> Result<(), BackupError> {
    let in_use = || FolderError::InUse(data.to_owned());
    kill(snug, Signal::SIGUSR1).map_err(|_| in_use())?;
    let begun = Instant::now();
    while restored.exists() {
        if begun.elapsed() > PATIENCE {
            return Err(in_use().into());
        }
        // There is nobody to ask: the other process answers by renaming a file.
        #[allow(clippy::disallowed_methods)]
        thread::sleep(GLANCE);
    }
    Ok(())
}

/// Whether a database, which the reader knows as `named`, is whole: its pages, and that its log makes
/// its tables. It is left as it was.
fn check(database: &Path, named: &Path) -> Result<u64, BackupError> {
    let broken = |error| BackupError::Database(named.to_owned(), error);
    folder::refuse_newer(database, named)?;
    let mut connection = Connection::open(database).map_err(broken)?;
    let verdict: String = connection
        .pragma_query_value(None, "integrity_check", |row| row.get(0))
        .map_err(broken)?;
    if verdict != "ok" {
        return Err(BackupError::Damaged(named.to_owned(), verdict));
    }
    let contradicts = |reason: &str| BackupError::Contradicts(named.to_owned(), reason.to_owned());
    // Made again in a transaction that never commits.
    let trial = connection.savepoint().map_err(broken)?;
    let before = tables(&trial).map_err(broken)?;
    let entries = rebuild(&trial).map_err(|error| match error {
        RebuildError::Database(error) => broken(error),
        other => contradicts(&other.to_string()),
    })?;
    if tables(&trial).map_err(broken)? != before {
        return Err(contradicts("its tables are not what its log makes"));
    }
    Ok(entries)
}

fn sync(file: &Path) -> Result<(), BackupError> {
    let synced = File::open(file).and_then(|it| it.sync_all()).and_then(|()| {
        let folder = file.parent().filter(|it| !it.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    });
    synced.map_err(|error| BackupError::File(file.to_owned(), error))
}
