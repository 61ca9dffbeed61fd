//! Memberships: the users who have joined a room or were added to it, and their read positions.

use std::collections::HashSet;

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Position, RoomId},
    limits::{BROUGHT_BY_GUEST, BROUGHT_BY_GUESTS, BROUGHT_ROOMS, ROOMS_OF_PERSON},
    rooms::{Kind, ReadState, RoomInfo},
};

use super::{
    Applied, ApplyError, Entry, Event, access, blocks, participants, people,
    room_access::{RoomAccess, require_access, require_room_manager},
    room_table::{self, head, info},
    sql::parsed,
    unread,
};

/// Joins an open room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRoom {
    /// The room to join.
    pub room: RoomId,
}

/// Leaves a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaveRoom {
    /// The room to leave.
    pub room: RoomId,
}

/// Adds a user to a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddMember {
    /// The room.
    pub room: RoomId,
    /// The user to add.
    pub user: ChatId,
}

/// Removes a user from a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveMember {
    /// The room.
    pub room: RoomId,
    /// The user to remove.
    pub user: ChatId,
}

/// Stores the author's read position in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkRead {
    /// The room.
    pub room: RoomId,
    /// The last position that the author has read.
    pub n: Position,
}

/// Applies a [`JoinRoom`].
///
/// # Errors
/// [`ErrorCode::NotFound`] for a room that does not exist or is not open, [`ErrorCode::Archived`] for an archived one,
/// [`ErrorCode::TooManyRooms`] above the limit of the author's rooms.
pub(super) fn join(tables: &Connection, entry: &Entry, join: &JoinRoom) -> Result<Applied, ApplyError> {
    let info = info(tables, &join.room)?.ok_or(ErrorCode::NotFound)?;
    let person = entry.by.clone();
    if require_access(tables, &person, &join.room).is_ok() {
        return Ok(Applied::Duplicate(Event::MemberJoined { info, person }));
    }
    // The same answer as for a missing room: guessing an id reveals nothing.
    if info.kind != Kind::Open {
        return Err(ErrorCode::NotFound.into());
    }
    require_not_archived(&info)?;
    check_room_limit(tables, &person)?;
    insert(tables, &person, &info.room)?;
    complete_join(tables, entry, info, person)
}

fn require_not_archived(info: &RoomInfo) -> Result<(), ErrorCode> {
    if info.archived {
        Err(ErrorCode::Archived)
    } else {
        Ok(())
    }
}

/// Completes a join: returns the event, with the user's read state.
fn complete_join(
    tables: &Connection,
    entry: &Entry,
    info: RoomInfo,
    person: ChatId,
) -> Result<Applied, ApplyError> {
    room_table::touch(tables, &info.room, entry.at)?;
    tables
        .prepare_cached("DELETE FROM left_rooms WHERE user = ?1 AND room = ?2")?
        .execute([person.as_str(), info.room.as_str()])?;
    // A former member already has a read position.
    let standing = unread::read_state(tables, &require_access(tables, &person, &info.room)?)?;
    let info = info.with_read_state(standing);
    Ok(Applied::Logged(Event::MemberJoined { info, person }))
}

/// Applies a [`AddMember`].
///
/// # Errors
/// [`ErrorCode::NotFound`] if the author is not in the room; [`ErrorCode::NotAllowed`] for a direct conversation, if the user
/// has blocked the author, or if the author is a guest and the user has left the room; [`ErrorCode::Archived`] for an archived
/// room; [`ErrorCode::TooManyRooms`] above the limits of rooms that users are added to; and the codes of
/// [`access::may_be_seen`].
pub(super) fn add(tables: &Connection, entry: &Entry, it: &AddMember) -> Result<Applied, ApplyError> {
    require_access(tables, &entry.by, &it.room)?;
    let info = info(tables, &it.room)?.ok_or(ErrorCode::NotFound)?;
    let person = it.user.clone();
    if require_access(tables, &person, &it.room).is_ok() {
        return Ok(Applied::Duplicate(Event::MemberJoined { info, person }));
    }
    access::may_be_seen(tables, entry)?;
    // The messages of a direct conversation were meant for its participants only.
    if info.kind == Kind::Direct {
        return Err(ErrorCode::NotAllowed.into());
    }
    require_not_archived(&info)?;
    may_be_brought(tables, entry, &person, &info.room)?;
    let by_guest = !people::is_registered(tables, &entry.by)?;
    tables
        .prepare_cached(
            "INSERT INTO members (user, room, joined_at_position, added_by, added_by_guest)
             VALUES (?1, ?2, (SELECT head FROM rooms WHERE id = ?2), ?3, ?4)",
        )?
        .execute(params![
            person.as_str(),
            info.room.as_str(),
            entry.by.as_str(),
            by_guest
        ])?;
    complete_join(tables, entry, info, person)
}

