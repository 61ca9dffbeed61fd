//! Levels: what of a room somebody wants to hear of. Like how far they have read it, a bookmark of theirs.

use rusqlite::{Connection, OptionalExtension};
use serde::{Deserialize, Serialize};
use snug_shared::{ids::RoomId, levels::Level};

use super::{
    Applied, ApplyError, Entry, Event,
    members::{self, Member},
};

/// Wants to hear so much of a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetLevel {
    /// Which.
    pub room: RoomId,
    /// How much.
    pub level: Level,
}

pub(super) fn set(tables: &Connection, entry: &Entry, set: &SetLevel) -> Result<Applied, ApplyError> {
    let member = members::member(tables, &entry.by, &set.room)?;
    let (person, room) = (member.person().as_str(), member.room().as_str());
    tables
        .prepare_cached("INSERT OR REPLACE INTO levels (person, room, level) VALUES (?1, ?2, ?3)")?
        .execute([person, room, word(set.level)])?;
    Ok(Applied::Kept(Event::Levelled {
        room: set.room.clone(),
        person: entry.by.clone(),
        level: set.level,
    }))
}

pub(super) fn of_word(word: Option<&str>) -> Level {
    let known = Level::ALL
        .into_iter()
        .find(|&level| Some(self::word(level)) == word);
    known.unwrap_or_default()
}

/// Somebody's level of a room.
pub(super) fn level(tables: &Connection, member: &Member<'_>) -> rusqlite::Result<Level> {
    let word: Option<String> = tables
        .prepare_cached("SELECT level FROM levels WHERE person = ?1 AND room = ?2")?
        .query_row([member.person().as_str(), member.room().as_str()], |row| {
            row.get(0)
        })
        .optional()?;
    Ok(of_word(word.as_deref()))
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::All => "all",
        Level::Mentions => "mentions",
        Level::Nothing => "nothing",
    }
}
