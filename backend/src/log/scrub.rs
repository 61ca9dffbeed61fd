//! Removes deleted content from the log: the only reason for which an entry is rewritten. The replacement applies as the entry
//! did, and gives the same tables.

use rusqlite::{Connection, params, types::Type};

use crate::features::{Command, Entry, Event, account_deletion, deletions};

/// Removes from the log what an event has deleted.
pub(super) fn scrub(transaction: &Connection, event: &Event) -> rusqlite::Result<()> {
    match event {
        Event::MessageDeleted {
            entry: Some(position),
            ..
        } => unsay(transaction, *position),
        Event::RoomDeleted { entries, .. } => {
            (entries.iter()).try_for_each(|position| unsay(transaction, *position))
        }
        Event::AccountDeleted(erased) => {
            let anonymize = |entry: &Entry| account_deletion::anonymize(entry, &erased.person);
            let naming = account_deletion::naming(transaction, &erased.person)?;
            let mut positions = erased.entries.iter().chain(&naming);
            positions.try_for_each(|position| rewrite(transaction, *position, anonymize))
        }
        _ => Ok(()),
    }
}

/// Removes the text from the entry of a message.
fn unsay(transaction: &Connection, position: i64) -> rusqlite::Result<()> {
    rewrite(transaction, position, |entry| match &entry.command {
        Command::PostMessage(say) => Some(Command::Redacted(deletions::Redacted::of(say))),
        _ => None,
    })
}

fn rewrite(
    transaction: &Connection,
    position: i64,
    instead: impl FnOnce(&Entry) -> Option<Command>,
) -> rusqlite::Result<()> {
    let entry: String = transaction
        .prepare_cached("SELECT entry FROM log WHERE position = ?1")?
        .query_row([position], |row| row.get(0))?;
    let mut entry: Entry = serde_json::from_str(&entry)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?;
    let Some(command) = instead(&entry) else {
        return Ok(());
    };
    entry.command = command;
    let entry = serde_json::to_string(&entry).expect("an entry is made of strings and numbers");
    transaction
        .prepare_cached("UPDATE log SET entry = ?2 WHERE position = ?1")?
        .execute(params![position, entry])?;
    Ok(())
}
