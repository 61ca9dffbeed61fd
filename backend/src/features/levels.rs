//! Notification levels: which messages of a room notify a user. Like the read position, a level is a bookmark of the user.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use snug_shared::{ids::RoomId, levels::NotificationLevel};

use super::{
    Applied, ApplyError, Entry, Event,
    room_access::{self, RoomAccess},
    sql::{from_column, to_column},
};

/// Sets the notification level for a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLevel {
    /// The room.
    pub room: RoomId,
    /// The new level.
    pub level: NotificationLevel,
}

/// Applies a [`SetLevel`].
///
/// # Errors
/// The codes of [`room_access::require_access`].
pub(super) fn set(tables: &Connection, entry: &Entry, set: &SetLevel) -> Result<Applied, ApplyError> {
    let access = room_access::require_access(tables, &entry.by, &set.room)?;
    let (person, room) = (access.person().as_str(), access.room().as_str());
    tables
        .prepare_cached("INSERT OR REPLACE INTO notification_levels (user, room, level) VALUES (?1, ?2, ?3)")?
        .execute([person, room, &to_column(&set.level)])?;
    Ok(Applied::AppliedOnly(Event::LevelChanged {
        room: set.room.clone(),
        person: entry.by.clone(),
        level: set.level,
    }))
}

/// Returns a user's notification level for a room.
pub(super) fn level(tables: &Connection, access: &RoomAccess<'_>) -> rusqlite::Result<NotificationLevel> {
    let text: Option<String> = tables
        .prepare_cached("SELECT level FROM notification_levels WHERE user = ?1 AND room = ?2")?
        .query_row([access.person().as_str(), access.room().as_str()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(text.as_deref().map(from_column).unwrap_or_default())
}
