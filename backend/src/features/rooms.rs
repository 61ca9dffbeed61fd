//! Creates and changes rooms.

use std::ops::Not;

use rusqlite::{Connection, ToSql, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, RoomId},
    limits::{GUEST_ROOMS, RESERVED_ROOMS, ROOMS, ROOMS_BY_GUEST, ROOMS_BY_MEMBER, SLOWEST},
    people::Role,
    rooms::{Kind, ReadState, RoomInfo},
    text::{RoomName, Topic},
};

use super::{
    Applied, ApplyError, Entry, Event, access, addresses, members, people,
    room_access::{self, require_access},
    room_table,
    sql::to_column,
};

/// Opens a room and adds its author as a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateRoom {
    /// The id of the room.
    pub room: RoomId,
    /// The name of the room. The lobby, which the server opens and everybody is in, has none here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<RoomName>,
    /// The confusable skeleton of the name. It changes with the tables of Unicode, so it is computed when the name is
    /// submitted, not when the entry is applied.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skeleton: Option<String>,
    /// The topic of the room.
    #[serde(skip_serializing_if = "Topic::is_empty", default)]
    pub topic: Topic,
    /// Whether users can only be added by a member.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub private: bool,
}

impl CreateRoom {
    /// Returns the command that opens the lobby, the first one of a server.
    #[must_use]
    pub fn lobby() -> Self {
        Self {
            room: RoomId::lobby(),
            name: None,
            skeleton: None,
            topic: Topic::default(),
            private: false,
        }
    }
}

/// Changes a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditRoom {
    /// The room to change.
    pub room: RoomId,
    /// The new name, if it changes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<RoomName>,
    /// The confusable skeleton of the new name, see [`CreateRoom::skeleton`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub skeleton: Option<String>,
    /// The new topic, if it changes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<Topic>,
    /// Whether the room is archived and accepts no messages, if that changes.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub archived: Option<bool>,
}

/// Applies an [`CreateRoom`].
///
/// # Errors
/// [`ErrorCode::RoomNameTaken`] if the name or the id is taken, [`ErrorCode::TooManyRooms`] above the limits of rooms, and the
/// codes of [`access::may_be_seen`] and [`access::may_open`].
pub(super) fn create(tables: &Connection, entry: &Entry, open: &CreateRoom) -> Result<Applied, ApplyError> {
    let name = match &open.name {
        Some(name) => name.clone(),
        None => RoomName::lobby(),
    };
    if let Some(known) = room_table::info(tables, &open.room)? {
        let is_member = open.room == RoomId::lobby() || require_access(tables, &entry.by, &open.room).is_ok();
        if is_member && opener(tables, &open.room)? == entry.by.as_str() {
            return Ok(Applied::Duplicate(opened(known, entry)));
        }
        return Err(ErrorCode::RoomNameTaken.into());
    }
    let look = open.skeleton.as_deref().unwrap_or(name.as_str());
    let lobby = open.room == RoomId::lobby();
    if !lobby {
        access::may_be_seen(tables, entry)?;
    }
    name_is_free(tables, &name, look, &open.room)?;
    // The same code as for a name that is taken: knowing the id does not reveal whether the room still exists.
    if was_deleted(tables, &open.room)? {
        return Err(ErrorCode::RoomNameTaken.into());
    }
    if !lobby {
        access::may_open(tables, entry)?;
    }
    let role = people::person(tables, &entry.by)?.map_or(Role::Guest, |it| it.known.role);
    if !lobby {
        check_opening_limit(tables, &entry.by, role)?;
    }
    let kind = if open.private { Kind::Private } else { Kind::Open };
    if !lobby {
        members::check_room_limit(tables, &entry.by)?;
    }
    tables
        .prepare_cached(
            "INSERT INTO rooms (id, head, name, skeleton, topic, created_by, kind, created_by_guest, members_changed_at)
             VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            open.room.as_str(),
            name.as_str(),
            look,
            open.topic.as_str(),
            entry.by.as_str(),
            &to_column(&kind),
            !lobby && role.is_guest(),
            entry.at.0,
        ])?;
    let mut info = room_table::info(tables, &open.room)?.ok_or(ErrorCode::NotFound)?;
    if !lobby {
        members::insert(tables, &entry.by, &open.room)?;
        info = info.with_read_state(ReadState::NEW);
    }
    Ok(Applied::Logged(opened(info, entry)))
}

