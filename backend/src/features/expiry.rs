//! Deletes what has expired: network bans, and sessions that have not been used. None of it is in the log.

use rusqlite::Connection;
use snug_shared::ids::{Millis, SessionId};

use super::{Applied, ApplyError, Entry, Event, access, sql::parsed};

/// How long a session may be unused: 90 days, in milliseconds.
pub const UNUSED: i64 = 90 * 24 * 60 * 60 * 1_000;

/// The outcome of an expiry: what was deleted, and the network bans that remain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The sessions that ended.
    pub sessions: Vec<SessionId>,
    /// How many bans by network ended.
    pub bans: usize,
    /// The networks that are still banned, each with the end of its ban.
    pub network_bans: Vec<(String, Millis)>,
}

/// Deletes the network bans and sessions that have expired at the time of the entry.
pub(super) fn expire(tables: &Connection, entry: &Entry) -> Result<Applied, ApplyError> {
    let bans = tables
        .prepare_cached("DELETE FROM network_bans WHERE until <= ?1")?
        .execute([entry.at.0])?;
    let sessions = tables
        .prepare_cached("DELETE FROM sessions WHERE last_seen <= ?1 RETURNING id")?
        .query_map([entry.at.0.saturating_sub(UNUSED)], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    let network_bans = access::network_bans(tables)?;
    Ok(Applied::AppliedOnly(Event::Expired(Expired {
        sessions,
        bans,
        network_bans,
    })))
}
