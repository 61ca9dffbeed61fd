//! Messages: posted once, stored until they are deleted, read page by page.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    api::HistoryQuery,
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Key, Millis, Position, RoomId},
    limits::PAGE_MESSAGES,
    mentions::Mentions,
    messages::{Logged, Message, Page},
    text::{MessageBody, Nickname},
};

use super::{
    Applied, ApplyError, Entry, Event, directs, mentions, posting,
    room_access::{self, RoomAccess},
    room_table,
    sql::parsed,
    tombstones,
};

/// Posts a message in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostMessage {
    /// The room to post in.
    pub room: RoomId,
    /// The author's key for the message.
    pub key: Key,
    /// The author's nickname at the time.
    pub name: Nickname,
    /// The author's avatar at the time.
    pub avatar: Avatar,
    /// The text of the message.
    pub text: MessageBody,
    /// The users whom the message mentions, resolved when it was submitted.
    #[serde(skip_serializing_if = "Mentions::is_empty", default)]
    pub mentions: Mentions,
}

/// Applies a [`PostMessage`].
///
/// # Errors
/// [`ErrorCode::NotFound`] if the author is not in the room, [`ErrorCode::KeyConflict`] if the author has posted another
/// message with the same key, [`ErrorCode::MessageDeleted`] if that message is deleted, and the codes of [`posting::may_speak`].
pub(super) fn post(
    tables: &Connection,
    entry: &Entry,
    say: &PostMessage,
    position: i64,
) -> Result<Applied, ApplyError> {
    let access = room_access::require_access(tables, &entry.by, &say.room)?;
    if let Some(known) = by_key(tables, access.person(), &say.key)? {
        if known.room == say.room && known.text == say.text {
            return Ok(Applied::Duplicate(Event::MessagePosted(known)));
        }
        return Err(ErrorCode::KeyConflict.into());
    }
    if tombstones::was_said(tables, &access, &say.key)? {
        return Err(ErrorCode::MessageDeleted.into());
    }
    let speaker = posting::may_speak(tables, entry, &access)?;
    // Before the post, so that the read states do not count it: the participants receive it after them.
    let back = if speaker.direct {
        directs::unhide_for_others(tables, &access)?
    } else {
        Vec::new()
    };
    let (name, avatar) = speaker.known.map_or_else(
        || (say.name.clone(), say.avatar.clone()),
        |it| (it.name, it.avatar),
    );
    let message = Message {
        room: say.room.clone(),
        n: room_table::advance(tables, access.room())?,
        key: say.key.clone(),
        chat_id: entry.by.clone(),
        name,
        avatar,
        text: say.text.clone(),
        mentions: say.mentions.clone(),
        at: entry.at,
    };
    insert(tables, &message, position)?;
    mentions::insert(tables, &message)?;
    Ok(Applied::Logged(if back.is_empty() {
        Event::MessagePosted(message)
    } else {
        Event::MessagePostedInHidden { message, back }
    }))
}

/// The entries after a position or, if they are more than a page, the newest page.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadOn {
    /// All entries after the position.
    Entries(Vec<Logged>),
    /// The newest page, which replaces everything that the client has.
    Page(Page),
}

/// Reads a room's entries after a position.
pub fn read_on(tables: &Connection, access: &RoomAccess<'_>, after: Position) -> rusqlite::Result<ReadOn> {
    // Both queries must see the same head.
    let snapshot = tables.unchecked_transaction()?;
    let head = room_table::head(&snapshot, access.room())?.unwrap_or_default();
    if after <= head && head.since(after) <= PAGE_MESSAGES as u64 {
        return between(&snapshot, access, after, head).map(ReadOn::Entries);
    }
    page(&snapshot, access, head).map(ReadOn::Page)
}

/// Returns a page of history. It never reaches beyond the room's head.
pub fn excerpt(
    tables: &Connection,
    access: &RoomAccess<'_>,
    excerpt: HistoryQuery,
) -> rusqlite::Result<Page> {
    const LENGTH: u64 = PAGE_MESSAGES as u64;
    let snapshot = tables.unchecked_transaction()?;
    let head = room_table::head(&snapshot, access.room())?.unwrap_or_default().0;
    let upto = match excerpt {
        HistoryQuery::Before(n) => head.min(n.0.saturating_sub(1)),
        HistoryQuery::Around(n) => head.min(n.0.saturating_add(LENGTH / 2 - 1).max(LENGTH)),
        HistoryQuery::After(n) => {
            let after = head.min(n.0);
            let upto = head.min(after + LENGTH);
            return stretch(&snapshot, access, Position(after), Position(upto));
        }
    };
    page(&snapshot, access, Position(upto))
}

fn page(tables: &Connection, access: &RoomAccess<'_>, upto: Position) -> rusqlite::Result<Page> {
    let after = Position(upto.0.saturating_sub(PAGE_MESSAGES as u64));
    stretch(tables, access, after, upto)
}

fn stretch(
    tables: &Connection,
    access: &RoomAccess<'_>,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Page> {
    let entries = between(tables, access, after, upto)?;
    Ok(Page::of(access.room().clone(), after, upto, entries))
}

const COLUMNS: &str = "room, n, key, author, name, avatar, text, at, mentions";

fn insert(tables: &Connection, message: &Message, position: i64) -> rusqlite::Result<()> {
    tables
        .prepare_cached(&format!(
            "INSERT INTO messages ({COLUMNS}, log_position) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
        ))?
        .execute(params![
            message.room.as_str(),
            message.n.0,
            message.key.as_str(),
            message.chat_id.as_str(),
            message.name.as_str(),
            message.avatar.to_string(),
            message.text.as_str(),
            message.at.0,
            mentions::written(&message.mentions),
            position,
        ])?;
    Ok(())
}

/// Returns the message that its author has posted with this key, unless it is deleted. It needs no access to the room: an author may
/// read what they have written themselves.
pub fn by_key(tables: &Connection, author: &ChatId, key: &Key) -> rusqlite::Result<Option<Message>> {
    tables
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE author = ?1 AND key = ?2"
        ))?
        .query_row([author.as_str(), key.as_str()], message)
        .optional()
}

fn between(
    tables: &Connection,
    access: &RoomAccess<'_>,
    after: Position,
    upto: Position,
) -> rusqlite::Result<Vec<Logged>> {
    let mut entries = tables
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM messages WHERE room = ?1 AND n > ?2 AND n <= ?3 ORDER BY n"
        ))?
        .query_map(params![access.room().as_str(), after.0, upto.0], |row| {
            message(row).map(Logged::Said)
        })?
        .collect::<rusqlite::Result<Vec<_>>>()?;
    if (entries.len() as u64) < upto.since(after) {
        let deleted = tombstones::between(tables, access, after, upto)?;
        entries.extend(deleted.into_iter().map(Logged::Deleted));
        entries.sort_by_key(Logged::n);
    }
    Ok(entries)
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        room: parsed(row, 0)?,
        n: Position(row.get(1)?),
        key: parsed(row, 2)?,
        chat_id: parsed(row, 3)?,
        name: parsed(row, 4)?,
        avatar: parsed(row, 5)?,
        text: parsed(row, 6)?,
        at: Millis(row.get(7)?),
        mentions: mentions::read(row, 8)?,
    })
}
