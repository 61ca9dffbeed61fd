//! Checks whether a user may post in a room, and how often.

use rusqlite::{Connection, params};
use snug_shared::{
    error_code::ErrorCode,
    people::{Role, UserRecord},
};

use super::{
    ApplyError, Entry,
    access::may_be_seen,
    directs,
    people::{self, Person},
    room_access,
};

/// A user who may post in a room.
pub(super) struct Speaker {
    /// The user's record, if they are registered.
    pub(super) known: Option<UserRecord>,
    /// Whether the room is a direct conversation.
    pub(super) direct: bool,
}

/// Checks that the author of an entry may post in a room now. In a slow room, this counts as a post.
///
/// # Errors
/// [`ErrorCode::Archived`], [`ErrorCode::SlowMode`], [`ErrorCode::Muted`], [`ErrorCode::Banned`], [`ErrorCode::NotAllowed`] in
/// a direct conversation whose other participant has blocked the author, and [`ErrorCode::SessionEnded`] for a deleted account.
pub(super) fn may_speak(
    tables: &Connection,
    entry: &Entry,
    access: &room_access::RoomAccess<'_>,
) -> Result<Speaker, ApplyError> {
    may_be_seen(tables, entry)?;
    let person = people::person(tables, &entry.by)?;
    let PostingRules {
        archived,
        slow: seconds,
        direct,
        erased,
    } = posting_rules(tables, access)?;
    if erased {
        return Err(ErrorCode::SessionEnded.into());
    }
    if archived {
        return Err(ErrorCode::Archived.into());
    }
    if direct {
        directs::may_speak(tables, access)?;
    }
    let speaker = Speaker {
        known: person.filter(Person::is_registered).map(|it| it.known),
        direct,
    };
    let moderates = |it: &UserRecord| it.role >= Role::Moderator;
    if seconds == 0 || speaker.known.as_ref().is_some_and(moderates) {
        return Ok(speaker);
    }
    // If the last message is further in the future than that, the server's clock was set back since, and the user need not
    // wait.
    let spoken = tables
        .prepare_cached(
            "INSERT INTO last_posts (room, user, at) VALUES (?1, ?2, ?3)
             ON CONFLICT (room, user) DO UPDATE SET at = ?3 WHERE at <= ?3 - ?4 OR at > ?3 + ?4",
        )?
        .execute(params![
            access.room().as_str(),
            entry.by.as_str(),
            entry.at.0,
            i64::from(seconds) * 1_000
        ])?;
    if spoken == 1 {
        Ok(speaker)
    } else {
        Err(ErrorCode::SlowMode.into())
    }
}

/// The conditions that are checked before a user posts in a room.
pub(super) struct PostingRules {
    /// Whether the room is archived and accepts no messages.
    pub(super) archived: bool,
    /// The seconds that a user must wait between two messages.
    pub(super) slow: u32,
    /// Whether the room is a direct conversation.
    pub(super) direct: bool,
    /// Whether the account of the author is deleted.
    pub(super) erased: bool,
}

/// Reads the posting rules of a room.
pub(super) fn posting_rules(
    tables: &Connection,
    access: &room_access::RoomAccess<'_>,
) -> rusqlite::Result<PostingRules> {
    tables
        .prepare_cached(
            "SELECT archived, slow_mode, kind = 'direct', EXISTS (SELECT 1 FROM deleted_accounts WHERE user = ?2) FROM rooms WHERE id = ?1",
        )?
        .query_row([access.room().as_str(), access.person().as_str()], |row| {
            Ok(PostingRules {
                archived: row.get(0)?,
                slow: row.get(1)?,
                direct: row.get(2)?,
                erased: row.get(3)?,
            })
        })
}
