//! Mentions: stored with their message, and once more by mentioned user, to count unread ones.

use rusqlite::{Connection, Row, params, types::Type};
use snug_shared::{mentions::Mentions, messages::Message};

/// The placeholder for a mention of everybody. No id has this form.
pub(super) const EVERYBODY: &str = "*";

/// Stores the users whom a message mentions.
pub(super) fn insert(tables: &Connection, message: &Message) -> rusqlite::Result<()> {
    let insert_one = |person: &str| {
        tables
            .prepare_cached("INSERT INTO mentions (room, user, n, author) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                message.room.as_str(),
                person,
                message.n.0,
                message.chat_id.as_str()
            ])
    };
    if message.mentions.everybody() {
        insert_one(EVERYBODY)?;
        return Ok(());
    }
    for person in &message.mentions.people {
        if person.chat_id != message.chat_id {
            insert_one(person.chat_id.as_str())?;
        }
    }
    Ok(())
}

/// Converts mentions to the text of a message's column.
pub(super) fn written(mentions: &Mentions) -> Option<String> {
    let some = !mentions.is_empty();
    some.then(|| serde_json::to_string(mentions).expect("mentions are made of strings"))
}

/// Parses mentions from that column.
pub(super) fn read(row: &Row<'_>, index: usize) -> rusqlite::Result<Mentions> {
    let Some(text) = row.get::<_, Option<String>>(index)? else {
        return Ok(Mentions::default());
    };
    serde_json::from_str(&text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(error)))
}
