//! The data folder: used by one server at a time, opened by the version that created it or a newer one.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt, PermissionsExt, lchown},
    path::{Path, PathBuf},
    process,
    time::Duration,
};

use nix::unistd::Pid;
use rusqlite::{Connection, OpenFlags, OptionalExtension, ffi::SQLITE_READONLY_ROLLBACK, params};
use snug_shared::ids::Epoch;
use thiserror::Error;
use uuid::Uuid;

/// The schema, one file per version. A released one is never changed.
const MIGRATIONS: [&str; 1] = [include_str!("migrations/0001.sql")];

/// Bytes of the secret from which the folder's tokens are derived.
pub(crate) const SECRET_BYTES: usize = 32;
/// The page cache of the writing connection, in KiB.
const CACHE_KIB: i64 = 16 * 1024;
/// The size of the write-ahead log, in bytes, from which it is copied into the database. Each commit writes the same few pages:
/// the more commits are copied at once, the fewer writes.
pub(crate) const LOG_SHARE: u64 = 16 << 20;
/// The maximum size of the write-ahead log's file after it restarts from its front, in bytes.
const LOG_BYTES: i64 = 32 << 20;
/// How long the writing connection waits for a lock of another process.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Prepared statements that a connection caches: more than there are.
pub(crate) const STATEMENTS: usize = 256;

/// The names of files in a folder: the database; a backup that is being copied; and a backup that is complete, checked, and
/// replaces the database as soon as the folder is opened.
pub(crate) const DATABASE: &str = "snug.db";
pub(crate) const WAL: &str = "snug.db-wal";
pub(crate) const RESTORING: &str = "snug.db.restoring";
pub(crate) const RESTORED: &str = "snug.db.restored";
const LOCK: &str = "snug.lock";
/// The beginning and the end of the names of moved-aside databases.
const ASIDE: (&str, &str) = ("snug-", ".db");

/// The modes of a folder and of a file that only their owner may use.
const PRIVATE_FOLDER: u32 = 0o700;
pub(crate) const PRIVATE_FILE: u32 = 0o600;
/// The permissions of group and others in a mode.
const OTHERS: u32 = 0o077;

/// The reason why a folder cannot be used. Nothing in it was changed.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Another process holds the folder's lock.
    #[error("the data folder {} is in use by another Snug", .0.display())]
    InUse(PathBuf),
    /// The folder's schema is of a later version.
    #[error("{} was created by a newer version of Snug; use that version", .0.display())]
    Newer(PathBuf),
    /// The folder cannot be created or written.
    #[error("the data folder {} cannot be written: {}", .0.display(), .1)]
    Unwritable(PathBuf, io::Error),
    /// SQLite cannot use the folder's database.
    #[error("{} cannot be used: {}", .0.display(), .1)]
    Database(PathBuf, rusqlite::Error),
}

/// An open data folder. Its lock is held for as long as this value lives.
#[derive(Debug)]
pub struct Folder {
    /// The one connection that writes.
    pub connection: Connection,
    /// Whether the write-ahead log was truncated when the folder was opened. It was not if another process read it.
    pub log_is_empty: bool,
    /// The size of the write-ahead log, in bytes, from which it is copied into the database.
    pub log_share: u64,
    database: PathBuf,
    _lock: File,
}

