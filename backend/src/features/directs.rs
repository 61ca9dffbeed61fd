//! Direct conversations: a room for a few people, the same one whoever of them begins it, and nobody else's for good.

use std::collections::HashMap;

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use snug_shared::{
    avatar::Avatar,
    code::Code,
    ids::{ChatId, RoomId},
    limits::{DIRECT_PEOPLE, DIRECTS_OF_PERSON},
    presence::ChatUser,
    rooms::Kind,
    text::{DIRECT, DIRECT_DIGITS, Nickname, RoomName},
};

use super::{
    Applied, ApplyError, Entry, members, parsed,
    people::word,
    rooms::{self, opened},
};

/// Begins a conversation, or takes it up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDirect {
    /// Everybody in it, whoever begins it among them, each once.
    pub people: Vec<Talker>,
}

/// One of them, as they show themselves then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Talker {
    /// Who.
    pub person: ChatId,
    /// Under which name.
    pub name: Nickname,
    /// With which avatar.
    pub avatar: Avatar,
}

impl OpenDirect {
    /// What the room of these people is called: it depends on who they are, and on nothing else.
    fn name(&self) -> Result<RoomName, Code> {
        let mut people: Vec<&str> = self.people.iter().map(|it| it.person.as_str()).collect();
        people.sort_unstable();
        // No id has a line break in it.
        let hash = Sha256::digest(people.join("\n"));
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        RoomName::try_from(format!("{DIRECT}{}", &hash[..DIRECT_DIGITS]))
    }
}

pub(super) fn open(tables: &Connection, entry: &Entry, open: &OpenDirect) -> Result<Applied, ApplyError> {
    let name = open.name()?;
    let room = RoomId::try_from(name.as_str().trim_start_matches(DIRECT))?;
    let mine = open.people.iter().any(|it| it.person == entry.by);
    if !mine || !(2..=DIRECT_PEOPLE).contains(&open.people.len()) {
        return Err(Code::NotFound.into());
    }
    if let Some(known) = rooms::info(tables, &room)? {
        return Ok(Applied::Known(opened(known, entry)));
    }
    for talker in &open.people {
        let conversations: usize = tables
            .prepare_cached("SELECT count(*) FROM directs WHERE person = ?1")?
            .query_row([talker.person.as_str()], |row| row.get(0))?;
        if conversations >= DIRECTS_OF_PERSON {
            return Err(Code::TooManyRooms.into());
        }
    }
    tables
        .prepare_cached("INSERT INTO rooms (id, head, name, opened_by, kind) VALUES (?1, 0, ?2, ?3, ?4)")?
        .execute([
            room.as_str(),
            name.as_str(),
            entry.by.as_str(),
            &word(&Kind::Direct),
        ])?;
    for Talker { person, name, avatar } in &open.people {
        tables
            .prepare_cached("INSERT INTO directs (room, person, name, avatar) VALUES (?1, ?2, ?3, ?4)")?
            .execute([room.as_str(), person.as_str(), name.as_str(), &avatar.to_string()])?;
        members::insert(tables, person, &room)?;
    }
    let info = rooms::info(tables, &room)?.ok_or(Code::NotFound)?;
    Ok(Applied::Recorded(opened(info, entry)))
}

/// Whoever keeps a name is shown as they show themselves now.
const COLUMNS: &str = "person, coalesce(people.name, directs.name), coalesce(people.avatar, directs.avatar)";
const KEPT: &str = "LEFT JOIN people ON people.id = person AND people.look IS NOT NULL";

/// Who talks there.
pub(super) fn people_of(tables: &Connection, room: &RoomId) -> rusqlite::Result<Vec<ChatUser>> {
    tables
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM directs {KEPT} WHERE room = ?1 ORDER BY person"
        ))?
        .query_map([room.as_str()], |row| talker(row, 0))?
        .collect()
}

/// The same of all of them.
pub(super) fn people_of_all(tables: &Connection) -> rusqlite::Result<HashMap<RoomId, Vec<ChatUser>>> {
    let mut all: HashMap<RoomId, Vec<ChatUser>> = HashMap::new();
    let mut query = tables.prepare(&format!(
        "SELECT room, {COLUMNS} FROM directs {KEPT} ORDER BY person"
    ))?;
    let mut rows = query.query(params![])?;
    while let Some(row) = rows.next()? {
        all.entry(parsed(row, 0)?).or_default().push(talker(row, 1)?);
    }
    Ok(all)
}

fn talker(row: &Row<'_>, first: usize) -> rusqlite::Result<ChatUser> {
    Ok(ChatUser {
        avatar: parsed(row, first + 2)?,
        ..ChatUser::guest(parsed(row, first)?, parsed(row, first + 1)?)
    })
}
