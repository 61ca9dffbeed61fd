//! Reads the database: a pool of read-only connections, off the runtime's threads.

use std::{path::PathBuf, sync::Arc};

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;

use super::folder::STATEMENTS;
use crate::background::{Pool, Unfinished};

/// Connections that read at the same time.
const READERS: usize = 4;

/// The reason why a query has no result.
#[derive(Debug, Error)]
pub enum ReadError {
    /// SQLite failed.
    #[error("the database could not be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// The query panicked.
    #[error(transparent)]
    Unfinished(#[from] Unfinished),
}

/// A pool of read-only connections.
#[derive(Clone)]
pub struct Readers {
    database: Arc<PathBuf>,
    pool: Pool<Option<Connection>>,
}

impl Readers {
    /// Creates a pool of connections to one database.
    #[must_use]
    pub fn new(database: PathBuf) -> Self {
        Self {
            database: Arc::new(database),
            pool: Pool::new("reader", READERS),
        }
    }

    /// Runs a query when its turn comes.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ReadError> {
        let database = self.database.clone();
        let read = self.pool.run(move |slot| {
            let connection = match slot.take() {
                Some(connection) => connection,
                None => {
                    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                    let new = Connection::open_with_flags(&*database, flags)?;
                    new.set_prepared_statement_cache_capacity(STATEMENTS);
                    new
                }
            };
            // A connection that failed is not used again.
            let result = query(&connection)?;
            *slot = Some(connection);
            Ok::<_, rusqlite::Error>(result)
        });
        Ok(read.await??)
    }
}