impl Folder {
    /// Opens the folder, and creates its missing files.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let unwritable = |error| FolderError::Unwritable(path.to_owned(), error);
        let broken = |error| FolderError::Database(path.to_owned(), error);
        let database = path.join(DATABASE);
        create_dir_synced(path).map_err(unwritable)?;
        let lock = lock(path)?;
        if let Some(aside) = install_restored(path).map_err(unwritable)? {
            tracing::info!(aside = %aside.display(), "restored the database from a backup");
        }
        if database.exists() {
            refuse_newer(&database, path)?;
            rewrite_wal(&path.join(WAL)).map_err(unwritable)?;
        }
        let mut connection = Connection::open(&database).map_err(broken)?;
        // FULL syncs the log at every commit: acknowledged entries survive a loss of power.
        connection
            .pragma_update(None, "journal_mode", "wal")
            .map_err(broken)?;
        connection
            .pragma_update(None, "synchronous", "full")
            .map_err(broken)?;
        connection
            .pragma_update(None, "foreign_keys", true)
            .map_err(broken)?;
        // Deleted content is overwritten, so that no copy of the file contains it.
        connection
            .pragma_update(None, "secure_delete", true)
            .map_err(broken)?;
        // The pages of the newest entries are changed again by the next ones, so they are cached.
        connection
            .pragma_update(None, "cache_size", -CACHE_KIB)
            .map_err(broken)?;
        // A long read can make the file larger; it is cut off when the log restarts from its front.
        connection
            .pragma_update(None, "journal_size_limit", LOG_BYTES)
            .map_err(broken)?;
        connection.busy_timeout(LOCK_WAIT).map_err(broken)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        migrate(&mut connection).map_err(broken)?;
        restrict_permissions(path).map_err(unwritable)?;
        // The last process may have ended after a deletion, before the text was removed from the write-ahead log. A full disk
        // does not prevent the opening, so that users can still read.
        let log_is_empty = truncate_log(&connection).unwrap_or_else(|error| {
            tracing::warn!(%error, "the write-ahead log was not emptied");
            false
        });
        Ok(Self {
            connection,
            log_is_empty,
            log_share: LOG_SHARE,
            database,
            _lock: lock,
        })
    }

    /// Bounds the write-ahead log's file, where the disk usage is limited: it is copied into the database from so many bytes
    /// on.
    pub fn limit_log(&mut self, bytes: u64) -> rusqlite::Result<()> {
        self.log_share = bytes;
        self.connection.pragma_update(None, "journal_size_limit", bytes)
    }

    /// Returns the path of the database, for connections that read.
    #[must_use]
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Returns the epoch of this folder's cursors. It is generated at the first call.
    pub fn epoch(&self) -> rusqlite::Result<Epoch> {
        let initial = Uuid::now_v7().to_string();
        let epoch = self.meta_value("epoch", initial.as_bytes())?;
        let epoch = String::from_utf8(epoch)
            .ok()
            .and_then(|it| Epoch::try_from(it).ok());
        epoch.ok_or(rusqlite::Error::InvalidQuery)
    }

    /// Returns the secret from which this folder's tokens are derived. It is generated at the first call.
    pub fn secret(&self) -> rusqlite::Result<Vec<u8>> {
        let mut initial = [0; SECRET_BYTES];
        getrandom::fill(&mut initial).expect("the system has randomness");
        self.meta_value("secret", &initial)
    }

    /// Returns the key pair by which push services identify this folder (PKCS #8). If there is none, `initial` is stored first.
    pub fn push_keys(&self, initial: &[u8]) -> rusqlite::Result<Vec<u8>> {
        self.meta_value("push", initial)
    }

    /// Returns a value of the `meta` table. If there is none, `initial` is stored first.
    fn meta_value(&self, name: &str, initial: &[u8]) -> rusqlite::Result<Vec<u8>> {
        let known = self
            .connection
            .query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
            .optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        self.connection.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)",
            params![name, initial],
        )?;
        Ok(initial.to_owned())
    }
}

/// Creates a folder and its parents, and syncs the parent of each new one. SQLite syncs the names in the folder.
pub(crate) fn create_dir_synced(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|it| !it.as_os_str().is_empty());
    let parent = parent.unwrap_or(Path::new("."));
    create_dir_synced(parent)?;
    match DirBuilder::new().mode(PRIVATE_FOLDER).create(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => File::open(parent)?.sync_all(),
    }
}

