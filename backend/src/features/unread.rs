//! Counts a user's unread messages and mentions in a room, up to what is shown, by queries that read a bounded part of the room.

use rusqlite::{Connection, params};
use snug_shared::{ids::Position, limits::COUNTED, rooms::ReadState};

use super::{levels, mentions::EVERYBODY, room_access::RoomAccess, room_table};

/// Entries after the read position that are read at most, where many of them are the user's own.
const SEEN: u32 = 1_000;

/// Returns a user's read position, unread counts and level in a room, as of now.
pub(super) fn read_state(tables: &Connection, access: &RoomAccess<'_>) -> rusqlite::Result<ReadState> {
    let (room, person) = (access.room().as_str(), access.person().as_str());
    let n = room_table::head(tables, access.room())?.unwrap_or_default();
    // Without a read position, the user starts where the room ended when they joined.
    let read: Option<u64> = tables
        .prepare_cached(
            "SELECT coalesce((SELECT n FROM read_positions WHERE user = ?1 AND room = ?2),
                             (SELECT joined_at_position FROM members WHERE user = ?1 AND room = ?2))",
        )?
        .query_row([person, room], |row| row.get(0))?;
    let read = read.map(Position);
    let level = levels::level(tables, access)?;
    let Some(after) = read else {
        return Ok(ReadState {
            n,
            level,
            ..ReadState::default()
        });
    };
    let unread = tables
        .prepare_cached(
            "SELECT count(*) FROM (SELECT 1
               FROM (SELECT author FROM messages WHERE room = ?1 AND n > ?3 ORDER BY n LIMIT ?5)
               WHERE author <> ?2 LIMIT ?4)",
        )?
        .query_row(params![room, person, after.0, COUNTED, SEEN], |row| row.get(0))?;
    let mut mentioning = tables.prepare_cached(
        "SELECT count(*) FROM (SELECT 1
           FROM (SELECT author FROM mentions INDEXED BY mentions_by_user WHERE room = ?1 AND user = ?6 AND n > ?3 ORDER BY n LIMIT ?5)
           WHERE author <> ?2 LIMIT ?4)",
    )?;
    let mut mentions = 0;
    for whom in [person, EVERYBODY] {
        let of_them = params![room, person, after.0, COUNTED, SEEN, whom];
        mentions += mentioning.query_row(of_them, |row| row.get::<_, u32>(0))?;
    }
    Ok(ReadState {
        n,
        read,
        unread,
        mentions: mentions.min(COUNTED),
        level,
    })
}
