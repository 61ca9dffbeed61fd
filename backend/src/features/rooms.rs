//! Rooms: opened, found, joined and left; and who may be in one.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    code::Code,
    ids::{ChatId, Position, RoomId},
    levels::Level,
    limits::{LISTED_ROOMS, ROOMS, ROOMS_OF_PERSON},
    rooms::{Listed, RoomInfo, Standing},
    text::{RoomName, Topic},
};

use super::{Applied, ApplyError, Entry, Event, parsed, waiting};

/// Opens a room that everybody may join, and whoever opens it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Open {
    /// Its id.
    pub room: RoomId,
    /// What it is called. The lobby, which Snug opens and everybody is in, says nothing of it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<RoomName>,
    /// What it is for.
    #[serde(skip_serializing_if = "Topic::is_empty", default)]
    pub topic: Topic,
}

impl Open {
    /// What Snug does first of all.
    #[must_use]
    pub fn lobby() -> Self {
        Self {
            room: RoomId::lobby(),
            name: None,
            topic: Topic::default(),
        }
    }
}

/// Joins an open room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Join {
    /// Which.
    pub room: RoomId,
}

/// Leaves a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leave {
    /// Which.
    pub room: RoomId,
}

/// Remembers how far somebody has read a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Which.
    pub room: RoomId,
    /// The last position that they have read.
    pub n: Position,
}

/// The proof that somebody may read and speak in a room. The only way to it is [`member`].
#[derive(Debug)]
pub struct Member<'a> {
    room: &'a RoomId,
    person: &'a ChatId,
}

impl Member<'_> {
    /// The room.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        self.room
    }

    /// The person.
    #[must_use]
    pub fn person(&self) -> &ChatId {
        self.person
    }
}

pub(super) fn open(tables: &Connection, entry: &Entry, open: &Open) -> Result<Applied, ApplyError> {
    let name = match &open.name {
        Some(name) => name.clone(),
        None => RoomName::lobby(),
    };
    if let Some(known) = info(tables, &open.room)? {
        if known.name == name && opener(tables, &open.room)? == entry.by.as_str() {
            return Ok(Applied::Known(opened(known, entry)));
        }
        return Err(Code::RoomNameTaken.into());
    }
    let taken = tables
        .prepare_cached("SELECT 1 FROM rooms WHERE name = ?1")?
        .exists([name.as_str()])?;
    if taken {
        return Err(Code::RoomNameTaken.into());
    }
    let rooms: usize = tables
        .prepare_cached("SELECT count(*) FROM rooms")?
        .query_row([], |row| row.get(0))?;
    if rooms >= ROOMS {
        return Err(Code::TooManyRooms.into());
    }
    let lobby = open.room == RoomId::lobby();
    if !lobby {
        has_room(tables, &entry.by)?;
    }
    tables
        .prepare_cached("INSERT INTO rooms (id, head, name, topic, opened_by) VALUES (?1, 0, ?2, ?3, ?4)")?
        .execute([
            open.room.as_str(),
            name.as_str(),
            open.topic.as_str(),
            entry.by.as_str(),
        ])?;
    if !lobby {
        insert(tables, &entry.by, &open.room)?;
    }
    let info = RoomInfo {
        room: open.room.clone(),
        name,
        topic: open.topic.clone(),
        n: Position::START,
        read: None,
        unread: 0,
        mentions: 0,
        level: Level::All,
    };
    Ok(Applied::Recorded(opened(info, entry)))
}

fn opened(info: RoomInfo, entry: &Entry) -> Event {
    let by = entry.by.clone();
    Event::Opened { info, by }
}

pub(super) fn join(tables: &Connection, entry: &Entry, join: &Join) -> Result<Applied, ApplyError> {
    let info = info(tables, &join.room)?.ok_or(Code::NotFound)?;
    let person = entry.by.clone();
    if member(tables, &person, &join.room).is_ok() {
        return Ok(Applied::Known(Event::Joined { info, person }));
    }
    has_room(tables, &person)?;
    insert(tables, &person, &join.room)?;
    // Whoever was in it before has read it up to somewhere.
    let standing = waiting::standing(tables, &member(tables, &person, &join.room)?)?;
    let info = info.with(standing);
    Ok(Applied::Recorded(Event::Joined { info, person }))
}

pub(super) fn leave(tables: &Connection, entry: &Entry, leave: &Leave) -> Result<Applied, ApplyError> {
    if leave.room == RoomId::lobby() {
        return Err(Code::InTheLobby.into());
    }
    // Who is not in it cannot tell whether it is there.
    let left = tables
        .prepare_cached("DELETE FROM members WHERE person = ?1 AND room = ?2")?
        .execute([entry.by.as_str(), leave.room.as_str()])?;
    let event = Event::Left {
        room: leave.room.clone(),
        person: entry.by.clone(),
    };
    Ok(if left == 1 {
        Applied::Recorded(event)
    } else {
        Applied::Known(event)
    })
}