/// Checks that a user may be added to one more room. It does not count against the rooms they join themselves. Guests can use
/// only a part of the limit, and cannot add a user again who has left.
fn may_be_brought(
    tables: &Connection,
    entry: &Entry,
    person: &ChatId,
    room: &RoomId,
) -> Result<(), ApplyError> {
    if blocks::is_blocked(tables, person, &entry.by)? {
        return Err(ErrorCode::NotAllowed.into());
    }
    let by_guest = !people::is_registered(tables, &entry.by)?;
    let has_left = tables
        .prepare_cached("SELECT 1 FROM left_rooms WHERE user = ?1 AND room = ?2")?
        .exists([person.as_str(), room.as_str()])?;
    if by_guest && has_left {
        return Err(ErrorCode::NotAllowed.into());
    }
    let (all, by_guests, by_them): (usize, usize, usize) = tables
        .prepare_cached(
            "SELECT count(*), count(*) FILTER (WHERE added_by_guest), count(*) FILTER (WHERE added_by = ?2)
             FROM members WHERE user = ?1 AND added_by IS NOT NULL",
        )?
        .query_row([person.as_str(), entry.by.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    let full = by_guest && (by_guests >= BROUGHT_BY_GUESTS || by_them >= BROUGHT_BY_GUEST);
    if full || all >= BROUGHT_ROOMS {
        return Err(ErrorCode::TooManyRooms.into());
    }
    Ok(())
}

/// Applies a [`RemoveMember`].
///
/// # Errors
/// [`ErrorCode::LobbyFixed`] for the lobby, and the codes of [`require_room_manager`].
pub(super) fn remove_member(
    tables: &Connection,
    entry: &Entry,
    it: &RemoveMember,
) -> Result<Applied, ApplyError> {
    if it.room == RoomId::lobby() {
        return Err(ErrorCode::LobbyFixed.into());
    }
    require_room_manager(tables, entry, &it.room)?;
    remove(tables, entry, &it.room, &it.user)
}

/// Applies a [`LeaveRoom`].
///
/// # Errors
/// [`ErrorCode::LobbyFixed`] for the lobby.
pub(super) fn leave(tables: &Connection, entry: &Entry, leave: &LeaveRoom) -> Result<Applied, ApplyError> {
    if leave.room == RoomId::lobby() {
        return Err(ErrorCode::LobbyFixed.into());
    }
    remove(tables, entry, &leave.room, &entry.by)
}

fn remove(tables: &Connection, entry: &Entry, room: &RoomId, person: &ChatId) -> Result<Applied, ApplyError> {
    let removed_by_other = *person != entry.by;
    // The same answer whether or not the room exists: only members can tell.
    let left = tables
        .prepare_cached("DELETE FROM members WHERE user = ?1 AND room = ?2")?
        .execute([person.as_str(), room.as_str()])?;
    let event = Event::MemberLeft {
        room: room.clone(),
        person: person.clone(),
        removed_by_other,
    };
    if left == 1 {
        room_table::touch(tables, room, entry.at)?;
        if !removed_by_other && !participants::hide(tables, room, person)? {
            tables
                .prepare_cached("INSERT INTO left_rooms (user, room) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
                .execute([person.as_str(), room.as_str()])?;
        }
    }
    Ok(if left == 1 {
        Applied::Logged(event)
    } else {
        Applied::Duplicate(event)
    })
}

/// Applies a [`MarkRead`]. A position beyond the room's head becomes the head.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the author is not in the room.
pub(super) fn mark_read(tables: &Connection, entry: &Entry, read: &MarkRead) -> Result<Applied, ApplyError> {
    let access = require_access(tables, &entry.by, &read.room)?;
    let n = read.n.min(head(tables, access.room())?.unwrap_or_default());
    tables
        .prepare_cached("INSERT OR REPLACE INTO read_positions (user, room, n) VALUES (?1, ?2, ?3)")?
        .execute(params![access.person().as_str(), access.room().as_str(), n.0])?;
    Ok(Applied::AppliedOnly(Event::ReadStateChanged {
        room: read.room.clone(),
        person: entry.by.clone(),
        standing: unread::read_state(tables, &access)?,
    }))
}

/// Checks that a user may join one more room by themselves.
///
/// # Errors
/// [`ErrorCode::TooManyRooms`] above the limit.
pub(super) fn check_room_limit(tables: &Connection, person: &ChatId) -> Result<(), ApplyError> {
    let rooms: usize = tables
        .prepare_cached(
            "SELECT count(*) FROM members WHERE user = ?1 AND added_by IS NULL
             AND NOT EXISTS (SELECT 1 FROM direct_participants WHERE direct_participants.room = members.room AND direct_participants.user = ?1)",
        )?
        .query_row([person.as_str()], |row| row.get(0))?;
    if rooms < ROOMS_OF_PERSON {
        Ok(())
    } else {
        Err(ErrorCode::TooManyRooms.into())
    }
}

/// Adds a user to a room, of which they have read nothing yet.
pub(super) fn insert(tables: &Connection, person: &ChatId, room: &RoomId) -> rusqlite::Result<()> {
    tables
        .prepare_cached(
            "INSERT INTO members (user, room, joined_at_position) VALUES (?1, ?2, (SELECT head FROM rooms WHERE id = ?2))",
        )?
        .execute([person.as_str(), room.as_str()])?;
    Ok(())
}

/// Returns the rooms that a user is a member of, each with their read state.
pub fn memberships_of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<(RoomId, ReadState)>> {
    // One snapshot: each head must match its counts.
    let snapshot = tables.unchecked_transaction()?;
    let rooms = snapshot
        .prepare_cached("SELECT ?2 UNION SELECT room FROM members WHERE user = ?1")?
        .query_map([person.as_str(), RoomId::lobby().as_str()], |row| parsed(row, 0))?
        .collect::<rusqlite::Result<Vec<RoomId>>>()?;
    let standing = |room: RoomId| {
        let access = RoomAccess::of_row(&room, person);
        let standing = unread::read_state(&snapshot, &access)?;
        Ok((room, standing))
    };
    rooms.into_iter().map(standing).collect()
}

/// Returns the members of a room other than the lobby, for which no members are stored.
pub fn members(tables: &Connection, access: &RoomAccess<'_>) -> rusqlite::Result<Vec<ChatId>> {
    tables
        .prepare_cached("SELECT user FROM members WHERE room = ?1 ORDER BY user")?
        .query_map([access.room().as_str()], |row| parsed(row, 0))?
        .collect()
}

/// Returns the number of members of each room, besides the lobby.
pub fn counts(tables: &Connection) -> rusqlite::Result<Vec<(RoomId, usize)>> {
    tables
        .prepare("SELECT room, count(*) FROM members GROUP BY room")?
        .query_map([], |row| Ok((parsed(row, 0)?, row.get(1)?)))?
        .collect()
}

/// Returns the rooms that a user is a member of, besides the lobby.
pub fn joined(tables: &Connection, person: &ChatId) -> rusqlite::Result<HashSet<RoomId>> {
    tables
        .prepare_cached("SELECT room FROM members WHERE user = ?1")?
        .query_map([person.as_str()], |row| parsed(row, 0))?
        .collect()
}
