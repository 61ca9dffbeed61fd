//! Settings of registered people. Like how far they have read a room, not of the log: what counts is the last.

use rusqlite::{Connection, OptionalExtension, types::Type};
use serde::{Deserialize, Serialize};
use snug_shared::{ids::ChatId, people::Role, settings::Settings};

use super::{Applied, ApplyError, Entry, Event, house};

/// Prefers these from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSettings {
    /// All of them.
    pub settings: Settings,
}

pub(super) fn set(tables: &Connection, entry: &Entry, it: &SetSettings) -> Result<Applied, ApplyError> {
    // A guest's would be nobody's when they go.
    house::require_role(tables, entry, Role::Member)?;
    let settings = serde_json::to_string(&it.settings).expect("settings are words and numbers");
    tables
        .prepare_cached("INSERT OR REPLACE INTO settings (person, settings) VALUES (?1, ?2)")?
        .execute([entry.by.as_str(), &settings])?;
    Ok(Applied::AppliedOnly(Event::Settings {
        person: entry.by.clone(),
        settings: it.settings,
    }))
}

/// What somebody has set, if they ever have.
pub fn of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Option<Settings>> {
    tables
        .prepare_cached("SELECT settings FROM settings WHERE person = ?1")?
        .query_row([person.as_str()], |row| {
            let json: String = row.get(0)?;
            serde_json::from_str(&json)
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
        })
        .optional()
}
