//! Reading: a few connections of their own, off the runtime's threads.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OpenFlags};
use thiserror::Error;
use tokio::{
    sync::Semaphore,
    task::{JoinError, spawn_blocking},
};

use super::folder::STATEMENTS;

/// Connections that read at the same time.
const READERS: usize = 4;

/// Why something could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// SQLite could not.
    #[error("the database could not be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// The query panicked, or the runtime is going down.
    #[error("a query was not finished: {0}")]
    Unfinished(#[from] JoinError),
}

/// The connections that read.
#[derive(Clone)]
pub struct Readers(Arc<Desks>);

struct Desks {
    database: PathBuf,
    idle: Mutex<Vec<Connection>>,
    turns: Arc<Semaphore>,
}

impl Readers {
    /// Of one database.
    #[must_use]
    pub fn new(database: PathBuf) -> Self {
        Self(Arc::new(Desks {
            database,
            idle: Mutex::default(),
            turns: Arc::new(Semaphore::new(READERS)),
        }))
    }

    /// Runs a query when its turn comes.
    pub async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, ReadError> {
        let desks = self.0.clone();
        let turn = desks
            .turns
            .clone()
            .acquire_owned()
            .await
            .expect("the turns are never closed");
        let result = spawn_blocking(move || {
            let _turn = turn;
            let idle = desks.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => {
                    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
                    let new = Connection::open_with_flags(&desks.database, flags)?;
                    new.set_prepared_statement_cache_capacity(STATEMENTS);
                    new
                }
            };
            let result = query(&connection)?;
            desks
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            Ok::<_, rusqlite::Error>(result)
        });
        Ok(result.await??)
    }
}
