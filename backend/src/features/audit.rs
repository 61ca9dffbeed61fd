//! The audit log: the moderation actions, for owners.

use rusqlite::{Connection, params};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis, Position},
    limits::RECORDS,
    people::{AuditEntry, ModerationAction},
};

use super::{ApplyError, Entry, people, sql::parsed};

/// Appends an act to the audit log.
pub(super) fn append_audit(
    tables: &Connection,
    entry: &Entry,
    act: &ModerationAction,
    whom: Option<&ChatId>,
    to: Option<String>,
) -> Result<(), ApplyError> {
    let by = people::person(tables, &entry.by)?.ok_or(ErrorCode::NotAllowed)?;
    let act = serde_json::to_string(act).expect("an act is made of words and numbers");
    tables
        .prepare_cached(
            "INSERT INTO audit_log (at, by, by_name, action, target_name, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.at.0,
            entry.by.as_str(),
            by.known.name.as_str(),
            act,
            to,
            whom.map(ChatId::as_str)
        ])?;
    Ok(())
}

/// Returns the acts before a position in the audit log, the newest first.
pub fn audit_log(tables: &Connection, before: Position) -> rusqlite::Result<Vec<AuditEntry>> {
    tables
        .prepare_cached(
            "SELECT n, at, by, by_name, action, target_name FROM audit_log WHERE n < ?1 ORDER BY n DESC LIMIT ?2",
        )?
        .query_map(params![before.0, RECORDS], |row| {
            let act: String = row.get(4)?;
            let act = serde_json::from_str(&act).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, error.into())
            })?;
            Ok(AuditEntry {
                n: Position(row.get(0)?),
                at: Millis(row.get(1)?),
                by: parsed(row, 2)?,
                by_name: parsed(row, 3)?,
                action: act,
                target: row.get(5)?,
            })
        })?
        .collect()
}
