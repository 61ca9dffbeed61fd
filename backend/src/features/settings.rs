//! Settings of registered users. Like read positions, they are not in the log: only the last value counts.

use rusqlite::{Connection, OptionalExtension, types::Type};
use serde::{Deserialize, Serialize};
use snug_shared::{ids::ChatId, people::Role, settings::Settings};

use super::{Applied, ApplyError, Entry, Event, access};

/// Replaces the author's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSettings {
    /// All settings.
    pub settings: Settings,
}

/// Applies a [`SetSettings`].
///
/// # Errors
/// The codes of [`access::require_role`].
pub(super) fn set(tables: &Connection, entry: &Entry, it: &SetSettings) -> Result<Applied, ApplyError> {
    // Guests have no settings: nothing would delete them when the guest leaves.
    access::require_role(tables, entry, Role::Member)?;
    let settings = serde_json::to_string(&it.settings).expect("settings are words and numbers");
    tables
        .prepare_cached("INSERT OR REPLACE INTO settings (user, settings) VALUES (?1, ?2)")?
        .execute([entry.by.as_str(), &settings])?;
    Ok(Applied::AppliedOnly(Event::SettingsChanged {
        person: entry.by.clone(),
        settings: it.settings,
    }))
}

/// Returns a user's settings, if they have ever changed them.
pub fn of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Option<Settings>> {
    tables
        .prepare_cached("SELECT settings FROM settings WHERE user = ?1")?
        .query_row([person.as_str()], |row| {
            let json: String = row.get(0)?;
            serde_json::from_str(&json)
                .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
        })
        .optional()
}
