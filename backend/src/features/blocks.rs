//! Blocks between users. They are in the log, since they decide what other users may post and open.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::ChatId,
    limits::{BLOCKS, BLOCKS_OF_GUEST, GUEST_BLOCKS},
};

use super::{Applied, ApplyError, Entry, Event, people, sql::parsed};

/// Blocks or unblocks a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The user to block or unblock.
    pub user: ChatId,
    /// Whether the user is blocked from now on.
    pub blocked: bool,
}

/// Applies a [`Block`].
///
/// # Errors
/// [`ErrorCode::NotAllowed`] if the author blocks themselves, [`ErrorCode::LimitReached`] above the limit of the author's blocks.
pub(super) fn block(tables: &Connection, entry: &Entry, it: &Block) -> Result<Applied, ApplyError> {
    let pair = [entry.by.as_str(), it.user.as_str()];
    if is_blocked(tables, &entry.by, &it.user)? == it.blocked {
        return Ok(Applied::Duplicate(Event::Nothing));
    }
    if !it.blocked {
        tables
            .prepare_cached("DELETE FROM blocks WHERE user = ?1 AND blocked = ?2")?
            .execute(pair)?;
        return Ok(Applied::Logged(Event::Nothing));
    }
    if it.user == entry.by {
        return Err(ErrorCode::NotAllowed.into());
    }
    let guest = !people::is_registered(tables, &entry.by)?;
    let own: usize = tables
        .prepare_cached("SELECT count(*) FROM blocks WHERE user = ?1")?
        .query_row([entry.by.as_str()], |row| row.get(0))?;
    if own >= if guest { BLOCKS_OF_GUEST } else { BLOCKS } {
        return Err(ErrorCode::LimitReached.into());
    }
    tables
        .prepare_cached("INSERT INTO blocks (user, blocked, by_guest) VALUES (?1, ?2, ?3)")?
        .execute(params![pair[0], pair[1], guest])?;
    if guest {
        tables
            .prepare_cached(
                "DELETE FROM blocks WHERE n IN (SELECT n FROM blocks WHERE by_guest ORDER BY n DESC LIMIT -1 OFFSET ?1)",
            )?
            .execute([GUEST_BLOCKS])?;
    }
    Ok(Applied::Logged(Event::Nothing))
}

/// Returns whether `person` has blocked `other`.
pub(super) fn is_blocked(tables: &Connection, person: &ChatId, other: &ChatId) -> rusqlite::Result<bool> {
    tables
        .prepare_cached("SELECT 1 FROM blocks WHERE user = ?1 AND blocked = ?2")?
        .exists([person.as_str(), other.as_str()])
}

/// Returns the users whom a user has blocked, in the order of the blocks.
pub fn of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<ChatId>> {
    tables
        .prepare_cached("SELECT blocked FROM blocks WHERE user = ?1 ORDER BY n")?
        .query_map([person.as_str()], |row| parsed(row, 0))?
        .collect()
}
