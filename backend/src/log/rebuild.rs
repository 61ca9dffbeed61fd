//! Rebuilds the tables from the log.

use rusqlite::{Connection, Rows, params_from_iter, types::Value};
use thiserror::Error;

use crate::features::{Applied, ApplyError, Entry, account_deletion::note_names, apply, tables::projections};

/// The reason why the tables could not be rebuilt.
#[derive(Debug, Error)]
pub enum RebuildError {
    /// A statement failed.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// An entry of the log cannot be parsed.
    #[error("entry {0} of the log is invalid: {1}")]
    Unreadable(i64, serde_json::Error),
    /// An entry that was applied once is refused now.
    #[error("entry {0} of the log cannot be applied")]
    Diverged(i64),
}

/// Empties the projection and applies the whole log to it, in a transaction of the caller's. Returns the number of entries;
/// after an error the transaction must not be committed.
pub fn rebuild(transaction: &Connection) -> Result<u64, RebuildError> {
    for table in projections() {
        transaction.execute(&format!("DELETE FROM {table}"), [])?;
    }
    // Network bans are not in the log, but the acts that end them early are.
    let bans = rows(
        transaction
            .prepare("SELECT network, user, until FROM network_bans")?
            .query([])?,
    )?;
    let mut count = 0;
    {
        let mut entries = transaction.prepare("SELECT position, entry FROM log ORDER BY position")?;
        let mut rows = entries.query([])?;
        while let Some(row) = rows.next()? {
            let position = row.get(0)?;
            let entry: Entry = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)
                .map_err(|error| RebuildError::Unreadable(position, error))?;
            match apply(transaction, &entry, position) {
                Ok(Applied::Logged(_)) => {
                    note_names(transaction, &entry, position)?;
                    count += 1;
                }
                Ok(Applied::AppliedOnly(_) | Applied::Duplicate(_)) | Err(ApplyError::Refused(_)) => {
                    return Err(RebuildError::Diverged(position));
                }
                Err(ApplyError::Database(error)) => return Err(error.into()),
            }
        }
    }
    for ban in bans {
        transaction
            .prepare_cached("INSERT OR REPLACE INTO network_bans (network, user, until) VALUES (?1, ?2, ?3)")?
            .execute(params_from_iter(ban))?;
    }
    Ok(count)
}

/// Returns every row of the projection, table by table, in the order of the key: equal results mean equal tables.
pub fn tables(connection: &Connection) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut all = Vec::new();
    for table in projections() {
        let order = if table == "deleted_accounts" { "1" } else { "1, 2" };
        let mut query = connection.prepare(&format!("SELECT * FROM {table} ORDER BY {order}"))?;
        all.append(&mut rows(query.query([])?)?);
    }
    Ok(all)
}

fn rows(mut rows: Rows<'_>) -> rusqlite::Result<Vec<Vec<Value>>> {
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let columns = row.as_ref().column_count();
        let row = (0..columns).map(|index| row.get(index));
        all.push(row.collect::<Result<_, _>>()?);
    }
    Ok(all)
}