/// Checks that a user of this role may open one more room. Guests have a share of all rooms, members cannot take the last ones,
/// and each user has a limit of their own.
///
/// # Errors
/// [`ErrorCode::TooManyRooms`] above the limit.
fn check_opening_limit(tables: &Connection, person: &ChatId, role: Role) -> Result<(), ApplyError> {
    let count = |condition: &str, values: &[&dyn ToSql]| -> rusqlite::Result<usize> {
        tables
            .prepare_cached(&format!(
                "SELECT count(*) FROM rooms WHERE kind IN ('open', 'private') {condition}"
            ))?
            .query_row(values, |row| row.get(0))
    };
    let all = count("", &[])?;
    let own = || count("AND created_by = ?1", &[&person.as_str()]);
    let there_is = match role {
        Role::Guest => {
            all < ROOMS - RESERVED_ROOMS
                && count("AND created_by_guest", &[])? < GUEST_ROOMS
                && own()? < ROOMS_BY_GUEST
        }
        Role::Member => all < ROOMS - RESERVED_ROOMS && own()? < ROOMS_BY_MEMBER,
        Role::Moderator | Role::Owner => all < ROOMS,
    };
    if there_is {
        Ok(())
    } else {
        Err(ErrorCode::TooManyRooms.into())
    }
}

fn was_deleted(tables: &Connection, room: &RoomId) -> rusqlite::Result<bool> {
    tables
        .prepare_cached("SELECT 1 FROM deleted_rooms WHERE id = ?1")?
        .exists([room.as_str()])
}

/// Marks the rooms that a user opened as a guest as a member's.
pub(super) fn mark_as_members(tables: &Connection, person: &ChatId) -> rusqlite::Result<()> {
    tables
        .prepare_cached("UPDATE rooms SET created_by_guest = 0 WHERE created_by = ?1 AND created_by_guest")?
        .execute([person.as_str()])?;
    Ok(())
}

/// Returns the event of a room that was opened.
pub(super) fn opened(info: RoomInfo, entry: &Entry) -> Event {
    let by = entry.by.clone();
    Event::RoomCreated { info, by }
}

/// Applies an [`EditRoom`].
///
/// # Errors
/// [`ErrorCode::LobbyFixed`] if the lobby is renamed or archived, [`ErrorCode::RoomNameTaken`] if the name is taken, and the
/// codes of [`room_access::require_room_manager`].
pub(super) fn edit(
    tables: &Connection,
    entry: &Entry,
    edit: &EditRoom,
    position: i64,
) -> Result<Applied, ApplyError> {
    let lobby = edit.room == RoomId::lobby();
    if lobby && (edit.name.is_some() || edit.archived.is_some()) {
        return Err(ErrorCode::LobbyFixed.into());
    }
    let before = room_access::require_room_manager(tables, entry, &edit.room)?;
    let name = edit.name.as_ref().unwrap_or(&before.name);
    if *name != before.name {
        let look = edit.skeleton.as_deref().unwrap_or(name.as_str());
        name_is_free(tables, name, look, &edit.room)?;
        tables
            .prepare_cached("UPDATE rooms SET skeleton = ?2 WHERE id = ?1")?
            .execute([edit.room.as_str(), look])?;
        addresses::renamed(tables, &edit.room, &before.name, name, position)?;
    }
    tables
        .prepare_cached("UPDATE rooms SET name = ?2, topic = ?3, archived = ?4 WHERE id = ?1")?
        .execute(params![
            edit.room.as_str(),
            name.as_str(),
            edit.topic.as_ref().unwrap_or(&before.topic).as_str(),
            edit.archived.unwrap_or(before.archived),
        ])?;
    changed(tables, &edit.room)
}

/// Returns the event of a room that was changed.
///
/// # Errors
/// [`ErrorCode::NotFound`] if there is no such room.
pub(super) fn changed(tables: &Connection, room: &RoomId) -> Result<Applied, ApplyError> {
    let info = room_table::info(tables, room)?.ok_or(ErrorCode::NotFound)?;
    Ok(Applied::Logged(Event::RoomChanged(info)))
}

/// Checks that a room can take a name: no open room, which everybody can find, has the same or a confusable one.
///
/// # Errors
/// [`ErrorCode::RoomNameTaken`] otherwise.
fn name_is_free(tables: &Connection, name: &RoomName, look: &str, room: &RoomId) -> Result<(), ApplyError> {
    let taken = tables
        .prepare_cached("SELECT 1 FROM rooms WHERE (name = ?1 OR skeleton = ?2) AND kind = ?3 AND id <> ?4")?
        .exists([name.as_str(), look, &to_column(&Kind::Open), room.as_str()])?;
    if taken || name.is_direct() {
        return Err(ErrorCode::RoomNameTaken.into());
    }
    Ok(())
}

/// Sets how many seconds a user must wait between two messages in a room.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the author is not in the room.
pub(super) fn slow_down(
    tables: &Connection,
    entry: &Entry,
    room: &RoomId,
    seconds: u32,
) -> Result<RoomInfo, ApplyError> {
    require_access(tables, &entry.by, room)?;
    tables
        .prepare_cached("UPDATE rooms SET slow_mode = ?2 WHERE id = ?1")?
        .execute(params![room.as_str(), seconds.min(SLOWEST)])?;
    room_table::info(tables, room)?.ok_or_else(|| ErrorCode::NotFound.into())
}

fn opener(tables: &Connection, room: &RoomId) -> rusqlite::Result<String> {
    tables
        .prepare_cached("SELECT created_by FROM rooms WHERE id = ?1")?
        .query_row([room.as_str()], |row| row.get(0))
}