pub(super) fn read(tables: &Connection, entry: &Entry, read: &Read) -> Result<Applied, ApplyError> {
    let member = member(tables, &entry.by, &read.room)?;
    let n = read.n.min(head(tables, member.room())?.unwrap_or_default());
    tables
        .prepare_cached("INSERT OR REPLACE INTO reads (person, room, n) VALUES (?1, ?2, ?3)")?
        .execute(params![member.person().as_str(), member.room().as_str(), n.0])?;
    Ok(Applied::Kept(Event::Read {
        room: read.room.clone(),
        person: entry.by.clone(),
        standing: waiting::standing(tables, &member)?,
    }))
}

/// Whether somebody may be in one more.
fn has_room(tables: &Connection, person: &ChatId) -> Result<(), ApplyError> {
    let rooms: usize = tables
        .prepare_cached("SELECT count(*) FROM members WHERE person = ?1")?
        .query_row([person.as_str()], |row| row.get(0))?;
    if rooms < ROOMS_OF_PERSON {
        Ok(())
    } else {
        Err(Code::TooManyRooms.into())
    }
}

fn insert(tables: &Connection, person: &ChatId, room: &RoomId) -> rusqlite::Result<()> {
    tables
        .prepare_cached("INSERT INTO members (person, room) VALUES (?1, ?2)")?
        .execute([person.as_str(), room.as_str()])?;
    Ok(())
}

/// Looks up whether somebody is in a room. A stranger hears the same as if there were no room.
pub fn member<'a>(
    tables: &Connection,
    person: &'a ChatId,
    room: &'a RoomId,
) -> Result<Member<'a>, ApplyError> {
    let found = if *room == RoomId::lobby() {
        head(tables, room)?.is_some()
    } else {
        tables
            .prepare_cached("SELECT 1 FROM members WHERE person = ?1 AND room = ?2")?
            .exists([person.as_str(), room.as_str()])?
    };
    if found {
        Ok(Member { room, person })
    } else {
        Err(Code::NotFound.into())
    }
}

/// The rooms that somebody is in, and how it stands with each.
pub fn of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<(RoomId, Standing)>> {
    // Each head must be that of its counts.
    let snapshot = tables.unchecked_transaction()?;
    let rooms = snapshot
        .prepare_cached("SELECT ?2 UNION SELECT room FROM members WHERE person = ?1")?
        .query_map([person.as_str(), RoomId::lobby().as_str()], |row| parsed(row, 0))?
        .collect::<rusqlite::Result<Vec<RoomId>>>()?;
    let standing = |room: RoomId| {
        let member = Member { room: &room, person };
        let standing = waiting::standing(&snapshot, &member)?;
        Ok((room, standing))
    };
    rooms.into_iter().map(standing).collect()
}

/// The open rooms whose name or topic has these words: first the one that is called so, then those with
/// most members.
pub fn directory(tables: &Connection, person: &ChatId, words: &str) -> rusqlite::Result<Vec<Listed>> {
    let as_a_name = words
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-");
    tables
        .prepare_cached(
            "SELECT id, name, topic, head,
                    (SELECT count(*) FROM members WHERE room = id) AS count,
                    EXISTS (SELECT 1 FROM members WHERE room = id AND person = ?1)
             FROM rooms
             WHERE id <> ?2 AND (instr(name, ?4) OR instr(lower(topic), ?3))
             ORDER BY name = ?4 DESC, count DESC, name LIMIT ?5",
        )?
        .query_map(
            params![
                person.as_str(),
                RoomId::lobby().as_str(),
                words.to_lowercase(),
                as_a_name,
                LISTED_ROOMS
            ],
            |row| {
                Ok(Listed {
                    info: room_info(row)?,
                    members: row.get(4)?,
                    joined: row.get(5)?,
                })
            },
        )?
        .collect()
}

/// How far a room has come.
pub fn head(tables: &Connection, room: &RoomId) -> rusqlite::Result<Option<Position>> {
    tables
        .prepare_cached("SELECT head FROM rooms WHERE id = ?1")?
        .query_row([room.as_str()], |row| Ok(Position(row.get(0)?)))
        .optional()
}

/// The next position of a room, taken.
pub(super) fn advance(tables: &Connection, member: &Member<'_>) -> rusqlite::Result<Position> {
    tables
        .prepare_cached("UPDATE rooms SET head = head + 1 WHERE id = ?1 RETURNING head")?
        .query_row([member.room.as_str()], |row| Ok(Position(row.get(0)?)))
}

const COLUMNS: &str = "id, name, topic, head";

/// Every room.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<RoomInfo>> {
    tables
        .prepare(&format!("SELECT {COLUMNS} FROM rooms"))?
        .query_map([], room_info)?
        .collect()
}

fn info(tables: &Connection, room: &RoomId) -> rusqlite::Result<Option<RoomInfo>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM rooms WHERE id = ?1"))?
        .query_row([room.as_str()], room_info)
        .optional()
}

fn opener(tables: &Connection, room: &RoomId) -> rusqlite::Result<String> {
    tables
        .prepare_cached("SELECT opened_by FROM rooms WHERE id = ?1")?
        .query_row([room.as_str()], |row| row.get(0))
}

fn room_info(row: &Row<'_>) -> rusqlite::Result<RoomInfo> {
    Ok(RoomInfo {
        room: parsed(row, 0)?,
        name: parsed(row, 1)?,
        topic: parsed(row, 2)?,
        n: Position(row.get(3)?),
        read: None,
        unread: 0,
        mentions: 0,
        level: Level::All,
    })
}