/// Restricts the folder's files to their owner, also those that an earlier version or another program created for everybody:
/// they hold messages and secrets.
///
/// The folder's own mode is the operator's; one that is open to others is warned about. Paths and not open files are changed: closing
/// a second descriptor of the database would drop SQLite's locks (<https://www.sqlite.org/howtocorrupt.html>, 2.2).
fn restrict_permissions(path: &Path) -> io::Result<()> {
    let mode = fs::metadata(path)?.mode();
    if mode & OTHERS != 0 {
        tracing::warn!(
            folder = %path.display(),
            mode = format!("{:o}", mode & 0o7777),
            "other users of this machine can read the data folder; restrict it with `chmod 700`"
        );
    }
    let owner = owner(path)?;
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        // For a symbolic link, these are the link's own: its target is not changed.
        let (file, metadata) = match entry.metadata() {
            Ok(metadata) => (entry.path(), metadata),
            // A restore has been abandoned meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        if !metadata.is_file() || !is_ours(&entry.file_name()) {
            continue;
        }
        let private = Permissions::from_mode(PRIVATE_FILE);
        if metadata.mode() & OTHERS != 0
            && let Err(error) = fs::set_permissions(&file, private)
        {
            tracing::warn!(%error, file = %file.display(), "other users of this machine can read a file");
        }
        hand_over(&file, &metadata, &owner);
    }
    Ok(())
}

/// Returns whether Snug or SQLite creates a file of this name in the folder.
fn is_ours(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name == LOCK || name.starts_with(DATABASE) || (name.starts_with(ASIDE.0) && name.contains(ASIDE.1))
}

/// Returns the metadata of the owner that the folder's files are to have: the folder's, or, for a folder of root's, the
/// database's.
pub(crate) fn owner(path: &Path) -> io::Result<Metadata> {
    let folder = fs::metadata(path)?;
    if folder.uid() != 0 {
        return Ok(folder);
    }
    Ok(fs::symlink_metadata(path.join(DATABASE)).unwrap_or(folder))
}

/// Gives a file that root has created to the folder's owner, who could not open it otherwise. Only root can do this, and only
/// root's files need it.
pub(crate) fn hand_over(path: &Path, file: &Metadata, owner: &Metadata) {
    if file.uid() != owner.uid()
        && let Err(error) = lchown(path, Some(owner.uid()), Some(owner.gid()))
    {
        tracing::debug!(%error, file = %path.display(), "could not change the owner of a file");
    }
}

/// Takes the folder's lock, and writes the process id into its file.
fn lock(path: &Path) -> Result<File, FolderError> {
    let unwritable = |error| FolderError::Unwritable(path.to_owned(), error);
    let mut lock = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(PRIVATE_FILE)
        .open(path.join(LOCK))
        .map_err(unwritable)?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(FolderError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => return Err(unwritable(error)),
    }
    lock.set_len(0)
        .and_then(|()| write!(lock, "{}", process::id()))
        .map_err(unwritable)?;
    Ok(lock)
}

/// Returns the process that holds the folder's lock, if one does.
pub(crate) fn lock_holder_pid(path: &Path) -> Option<Pid> {
    let lock = File::open(path.join(LOCK)).ok()?;
    match lock.try_lock_shared() {
        Err(TryLockError::WouldBlock) => io::read_to_string(lock).ok()?.parse().ok().map(Pid::from_raw),
        _ => None,
    }
}

