//! The table of rooms: their info and their positions.

use rusqlite::{Connection, OptionalExtension, Row, params};
use snug_shared::{
    ids::{Millis, Position, RoomId},
    rooms::{Kind, RoomInfo},
};

use super::{
    participants,
    sql::{from_column, parsed},
};

const COLUMNS: &str = "id, name, topic, head, kind, archived, slow_mode, created_by";

/// Returns all rooms.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<RoomInfo>> {
    let mut people = participants::people_of_all(tables)?;
    let mut rooms: Vec<RoomInfo> = tables
        .prepare(&format!("SELECT {COLUMNS} FROM rooms"))?
        .query_map([], room_info)?
        .collect::<Result<_, _>>()?;
    for room in &mut rooms {
        room.participants = people.remove(&room.room).unwrap_or_default();
    }
    Ok(rooms)
}

/// Returns a room's info.
pub(crate) fn info(tables: &Connection, room: &RoomId) -> rusqlite::Result<Option<RoomInfo>> {
    let info = tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM rooms WHERE id = ?1"))?
        .query_row([room.as_str()], room_info)
        .optional()?;
    match info {
        Some(info) if info.kind == Kind::Direct => {
            let people = participants::people_of(tables, room)?;
            Ok(Some(RoomInfo {
                participants: people,
                ..info
            }))
        }
        info => Ok(info),
    }
}

/// Returns the last position of a room.
pub fn head(tables: &Connection, room: &RoomId) -> rusqlite::Result<Option<Position>> {
    tables
        .prepare_cached("SELECT head FROM rooms WHERE id = ?1")?
        .query_row([room.as_str()], |row| Ok(Position(row.get(0)?)))
        .optional()
}

/// Takes the next position of a room, and returns it.
pub(super) fn advance(tables: &Connection, room: &RoomId) -> rusqlite::Result<Position> {
    tables
        .prepare_cached("UPDATE rooms SET head = head + 1 WHERE id = ?1 RETURNING head")?
        .query_row([room.as_str()], |row| Ok(Position(row.get(0)?)))
}

/// Stores the time at which a user joined or left a room.
pub(super) fn touch(tables: &Connection, room: &RoomId, at: Millis) -> rusqlite::Result<()> {
    tables
        .prepare_cached("UPDATE rooms SET members_changed_at = ?2 WHERE id = ?1")?
        .execute(params![room.as_str(), at.0])?;
    Ok(())
}

fn room_info(row: &Row<'_>) -> rusqlite::Result<RoomInfo> {
    let (room, kind) = (parsed(row, 0)?, from_column(&row.get::<_, String>(4)?));
    let somebodys = kind != Kind::Direct && room != RoomId::lobby();
    Ok(RoomInfo {
        topic: parsed(row, 2)?,
        n: Position(row.get(3)?),
        kind,
        archived: row.get(5)?,
        slow_mode: row.get(6)?,
        created_by: if somebodys { Some(parsed(row, 7)?) } else { None },
        ..RoomInfo::open(room, parsed(row, 1)?)
    })
}
