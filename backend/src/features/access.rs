//! Checks permissions, for all features. Reads tables and changes none.

use rusqlite::Connection;
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis},
    people::Role,
};

use super::{
    ApplyError, Entry,
    people::{self, Person},
    rules::rules,
    sql::to_column,
};

/// Checks that the author of an entry has at least a role, and returns their role.
///
/// # Errors
/// [`ErrorCode::NotAllowed`] for a lower role or a banned user, [`ErrorCode::Muted`] for a muted one.
pub(super) fn require_role(tables: &Connection, entry: &Entry, role: Role) -> Result<Role, ApplyError> {
    let by = people::person(tables, &entry.by)?;
    match by {
        Some(by) if by.known.role < role || by.is_banned(entry.at) => Err(ErrorCode::NotAllowed.into()),
        // A muted moderator cannot moderate either: other users would see it.
        Some(by) if by.is_muted(entry.at) => Err(ErrorCode::Muted.into()),
        Some(by) => Ok(by.known.role),
        None => Err(ErrorCode::NotAllowed.into()),
    }
}

/// Checks that the author of an entry may change what other users see. Otherwise a muted user could post by way of names,
/// topics, rooms and avatars. A user may always leave, and delete their own messages.
///
/// # Errors
/// [`ErrorCode::Banned`] for a banned author, [`ErrorCode::Muted`] for a muted one.
pub(super) fn may_be_seen(tables: &Connection, entry: &Entry) -> Result<(), ApplyError> {
    match people::person(tables, &entry.by)? {
        Some(by) if by.is_banned(entry.at) => Err(ErrorCode::Banned.into()),
        Some(by) if by.is_muted(entry.at) => Err(ErrorCode::Muted.into()),
        _ => Ok(()),
    }
}

/// Returns a user with an account.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the user has none.
pub(super) fn require_account(tables: &Connection, id: &ChatId) -> Result<Person, ApplyError> {
    let person = people::person(tables, id)?.filter(Person::is_registered);
    person.ok_or_else(|| ErrorCode::NotFound.into())
}

/// Checks that the author of an entry may open a room under the rules in force.
///
/// # Errors
/// The codes of [`require_role`].
pub(super) fn may_open(tables: &Connection, entry: &Entry) -> Result<(), ApplyError> {
    match rules(tables)?.room_creation_role {
        Role::Guest => Ok(()),
        least => require_role(tables, entry, least).map(|_| ()),
    }
}

/// Returns the number of owners.
pub fn owners(tables: &Connection) -> rusqlite::Result<usize> {
    tables
        .prepare_cached("SELECT count(*) FROM users WHERE role = ?1")?
        .query_row([to_column(&Role::Owner)], |row| row.get(0))
}

/// Returns the networks that guests are banned from, each with the end of its ban.
pub fn network_bans(tables: &Connection) -> rusqlite::Result<Vec<(String, Millis)>> {
    tables
        .prepare_cached("SELECT network, until FROM network_bans")?
        .query_map([], |row| Ok((row.get(0)?, Millis(row.get(1)?))))?
        .collect()
}
