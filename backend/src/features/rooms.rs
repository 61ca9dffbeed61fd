//! Rooms, and who may be in one.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use snug_shared::{
    code::Code,
    ids::{ChatId, Position, RoomId},
};

use super::{Applied, ApplyError, Event};

/// Opens a room that everybody may be in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its id.
    pub room: RoomId,
}

/// The proof that somebody may read and speak in a room. The only way to it is [`member`].
#[derive(Debug)]
pub struct Member<'a> {
    room: &'a RoomId,
    person: &'a ChatId,
}

impl Member<'_> {
    /// The room.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        self.room
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> &ChatId {
        self.person
    }
}

pub(super) fn open(tables: &Connection, open: &Open) -> Result<Applied, ApplyError> {
    let opened = tables
        .prepare_cached("INSERT INTO rooms (id, head) VALUES (?1, 0) ON CONFLICT DO NOTHING")?
        .execute([open.room.as_str()])?;
    let event = Event::Opened(open.room.clone());
    Ok(if opened == 1 {
        Applied::Recorded(event)
    } else {
        Applied::Known(event)
    })
}

/// Looks up whether somebody is in a room. A stranger hears the same as if there were no room.
pub fn member<'a>(
    tables: &Connection,
    person: &'a ChatId,
    room: &'a RoomId,
) -> Result<Member<'a>, ApplyError> {
    // An open room's members are everybody.
    head(tables, room)?.ok_or(Code::NotFound)?;
    Ok(Member { room, person })
}

/// How far a room has come.
pub fn head(tables: &Connection, room: &RoomId) -> rusqlite::Result<Option<Position>> {
    tables
        .prepare_cached("SELECT head FROM rooms WHERE id = ?1")?
        .query_row([room.as_str()], |row| Ok(Position(row.get(0)?)))
        .optional()
}

/// The next position of a room, taken.
pub(super) fn advance(tables: &Connection, member: &Member<'_>) -> rusqlite::Result<Position> {
    tables
        .prepare_cached("UPDATE rooms SET head = head + 1 WHERE id = ?1 RETURNING head")?
        .query_row([member.room.as_str()], |row| Ok(Position(row.get(0)?)))
}

/// Every room and how far it has come.
pub fn heads(tables: &Connection) -> rusqlite::Result<Vec<(RoomId, Position)>> {
    tables
        .prepare("SELECT id, head FROM rooms")?
        .query_map([], |row| Ok((row.get::<_, String>(0)?, Position(row.get(1)?))))?
        .map(|row| {
            let (id, head) = row?;
            let id = RoomId::try_from(id).map_err(|_| rusqlite::Error::InvalidQuery)?;
            Ok((id, head))
        })
        .collect()
}
