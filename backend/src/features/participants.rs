//! The participants of direct conversations, as they are shown.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use snug_shared::{
    ids::{ChatId, RoomId},
    presence::ChatUser,
};

use super::sql::parsed;

/// The columns of a participant. A registered user is shown with their present name and avatar.
const COLUMNS: &str = "user, coalesce(users.name, direct_participants.name), coalesce(users.avatar, direct_participants.avatar)";

const KEPT: &str = "LEFT JOIN users ON users.id = user AND users.skeleton IS NOT NULL";

/// Returns the participants of a conversation.
pub(super) fn people_of(tables: &Connection, room: &RoomId) -> rusqlite::Result<Vec<ChatUser>> {
    tables
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM direct_participants {KEPT} WHERE room = ?1 ORDER BY user"
        ))?
        .query_map([room.as_str()], |row| talker(row, 0))?
        .collect()
}

/// Returns the participants of every conversation.
pub(super) fn people_of_all(tables: &Connection) -> rusqlite::Result<HashMap<RoomId, Vec<ChatUser>>> {
    let mut all: HashMap<RoomId, Vec<ChatUser>> = HashMap::new();
    let mut query = tables.prepare(&format!(
        "SELECT room, {COLUMNS} FROM direct_participants {KEPT} ORDER BY user"
    ))?;
    let mut rows = query.query(params![])?;
    while let Some(row) = rows.next()? {
        all.entry(parsed(row, 0)?).or_default().push(talker(row, 1)?);
    }
    Ok(all)
}

/// Hides a conversation for a user who leaves it. Returns whether the room is a conversation of theirs.
pub(super) fn hide(tables: &Connection, room: &RoomId, person: &ChatId) -> rusqlite::Result<bool> {
    let hidden = tables
        .prepare_cached("UPDATE direct_participants SET hidden = 1 WHERE room = ?1 AND user = ?2")?
        .execute([room.as_str(), person.as_str()])?;
    Ok(hidden == 1)
}

fn talker(row: &Row<'_>, first: usize) -> rusqlite::Result<ChatUser> {
    Ok(ChatUser {
        avatar: parsed(row, first + 2)?,
        ..ChatUser::guest(parsed(row, first)?, parsed(row, first + 1)?)
    })
}
