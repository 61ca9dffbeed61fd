//! The proof that a user is a member of a room, and who manages it.

use rusqlite::Connection;

use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, RoomId},
    people::Role,
    rooms::RoomInfo,
};

use super::{
    ApplyError, Entry, access,
    room_table::{head, info},
};

/// The proof that a user is a member of a room, and may read and write in it. Only [`require_access`] creates one.
#[derive(Debug)]
pub struct RoomAccess<'a> {
    room: &'a RoomId,
    person: &'a ChatId,
}

impl<'a> RoomAccess<'a> {
    /// Returns the proof for a membership that was just read from the table.
    pub(super) const fn of_row(room: &'a RoomId, person: &'a ChatId) -> Self {
        Self { room, person }
    }

    /// Returns the room.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        self.room
    }

    /// Returns the user.
    #[must_use]
    pub fn person(&self) -> &ChatId {
        self.person
    }
}

/// Checks that a user is a member of a room.
///
/// # Errors
/// [`ErrorCode::NotFound`] if they are not, the same as for a room that does not exist.
pub fn require_access<'a>(
    tables: &Connection,
    person: &'a ChatId,
    room: &'a RoomId,
) -> Result<RoomAccess<'a>, ApplyError> {
    let found = if *room == RoomId::lobby() {
        head(tables, room)?.is_some()
    } else {
        tables
            .prepare_cached("SELECT 1 FROM members WHERE user = ?1 AND room = ?2")?
            .exists([person.as_str(), room.as_str()])?
    };
    if found {
        Ok(RoomAccess { room, person })
    } else {
        Err(ErrorCode::NotFound.into())
    }
}

/// Checks that the author of an entry may manage a room, and returns its info.
///
/// # Errors
/// [`ErrorCode::NotFound`] for a user who is not in it, [`ErrorCode::NotAllowed`] for a member who may not manage it, and the
/// codes of [`access::may_be_seen`].
pub(super) fn require_room_manager(
    tables: &Connection,
    entry: &Entry,
    room: &RoomId,
) -> Result<RoomInfo, ApplyError> {
    require_access(tables, &entry.by, room)?;
    access::may_be_seen(tables, entry)?;
    let info = info(tables, room)?.ok_or(ErrorCode::NotFound)?;
    let moderates = access::require_role(tables, entry, Role::Moderator).is_ok();
    if info.is_managed_by(&entry.by, moderates) {
        Ok(info)
    } else {
        Err(ErrorCode::NotAllowed.into())
    }
}
