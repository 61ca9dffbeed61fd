//! Measures the space that the data takes and that is free on the disk, and limits what may be added.
//!
//! The sizes are read once a second. When the database has reached its limit (`--max-data`), or the file system has less free
//! space than it must (`--min-free`), entries that would add to it are refused: [`ErrorCode::StorageFull`]. Reading, deleting
//! and moderating remain possible, and the refusals end when there is space again. Space of deleted content is reused; the file
//! itself does not shrink.

mod allowance;
mod sums;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use nix::sys::statvfs::statvfs;
use snug_shared::error_code::ErrorCode;
use thiserror::Error;

pub use self::{allowance::Allowances, sums::Sums};
use crate::{
    config::Config,
    store::{
        folder::{DATABASE, LOG_SHARE, WAL},
        read::{ReadError, Readers},
    },
};

/// The interval at which the sizes are read.
const LOOK: Duration = Duration::from_secs(1);
/// The interval at which full allowances are forgotten, as a number of readings.
const FORGET: u64 = 60;

/// Milliseconds after which a client that was refused for lack of space may try again.
pub const TRY_AGAIN: u32 = 10_000;

/// The sizes of the data and of the free space, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sizes {
    /// The size of the database's file.
    pub database: u64,
    /// The part of it that is free to be reused.
    pub reusable: u64,
    /// The size of the write-ahead log beside it.
    pub log: u64,
    /// The free space on the file system.
    pub free: u64,
}

impl Sizes {
    /// Returns the bytes that are used.
    #[must_use]
    pub fn used(&self) -> u64 {
        self.database.saturating_sub(self.reusable) + self.log
    }

    /// Returns the bytes that are used if `--max-data` is `most`. The write-ahead log counts with its whole share even while
    /// its file is short. Otherwise a full folder would have space each time the log is truncated, and be full again a moment
    /// later.
    fn used_of(&self, most: u64) -> u64 {
        let log = self.log.max(log_share(most));
        Self { log, ..*self }.used()
    }
}

/// Returns the bytes of `--max-data` that are the write-ahead log's.
#[must_use]
pub fn log_share(max_data: u64) -> u64 {
    (max_data / 8).min(LOG_SHARE)
}

/// Tracks the size of the data and enforces its limits.
pub struct Storage {
    folder: PathBuf,
    readers: Readers,
    max_data: Option<u64>,
    min_free: u64,
    full: AtomicBool,
    /// Bytes that were taken since the sizes were read.
    taken: AtomicU64,
    /// Bytes that may be taken until the sizes are read again.
    left: AtomicU64,
    /// The byte allowances of users and networks.
    pub allowances: Allowances,
    /// The bytes that users have written, by user and by room.
    pub sums: Sums,
}

