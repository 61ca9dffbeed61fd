//! Resolves room addresses. A room keeps its address, `/rooms/<name>`, when it is renamed: the old name leads to it as long as
//! no other room has that name. Old names are not reserved: any room can take them.
//!
//! The page links to messages by the room's id, which names one room for ever. A link by name is an older one, or was written
//! by hand: it leads to the room that had the name first, since links to later rooms of that name use the id.

use rusqlite::{Connection, OptionalExtension, Row, params};
use snug_shared::{
    ids::{ChatId, Position, RoomId},
    limits::FORMER_NAMES,
    text::RoomName,
};

use super::sql::parsed;

/// Stores the old name of a room that is renamed by the entry at `position`.
pub(super) fn renamed(
    tables: &Connection,
    room: &RoomId,
    from: &RoomName,
    to: &RoomName,
    position: i64,
) -> rusqlite::Result<()> {
    tables
        .prepare_cached("INSERT OR REPLACE INTO former_names (room, name, log_position) VALUES (?1, ?2, ?3)")?
        .execute(params![room.as_str(), from.as_str(), position])?;
    tables
        .prepare_cached(
            "DELETE FROM former_names WHERE room = ?1
             AND (name = ?2 OR name NOT IN (SELECT name FROM former_names WHERE room = ?1 AND name <> ?2 ORDER BY log_position DESC LIMIT ?3))",
        )?
        .execute(params![room.as_str(), to.as_str(), FORMER_NAMES])?;
    Ok(())
}

/// Returns the room at an address, if `person` may know it: an id or a name, and for a link to a message its position `n`.
pub fn room_at(
    tables: &Connection,
    person: &ChatId,
    address: &str,
    n: Option<Position>,
) -> rusqlite::Result<Option<RoomId>> {
    // Everybody may know an open room; only its members may know any other.
    const KNOWN: &str =
        "(kind = 'open' OR EXISTS (SELECT 1 FROM members WHERE room = rooms.id AND user = ?2))";
    let room = |row: &Row<'_>| parsed(row, 0);
    let by_id = tables
        .prepare_cached(&format!("SELECT id FROM rooms WHERE id = ?1 AND {KNOWN}"))?
        .query_row([address, person.as_str()], room)
        .optional()?;
    if by_id.is_some() {
        return Ok(by_id);
    }
    let Ok(name) = RoomName::try_from(address) else {
        return Ok(None);
    };
    // For a message: the first room to have the name and that message. Otherwise: the room that has the name now, or had it
    // last.
    let order = if n.is_some() {
        "log_position IS NULL, log_position"
    } else {
        "log_position IS NOT NULL, log_position DESC"
    };
    tables
        .prepare_cached(&format!(
            "SELECT id FROM (SELECT id, head, NULL AS log_position FROM rooms WHERE name = ?1 AND {KNOWN}
                             UNION ALL
                             SELECT id, head, former_names.log_position FROM former_names JOIN rooms ON rooms.id = former_names.room
                             WHERE former_names.name = ?1 AND {KNOWN})
             ORDER BY head < ?3, {order} LIMIT 1"
        ))?
        .query_row(params![name.as_str(), person.as_str(), n.map_or(0, |it| it.0)], room)
        .optional()
}
