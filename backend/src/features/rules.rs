//! The rules of the server.

use rusqlite::{Connection, OptionalExtension};
use snug_shared::people::Rules;

use super::sql::from_column;

/// Returns the rules in force.
pub fn rules(tables: &Connection) -> rusqlite::Result<Rules> {
    let rules = tables
        .prepare_cached("SELECT join_policy, room_creation_role FROM rules")?
        .query_row([], |row| {
            Ok(Rules {
                join_policy: from_column(&row.get::<_, String>(0)?),
                room_creation_role: from_column(&row.get::<_, String>(1)?),
            })
        })
        .optional()?;
    Ok(rules.unwrap_or_default())
}
