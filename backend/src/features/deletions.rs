//! Deletes messages, for their authors and for moderators. The text is deleted, from the log too. The position stays taken,
//! since other positions count from it, and so does the author's key, so that the message cannot be posted again.

use rusqlite::{Connection, OptionalExtension, ToSql, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Key, Position, RoomId},
    mentions::Mentions,
    messages::{Deleted, Deletion},
    people::Role,
    rooms::Kind,
};

use super::{
    Applied, ApplyError, Entry, Event, access, directs, mentions,
    messages::PostMessage,
    people::{self, Person},
    posting,
    room_access::{self, RoomAccess},
    room_table,
    sql::parsed,
};

/// Replaces, in the log, the command of a message that a later entry deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redacted {
    /// The room that the message was posted in.
    pub room: RoomId,
    /// The author's key for the message.
    pub key: Key,
}

impl Redacted {
    /// Returns the command that replaces a deleted message's command.
    #[must_use]
    pub fn of(say: &PostMessage) -> Self {
        Self {
            room: say.room.clone(),
            key: say.key.clone(),
        }
    }
}

/// A message that can be deleted, or was.
struct Found {
    author: ChatId,
    mentions: Mentions,
    entry: Option<i64>,
    deleted: bool,
}

/// Applies the replacement of a deleted message: takes its position and stores its key.
pub(super) fn redacted(tables: &Connection, entry: &Entry, it: &Redacted) -> Result<Applied, ApplyError> {
    let access = room_access::require_access(tables, &entry.by, &it.room)?;
    if posting::may_speak(tables, entry, &access)?.direct {
        directs::unhide_for_others(tables, &access)?;
    }
    let n = room_table::advance(tables, access.room())?;
    tables
        .prepare_cached("INSERT INTO tombstones (room, n, author, key) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![it.room.as_str(), n.0, entry.by.as_str(), it.key.as_str()])?;
    let room = it.room.clone();
    let deleted = Deleted {
        room,
        n,
        deletion: None,
    };
    Ok(Applied::Logged(Event::MessageDeleted { deleted, entry: None }))
}

/// Deletes a message. Returns the event, and the message's author if that is another user than the entry's; `None` if it is deleted
/// already.
///
/// # Errors
/// [`ErrorCode::NotFound`] for a user who is not in the room or a message that does not exist. For another user's message,
/// [`ErrorCode::NotAllowed`] in a direct conversation, and the codes of [`access::require_role`]. For an own message,
/// [`ErrorCode::Banned`] for a banned user.
pub(super) fn delete(
    tables: &Connection,
    entry: &Entry,
    room: &RoomId,
    of: Position,
) -> Result<Option<(Event, Option<ChatId>)>, ApplyError> {
    let access = room_access::require_access(tables, &entry.by, room)?;
    let found = find(tables, &access, of)?.ok_or(ErrorCode::NotFound)?;
    let others = found.author != entry.by;
    if others {
        access::require_role(tables, entry, Role::Moderator)?;
        // A direct conversation is not moderated.
        if room_table::info(tables, room)?.is_some_and(|it| it.kind == Kind::Direct) {
            return Err(ErrorCode::NotAllowed.into());
        }
    } else if people::person(tables, &entry.by)?.is_some_and(|it: Person| it.is_banned(entry.at)) {
        return Err(ErrorCode::Banned.into());
    }
    if found.deleted {
        return Ok(None);
    }
    let n = room_table::advance(tables, room)?;
    delete_rows(tables, "room = ?1 AND n = ?2", params![room.as_str(), of.0])?;
    tables
        .prepare_cached("UPDATE tombstones SET deletion = ?3 WHERE room = ?1 AND n = ?2")?
        .execute(params![room.as_str(), of.0, n.0])?;
    tables
        .prepare_cached("INSERT INTO tombstones (room, n, author, deletes) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![room.as_str(), n.0, found.author.as_str(), of.0])?;
    let whose = others.then(|| found.author.clone());
    let deletion = Deletion::Message {
        of,
        chat_id: found.author,
        mentions: found.mentions,
    };
    let deleted = Deleted {
        room: room.clone(),
        n,
        deletion: Some(deletion),
    };
    let entry = found.entry;
    Ok(Some((Event::MessageDeleted { deleted, entry }, whose)))
}

/// Deletes all messages of a user, and returns one deletion for each room.
pub(super) fn delete_all_of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<Deleted>> {
    let rooms: Vec<RoomId> = tables
        .prepare_cached(
            "SELECT room FROM messages WHERE author = ?1
             UNION SELECT room FROM tombstones WHERE author = ?1 AND key IS NOT NULL AND deletion IS NULL ORDER BY room",
        )?
        .query_map([person.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    delete_rows(tables, "author = ?1", params![person.as_str()])?;
    let deletion = Deletion::Person {
        chat_id: person.clone(),
    };
    let delete = |room: RoomId| {
        let n = room_table::advance(tables, &room)?;
        tables
            .prepare_cached("INSERT INTO tombstones (room, n, author, deletes) VALUES (?1, ?2, ?3, 0)")?
            .execute(params![room.as_str(), n.0, person.as_str()])?;
        let deletion = Some(deletion.clone());
        Ok(Deleted { room, n, deletion })
    };
    let deleted = rooms.into_iter().map(delete).collect::<rusqlite::Result<_>>()?;
    // Each room's deletion is its last entry now. One statement for all rooms: a user may have posted many messages in many
    // rooms.
    tables
        .prepare_cached(
            "UPDATE tombstones SET deletion = (SELECT head FROM rooms WHERE id = tombstones.room)
             WHERE author = ?1 AND key IS NOT NULL AND deletion IS NULL",
        )?
        .execute([person.as_str()])?;
    Ok(deleted)
}

/// Returns the positions in the log of all messages of a user.
pub(super) fn entries_of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<i64>> {
    tables
        .prepare_cached("SELECT log_position FROM messages WHERE author = ?1")?
        .query_map([person.as_str()], |row| row.get(0))?
        .collect()
}

/// Replaces messages by the row that remains of a deleted message.
fn delete_rows(tables: &Connection, which: &str, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
    for statement in [
        format!(
            "INSERT INTO tombstones (room, n, author, key) SELECT room, n, author, key FROM messages WHERE {which}"
        ),
        // The same columns: a mention has its message's position and author.
        format!("DELETE FROM mentions WHERE {which}"),
        format!("DELETE FROM messages WHERE {which}"),
    ] {
        tables.prepare_cached(&statement)?.execute(values)?;
    }
    Ok(())
}

/// Returns the message at a position, deleted or not. During a rebuild of the tables, its text may be gone from the log
/// already.
fn find(tables: &Connection, access: &RoomAccess<'_>, n: Position) -> Result<Option<Found>, ApplyError> {
    let place = params![access.room().as_str(), n.0];
    let said = tables
        .prepare_cached("SELECT author, mentions, log_position FROM messages WHERE room = ?1 AND n = ?2")?
        .query_row(place, |row| {
            Ok(Found {
                author: parsed(row, 0)?,
                mentions: mentions::read(row, 1)?,
                entry: Some(row.get(2)?),
                deleted: false,
            })
        })
        .optional()?;
    if said.is_some() {
        return Ok(said);
    }
    let unsaid = tables
        .prepare_cached(
            "SELECT author, deletion IS NOT NULL FROM tombstones WHERE room = ?1 AND n = ?2 AND key IS NOT NULL",
        )?
        .query_row(place, |row| {
            Ok(Found {
                author: parsed(row, 0)?,
                mentions: Mentions::default(),
                entry: None,
                deleted: row.get(1)?,
            })
        })
        .optional()?;
    Ok(unsaid)
}
