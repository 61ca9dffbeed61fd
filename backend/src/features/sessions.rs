//! What proves who somebody is: passwords and sessions. Applied in the log's order, but never in the log: it would keep for
//! ever what people change because it has leaked.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    ids::{ChatId, Millis, SessionId},
    limits::SESSIONS,
    people::Device,
};

use super::{Applied, ApplyError, Entry, Event, parsed};

/// Sets a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPassword {
    /// Its Argon2id hash, in the PHC string format.
    pub hash: String,
    /// The one session that stays, if others are to end.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub only: Option<SessionId>,
}

/// A device is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// Its session.
    pub session: SessionId,
    /// The hash of its secret.
    pub hash: String,
    /// What the device calls itself.
    pub name: String,
}

/// A session was here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// Which.
    pub session: SessionId,
}

/// Ends a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Which.
    pub session: SessionId,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Which.
    pub id: SessionId,
    /// Whose.
    pub person: ChatId,
    /// The hash of its secret.
    pub hash: String,
    /// When it was last here.
    pub seen: Millis,
}

pub(super) fn set_password(
    tables: &Connection,
    entry: &Entry,
    it: &SetPassword,
) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached("INSERT OR REPLACE INTO passwords (person, hash) VALUES (?1, ?2)")?
        .execute([entry.by.as_str(), it.hash.as_str()])?;
    let ended = match &it.only {
        None => Vec::new(),
        Some(only) => tables
            .prepare_cached("DELETE FROM sessions WHERE person = ?1 AND id <> ?2 RETURNING id")?
            .query_map([entry.by.as_str(), only.as_str()], |row| parsed(row, 0))?
            .collect::<Result<_, _>>()?,
    };
    let person = entry.by.clone();
    Ok(Applied::Kept(Event::SessionsEnded { person, ended }))
}

pub(super) fn begin(tables: &Connection, entry: &Entry, it: &Begin) -> Result<Applied, ApplyError> {
    // Whoever signs in again and again ends the sessions that were here longest ago.
    let ended = tables
        .prepare_cached(
            "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE person = ?1 ORDER BY seen DESC, id DESC LIMIT -1 OFFSET ?2) RETURNING id",
        )?
        .query_map(params![entry.by.as_str(), SESSIONS - 1], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    tables
        .prepare_cached(
            "INSERT INTO sessions (id, person, hash, name, since, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )?
        .execute(params![
            it.session.as_str(),
            entry.by.as_str(),
            it.hash,
            it.name,
            entry.at.0
        ])?;
    let session = Session {
        id: it.session.clone(),
        person: entry.by.clone(),
        hash: it.hash.clone(),
        seen: entry.at,
    };
    Ok(Applied::Kept(Event::SessionBegun { session, ended }))
}

pub(super) fn seen(tables: &Connection, entry: &Entry, it: &Seen) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached("UPDATE sessions SET seen = ?3 WHERE id = ?1 AND person = ?2")?
        .execute(params![it.session.as_str(), entry.by.as_str(), entry.at.0])?;
    Ok(Applied::Kept(Event::Nothing))
}

pub(super) fn end(tables: &Connection, entry: &Entry, it: &End) -> Result<Applied, ApplyError> {
    let ended = tables
        .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND person = ?2 RETURNING id")?
        .query_map([it.session.as_str(), entry.by.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    let person = entry.by.clone();
    Ok(Applied::Kept(Event::SessionsEnded { person, ended }))
}

/// The hash of somebody's password.
pub fn password(tables: &Connection, person: &ChatId) -> rusqlite::Result<Option<String>> {
    tables
        .prepare_cached("SELECT hash FROM passwords WHERE person = ?1")?
        .query_row([person.as_str()], |row| row.get(0))
        .optional()
}

/// Every session.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<Session>> {
    tables
        .prepare("SELECT id, person, hash, seen FROM sessions")?
        .query_map([], |row| {
            Ok(Session {
                id: parsed(row, 0)?,
                person: parsed(row, 1)?,
                hash: row.get(2)?,
                seen: Millis(row.get(3)?),
            })
        })?
        .collect()
}

/// Somebody's devices, the one that was last here first.
pub fn devices(
    tables: &Connection,
    person: &ChatId,
    here: Option<&SessionId>,
) -> rusqlite::Result<Vec<Device>> {
    tables
        .prepare_cached(
            "SELECT id, name, since, seen FROM sessions WHERE person = ?1 ORDER BY seen DESC, id DESC",
        )?
        .query_map([person.as_str()], |row| {
            let session = parsed(row, 0)?;
            Ok(Device {
                here: here == Some(&session),
                session,
                name: row.get(1)?,
                since: Millis(row.get(2)?),
                seen: Millis(row.get(3)?),
            })
        })?
        .collect()
}
