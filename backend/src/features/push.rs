//! The browsers that are sent pushes. Applied in the log's order, but never in the log: an endpoint is a secret of its
//! browser's, and gone when the browser says so.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    code::Code,
    ids::{ChatId, Position, RoomId, SessionId},
    limits::{PUSHES, PUSHES_OF_PERSON},
};

use super::{Applied, ApplyError, Entry, Event, parsed, rooms};

/// A browser. Everything in it was checked when it came.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// Where its push service takes messages for it.
    pub endpoint: String,
    /// Its public key, in URL-safe Base64.
    pub key: String,
    /// Its secret, in the same.
    pub auth: String,
    /// The session that it has, if its person keeps a name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionId>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

/// Sends somebody's pushes to a browser too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribe {
    /// Which.
    pub browser: Subscription,
}

/// Sends a browser nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribe {
    /// Its endpoint.
    pub endpoint: String,
}

pub(super) fn subscribe(tables: &Connection, entry: &Entry, it: &Subscribe) -> Result<Applied, ApplyError> {
    let browser = &it.browser;
    if let Some(session) = &browser.session {
        // It may have ended on the way here.
        let there = tables
            .prepare_cached("SELECT 1 FROM sessions WHERE id = ?1 AND person = ?2")?
            .exists([session.as_str(), entry.by.as_str()])?;
        if !there {
            return Err(Code::ChatIdTaken.into());
        }
    }
    let others: usize = tables
        .prepare_cached("SELECT count(*) FROM pushes WHERE endpoint <> ?1")?
        .query_row([&browser.endpoint], |row| row.get(0))?;
    if others >= PUSHES {
        return Err(Code::TooMany.into());
    }
    // A browser is whose it is now: another person may have been here before.
    tables
        .prepare_cached(
            "INSERT OR REPLACE INTO pushes (endpoint, person, session, key, auth, seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            browser.endpoint,
            entry.by.as_str(),
            browser.session.as_ref().map(SessionId::as_str),
            browser.key,
            browser.auth,
            entry.at.0,
        ])?;
    // Those that were here longest ago are likely gone.
    tables
        .prepare_cached(
            "DELETE FROM pushes WHERE endpoint IN
             (SELECT endpoint FROM pushes WHERE person = ?1 ORDER BY endpoint = ?2 DESC, seen DESC, endpoint
              LIMIT -1 OFFSET ?3)",
        )?
        .execute(params![entry.by.as_str(), browser.endpoint, PUSHES_OF_PERSON])?;
    Ok(Applied::Kept(Event::Nothing))
}

pub(super) fn unsubscribe(
    tables: &Connection,
    entry: &Entry,
    it: &Unsubscribe,
) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached("DELETE FROM pushes WHERE endpoint = ?1 AND person = ?2")?
        .execute([it.endpoint.as_str(), entry.by.as_str()])?;
    Ok(Applied::Kept(Event::Nothing))
}

/// Whether anybody is sent pushes.
pub fn any(tables: &Connection) -> rusqlite::Result<bool> {
    tables.prepare("SELECT 1 FROM pushes LIMIT 1")?.exists([])
}

/// Those in a room who are sent pushes.
pub fn listeners(tables: &Connection, room: &RoomId) -> rusqlite::Result<Vec<ChatId>> {
    tables
        .prepare_cached(
            "SELECT DISTINCT person FROM pushes
             WHERE ?1 = ?2 OR EXISTS (SELECT 1 FROM members WHERE members.person = pushes.person AND room = ?1)",
        )?
        .query_map([room.as_str(), RoomId::lobby().as_str()], |row| parsed(row, 0))?
        .collect()
}

/// The endpoints of somebody's browsers.
pub fn endpoints(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<String>> {
    tables
        .prepare_cached("SELECT endpoint FROM pushes WHERE person = ?1")?
        .query_map([person.as_str()], |row| row.get(0))?
        .collect()
}

/// A browser of somebody's, if they may be told there what is at a place in a room, and have not read it.
pub fn ready(
    tables: &Connection,
    person: &ChatId,
    endpoint: &str,
    (room, n): (&RoomId, Position),
) -> rusqlite::Result<Option<Subscription>> {
    match rooms::member(tables, person, room) {
        Ok(_) => {}
        Err(ApplyError::Refused(_)) => return Ok(None),
        Err(ApplyError::Database(error)) => return Err(error),
    }
    tables
        .prepare_cached(
            "SELECT endpoint, key, auth, session FROM pushes
             WHERE endpoint = ?1 AND person = ?2
             AND NOT EXISTS (SELECT 1 FROM reads WHERE reads.person = ?2 AND room = ?3 AND n >= ?4)",
        )?
        .query_row(params![endpoint, person.as_str(), room.as_str(), n.0], read)
        .optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let session: Option<String> = row.get(3)?;
    Ok(Subscription {
        endpoint: row.get(0)?,
        key: row.get(1)?,
        auth: row.get(2)?,
        session: session.map(|_| parsed(row, 3)).transpose()?,
    })
}