/// The reason why the sizes are not known.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The system failed to report them.
    #[error("could not inspect the data folder: {0}")]
    Folder(#[from] io::Error),
    /// The database could not be read.
    #[error("{0}")]
    Database(#[from] ReadError),
}

impl Storage {
    fn new(config: &Config, readers: Readers) -> Self {
        Self {
            folder: config.data.clone(),
            readers,
            max_data: config.max_data,
            min_free: config.min_free,
            full: AtomicBool::new(false),
            taken: AtomicU64::new(0),
            left: AtomicU64::new(u64::MAX),
            allowances: Allowances::new(config),
            sums: Sums::default(),
        }
    }

    /// Opens the storage of the data folder, and reads its sizes.
    pub async fn open(config: &Config, readers: Readers) -> Arc<Self> {
        let this = Arc::new(Self::new(config, readers));
        this.look().await;
        this
    }

    /// Returns whether nothing may be added.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
            || self.taken.load(Ordering::Relaxed) > self.left.load(Ordering::Relaxed)
    }

    /// Takes bytes of an entry, as the log stores it.
    ///
    /// # Errors
    /// [`ErrorCode::StorageFull`] if nothing may be added.
    pub fn take(&self, bytes: usize) -> Result<(), ErrorCode> {
        if bytes == 0 {
            return Ok(());
        }
        if self.is_full() {
            return Err(ErrorCode::StorageFull);
        }
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Returns the limits: of the database's size, and of the free space.
    #[must_use]
    pub fn limits(&self) -> (Option<u64>, u64) {
        (self.max_data, self.min_free)
    }

    /// Reads the sizes once a second, for ever.
    pub async fn watch(&self) {
        let mut ticks = tokio::time::interval(LOOK);
        for count in 1.. {
            ticks.tick().await;
            self.look().await;
            if count % FORGET == 0 {
                self.allowances.prune();
            }
        }
    }

    /// Returns the sizes as they are now.
    ///
    /// # Errors
    /// The folder or the database cannot be read.
    pub async fn sizes(&self) -> Result<Sizes, StorageError> {
        Ok(Sizes {
            free: free(&self.folder)?,
            reusable: self.reusable().await?,
            ..file_sizes(&self.folder)?
        })
    }

    async fn look(&self) {
        let space = match self.space().await {
            Ok(space) => space,
            Err(error) => return tracing::error!(%error, "the size of the data could not be read"),
        };
        let was_full = self.full.load(Ordering::Relaxed);
        let is_full = space.is_full(self, was_full);
        // An entry is stored in the log and in its table, and before that both are in the write-ahead log.
        self.left.store(space.left(self) / 4, Ordering::Relaxed);
        self.taken.store(0, Ordering::Relaxed);
        if is_full == was_full {
            return;
        }
        self.full.store(is_full, Ordering::Relaxed);
        let Space { used, free } = space;
        let (max_data, min_free) = (self.max_data, self.min_free);
        if is_full {
            tracing::warn!(
                used,
                free,
                max_data,
                min_free,
                "the disk is full: new messages, rooms, pictures and accounts are rejected"
            );
        } else {
            tracing::info!(used, free, max_data, min_free, "there is free disk space again");
        }
    }

    /// Reads only the sizes that have a limit: on a server with the default settings this is one system call.
    async fn space(&self) -> Result<Space, StorageError> {
        let mut space = Space {
            used: None,
            free: None,
        };
        if self.min_free > 0 {
            space.free = Some(free(&self.folder)?);
        }
        if let Some(most) = self.max_data {
            let mut sizes = file_sizes(&self.folder)?;
            // Most of the time the answer is clear without reading the database.
            if sizes.used_of(most) > most / 2 {
                sizes.reusable = self.reusable().await?;
            }
            space.used = Some(sizes.used_of(most));
        }
        Ok(space)
    }

    /// Returns the bytes of the database's pages that are free to be reused.
    async fn reusable(&self) -> Result<u64, ReadError> {
        let read = self.readers.read(|tables| {
            let pragma = |name| tables.pragma_query_value(None, name, |row| row.get::<_, u64>(0));
            Ok(pragma("freelist_count")? * pragma("page_size")?)
        });
        read.await
    }
}

/// The sizes that have a limit, in bytes; `None` where there is no limit.
struct Space {
    used: Option<u64>,
    free: Option<u64>,
}

impl Space {
    /// Returns whether the space is full. A full space stays full until there is a margin: otherwise every second message would
    /// be refused.
    fn is_full(&self, storage: &Storage, was_full: bool) -> bool {
        let margin = |limit: u64| if was_full { limit / 32 } else { 0 };
        let (max_data, min_free) = (storage.max_data.unwrap_or(u64::MAX), storage.min_free);
        self.used
            .is_some_and(|it| it.saturating_add(margin(max_data)) >= max_data)
            || self
                .free
                .is_some_and(|it| it < min_free.saturating_add(margin(min_free)))
    }

    fn left(&self, storage: &Storage) -> u64 {
        let max_data = storage.max_data.unwrap_or(u64::MAX);
        let by_data = self.used.map(|it| max_data.saturating_sub(it));
        let by_disk = self.free.map(|it| it.saturating_sub(storage.min_free));
        by_data.into_iter().chain(by_disk).min().unwrap_or(u64::MAX)
    }
}

/// Reads the sizes of the database and its write-ahead log.
fn file_sizes(folder: &Path) -> io::Result<Sizes> {
    let size = |name| match fs::metadata(folder.join(name)) {
        Ok(file) => Ok(file.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error),
    };
    Ok(Sizes {
        database: size(DATABASE)?,
        log: size(WAL)?,
        ..Sizes::default()
    })
}

/// Returns the bytes that are free for this process on a file system (statvfs(3)).
pub(crate) fn free(folder: &Path) -> io::Result<u64> {
    let system = statvfs(folder)?;
    Ok(system.blocks_available().saturating_mul(system.fragment_size()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Options, store::folder::Folder};

    async fn storage(change: impl FnOnce(&mut Config)) -> (tempfile::TempDir, Folder, Arc<Storage>) {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = Folder::open(dir.path()).expect("a new one");
        let mut config = Config::resolve(Options::default()).expect("defaults");
        config.data = dir.path().to_owned();
        change(&mut config);
        let readers = Readers::new(folder.database().to_owned());
        let storage = Storage::open(&config, readers).await;
        (dir, folder, storage)
    }

    #[tokio::test]
    async fn below_its_limits_it_takes_what_comes() {
        let (_dir, _folder, storage) = storage(|_| {}).await;
        assert_eq!(storage.take(1_000), Ok(()));
        let sizes = storage.sizes().await.expect("sizes");
        assert!(sizes.database > 0 && sizes.free > 0, "{sizes:?}");
    }

    #[tokio::test]
    async fn a_disk_with_too_little_space_takes_nothing_that_adds_to_it() {
        let (_dir, _folder, storage) = storage(|config| config.min_free = u64::MAX).await;
        assert_eq!(storage.take(1), Err(ErrorCode::StorageFull));
        assert_eq!(storage.take(0), Ok(()), "what adds nothing goes on");
    }

    #[tokio::test]
    async fn what_comes_between_two_looks_is_bounded_too() {
        let (_dir, _folder, storage) = storage(|config| config.max_data = Some(4 << 20)).await;
        let taken = (0..10_000).filter(|_| storage.take(1_000).is_ok()).count();
        assert!((500..1_100).contains(&taken), "{taken}");
        storage.look().await;
        assert_eq!(storage.take(1_000), Ok(()), "nothing of it was written");
    }

    #[tokio::test]
    async fn pages_that_are_free_count_as_space_and_it_ends_with_a_margin() {
        let (_dir, folder, storage) = storage(|config| config.max_data = Some(4 << 20)).await;
        let run = |sql: &str| folder.connection.execute_batch(sql).expect("it runs");
        run(
            "CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(5000000));
             PRAGMA wal_checkpoint(TRUNCATE)",
        );
        storage.look().await;
        assert_eq!(storage.take(1), Err(ErrorCode::StorageFull));
        run("UPDATE filler SET bytes = zeroblob(3000000); PRAGMA wal_checkpoint(TRUNCATE)");
        storage.look().await;
        assert_eq!(storage.take(1), Ok(()));
        assert!(storage.sizes().await.expect("sizes").reusable > 1_000_000);
    }

    #[test]
    fn an_emptied_log_makes_no_space() {
        let most = 32 << 20;
        let full = Sizes {
            database: 28 << 20,
            log: log_share(most),
            ..Sizes::default()
        };
        assert_eq!(full.used_of(most), most);
        assert_eq!(Sizes { log: 0, ..full }.used_of(most), most);
    }

    #[test]
    fn it_is_full_until_there_is_some_space_to_speak_of() {
        let config = Config {
            max_data: Some(3_200),
            min_free: 320,
            ..Config::resolve(Options::default()).expect("defaults")
        };
        let storage = Storage::new(&config, Readers::new(PathBuf::new()));
        let full = |used, free, was_full| {
            let (used, free) = (Some(used), Some(free));
            Space { used, free }.is_full(&storage, was_full)
        };
        assert!(full(3_200, 1_000, false) && full(0, 319, false));
        assert!(!full(3_199, 320, false));
        assert!(full(3_100, 1_000, true) && full(0, 329, true));
        assert!(!full(3_099, 330, true));
    }
}
