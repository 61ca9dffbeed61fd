//! The positions of rooms that have no message.

use rusqlite::{Connection, params};
use snug_shared::{
    ids::{Key, Position},
    mentions::Mentions,
    messages::{Deleted, Deletion},
};

use super::{room_access::RoomAccess, sql::parsed};

/// Returns whether the author has posted a message with this key that is deleted now.
pub(super) fn was_said(tables: &Connection, author: &RoomAccess<'_>, key: &Key) -> rusqlite::Result<bool> {
    tables
        .prepare_cached("SELECT 1 FROM tombstones WHERE author = ?1 AND key = ?2")?
        .exists([author.person().as_str(), key.as_str()])
}

/// Returns the deletions in a room after a position, up to and including another: the entries without a message.
pub(super) fn between(
    tables: &Connection,
    access: &RoomAccess<'_>,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<Deleted>> {
    tables
        .prepare_cached(
            "SELECT n, deletes, author FROM tombstones WHERE room = ?1 AND n > ?2 AND n <= ?3 ORDER BY n",
        )?
        .query_map(params![access.room().as_str(), after.0, upto.0], |row| {
            let chat_id = parsed(row, 2)?;
            let deletion = match row.get(1)? {
                None => None,
                Some(0) => Some(Deletion::Person { chat_id }),
                Some(of) => Some(Deletion::Message {
                    of: Position(of),
                    chat_id,
                    mentions: Mentions::default(),
                }),
            };
            Ok(Deleted {
                room: access.room().clone(),
                n: Position(row.get(0)?),
                deletion,
            })
        })?
        .collect()
}