/// Installs a restored database, if there is one, and moves the previous one aside. Returns the path of the latter. If it is
/// interrupted at any moment, the next call continues.
fn install_restored(path: &Path) -> io::Result<Option<PathBuf>> {
    let (database, restored) = (path.join(DATABASE), path.join(RESTORED));
    if !restored.exists() {
        return Ok(None);
    }
    // A file that cannot be opened does not replace the database: the server goes on with the present one.
    if let Err(error) = OpenOptions::new().read(true).write(true).open(&restored) {
        tracing::error!(%error, file = %restored.display(), "could not restore the database from a backup");
        return Ok(None);
    }
    let aside = path.join(format!("{}{}{}", ASIDE.0, Uuid::now_v7(), ASIDE.1));
    let with = |path: &Path, suffix| {
        let mut path = OsString::from(path);
        path.push(suffix);
        PathBuf::from(path)
    };
    // The files that SQLite creates beside a database must not end up beside another one.
    for suffix in ["", "-wal", "-shm"] {
        match fs::rename(with(&database, suffix), with(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // The previous database is moved aside durably before the restored one takes its name.
    File::open(path)?.sync_all()?;
    fs::rename(&restored, &database)?;
    File::open(path)?.sync_all()?;
    Ok(Some(aside))
}

/// Returns the schema's version, read without the right to change anything.
fn version(database: &Path) -> rusqlite::Result<usize> {
    let read = |flags| {
        let connection = Connection::open_with_flags(database, flags)?;
        connection.pragma_query_value(None, "user_version", |row| row.get(0))
    };
    match read(OpenFlags::SQLITE_OPEN_READ_ONLY) {
        // The power was lost before a new database was in WAL mode. SQLite rolls back the unfinished transaction, and then
        // reads.
        Err(rusqlite::Error::SqliteFailure(error, _)) if error.extended_code == SQLITE_READONLY_ROLLBACK => {
            read(OpenFlags::SQLITE_OPEN_READ_WRITE)
        }
        version => version,
    }
}

/// Checks that this version can read a database, which the reader knows as `named`, without changing it.
pub(crate) fn refuse_newer(database: &Path, named: &Path) -> Result<(), FolderError> {
    let version = version(database).map_err(|error| FolderError::Database(named.to_owned(), error))?;
    if version > MIGRATIONS.len() {
        return Err(FolderError::Newer(named.to_owned()));
    }
    Ok(())
}

/// Rewrites a file with its own content, and syncs it.
///
/// After a failed sync, the system presents data that it could not write as if it were on disk, and no later sync writes it
/// (fsync(2), Linux). SQLite would continue from such a refused batch and write the next ones behind it; a loss of power would
/// then remove it, and all of them with it.
fn rewrite_wal(file: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().read(true).write(true).open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        file => file?,
    };
    let (mut bytes, mut offset) = (vec![0; 1 << 20], 0);
    loop {
        let count = file.read_at(&mut bytes, offset)?;
        if count == 0 {
            return file.sync_all();
        }
        file.write_all_at(&bytes[..count], offset)?;
        offset += count as u64;
    }
}

/// Copies the write-ahead log into the database and truncates it, unless a connection reads it: it does not wait. Returns
/// whether the log is empty.
pub(crate) fn truncate_log(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(Duration::ZERO)?;
    let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(LOCK_WAIT)?;
    Ok(!busy?)
}

/// The version of the schema that this version creates.
pub(crate) const VERSION: usize = MIGRATIONS.len();

/// Creates the tables of this version, or migrates older ones to it.
pub fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let done: usize = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done >= VERSION {
        return Ok(());
    }
    let transaction = connection.transaction()?;
    migrate_within(&transaction, done, VERSION)?;
    transaction.commit()
}

/// Migrates the tables from one version to a later one, in a transaction of the caller's.
pub(crate) fn migrate_within(transaction: &Connection, from: usize, to: usize) -> rusqlite::Result<()> {
    for (index, migration) in MIGRATIONS.iter().enumerate().take(to).skip(from) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", index + 1)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_has_one_owner_at_a_time() {
        let dir = tempfile::tempdir().expect("a folder");
        let first = Folder::open(dir.path()).expect("it is free");
        assert!(matches!(Folder::open(dir.path()), Err(FolderError::InUse(_))));
        drop(first);
        Folder::open(dir.path()).expect("it is free again");
    }

    #[test]
    fn a_newer_folder_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("a new one");
        folder
            .connection
            .pragma_update(None, "user_version", MIGRATIONS.len() + 1)
            .expect("set");
        let path = folder.database().to_owned();
        drop(folder);
        let before = fs::read(&path).expect("the database");
        assert!(matches!(Folder::open(dir.path()), Err(FolderError::Newer(_))));
        assert_eq!(fs::read(&path).expect("the database"), before);
    }

    #[test]
    fn the_epoch_and_the_secret_stay() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("a new one");
        let facts = (folder.epoch().expect("one"), folder.secret().expect("one"));
        drop(folder);
        let folder = Folder::open(dir.path()).expect("the same");
        assert_eq!(
            (folder.epoch().expect("one"), folder.secret().expect("one")),
            facts
        );
    }
}
