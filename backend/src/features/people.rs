//! The users who are known: registered ones, and guests with an invite, a mute or a ban. Their credentials are in `sessions`.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis},
    people::{Role, UserRecord},
    presence::ChatUser,
    text::Nickname,
};

use super::{
    Applied, ApplyError, Event,
    sql::{from_column, parsed, to_column},
};

/// A name with its confusable skeletons: no two registered names are confusable. Skeletons change with the tables of Unicode,
/// so they are computed when the name is submitted, not when the entry is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name as it is written.
    pub name: Nickname,
    /// The skeletons of the name: as it is written, and in lower case.
    pub skeletons: [String; 2],
}

/// A known user: registered, or a guest with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's record. A guest's name is the one they had when they became known.
    pub known: UserRecord,
    /// Whether the user has redeemed an invitation.
    pub invited: bool,
}

impl Person {
    /// Returns whether the user has an account.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.known.role >= Role::Member
    }

    /// Returns whether the user is banned at this time.
    #[must_use]
    pub fn is_banned(&self, at: Millis) -> bool {
        self.known.banned_until.is_some_and(|until| until > at)
    }

    /// Returns whether the user is muted at this time.
    #[must_use]
    pub fn is_muted(&self, at: Millis) -> bool {
        self.muted_for(at) > 0
    }

    /// Returns for how many more milliseconds the user is muted, counted from this time.
    #[must_use]
    pub fn muted_for(&self, at: Millis) -> u64 {
        self.known.muted_until.map_or(0, |until| left(until, at))
    }
}

/// Returns the milliseconds from `now` until `until`; 0 if that is past.
#[must_use]
pub fn left(until: Millis, now: Millis) -> u64 {
    u64::try_from(until.0.saturating_sub(now.0)).unwrap_or(0)
}

/// Returns a registered user as they are shown to others.
#[must_use]
pub fn user_of(known: &UserRecord) -> ChatUser {
    ChatUser {
        avatar: known.avatar.clone(),
        role: known.role,
        ..ChatUser::guest(known.chat_id.clone(), known.name.clone())
    }
}

pub(super) fn may_connect(person: Option<&Person>, at: Millis) -> Result<(), ErrorCode> {
    match person {
        Some(person) if person.is_banned(at) => Err(ErrorCode::Banned),
        _ => Ok(()),
    }
}

/// Stores a guest, unless they are stored already.
pub(super) fn insert_guest(
    tables: &Connection,
    guest: &ChatId,
    name: &Nickname,
    avatar: &Avatar,
) -> rusqlite::Result<()> {
    tables
        .prepare_cached(
            "INSERT INTO users (id, name, avatar, role) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            guest.as_str(),
            name.as_str(),
            avatar.to_string(),
            to_column(&Role::Guest)
        ])?;
    Ok(())
}

/// Stores a guest with a name and an avatar, and replaces those that are stored.
pub(super) fn set_name(
    tables: &Connection,
    guest: &ChatId,
    name: &Nickname,
    avatar: &Avatar,
) -> rusqlite::Result<()> {
    insert_guest(tables, guest, name, avatar)?;
    tables
        .prepare_cached("UPDATE users SET name = ?2, avatar = ?3 WHERE id = ?1")?
        .execute([guest.as_str(), name.as_str(), &avatar.to_string()])?;
    Ok(())
}

/// Returns the event of a changed user.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the user is not known.
pub(super) fn person_changed(tables: &Connection, id: &ChatId) -> Result<Applied, ApplyError> {
    let known = person(tables, id)?.ok_or(ErrorCode::NotFound)?;
    Ok(Applied::Logged(Event::UserChanged(known)))
}

const COLUMNS: &str = "id, name, avatar, role, muted_until, banned_until, invite IS NOT NULL";

/// Returns a user, if they are known.
pub fn person(tables: &Connection, id: &ChatId) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?
        .query_row([id.as_str()], read)
        .optional()
}

/// Returns the registered user whose name has this skeleton.
pub fn by_name(tables: &Connection, name: &Name) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE folded_skeleton = ?1"))?
        .query_row([&name.skeletons[1]], read)
        .optional()
}

/// Returns all known users, in no particular order.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<Person>> {
    tables
        .prepare(&format!("SELECT {COLUMNS} FROM users"))?
        .query_map([], read)?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    let until = |index| Ok::<_, rusqlite::Error>(Some(row.get(index)?).filter(|it| *it > 0).map(Millis));
    Ok(Person {
        known: UserRecord {
            chat_id: parsed(row, 0)?,
            name: parsed(row, 1)?,
            avatar: parsed(row, 2)?,
            role: from_column(&row.get::<_, String>(3)?),
            muted_until: until(4)?,
            banned_until: until(5)?,
        },
        invited: row.get(6)?,
    })
}

/// Returns whether a user has an account.
pub(super) fn is_registered(tables: &Connection, person: &ChatId) -> rusqlite::Result<bool> {
    Ok(self::person(tables, person)?.is_some_and(|it| it.is_registered()))
}
