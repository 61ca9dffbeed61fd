//! Deletes accounts and the personal data stored with them (Regulation (EU) 2016/679, article 17): in the tables, and, by
//! [`anonymize`], in the log.
//!
//! The id of a deleted account can never be used again: the proof that a guest had before registering may be anywhere.
//!
//! These facts remain: a user, now without a name, posted at these positions, opened these rooms and performed these moderation
//! acts; what other users have written about them; and a ban or mute, for as long as it lasts.

use rusqlite::{Connection, params};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis, RoomId, SessionId},
    messages::Deleted,
    people::Role,
    rooms::{Kind, RoomInfo},
    text::Nickname,
};

use super::{
    Applied, ApplyError, Command, Entry, Event, access, deletions,
    people::{self, Name, Person},
    pictures, room_table,
    sql::{parsed, to_column},
    tables::TABLES,
};

/// The outcome of an account's deletion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeletedAccount {
    /// The user whose account was deleted.
    pub person: ChatId,
    /// The record that remains of a user who is banned or muted.
    pub known: Option<Person>,
    /// The networks that are still banned, each with the end of its ban.
    pub network_bans: Vec<(String, Millis)>,
    /// The sessions that ended.
    pub sessions: Vec<SessionId>,
    /// The rooms that the user was a member of.
    pub left: Vec<RoomId>,
    /// The direct conversations in which the user now appears without a name.
    pub conversations: Vec<RoomInfo>,
    /// The deletions, one for each room in which the user had posted.
    pub deleted: Vec<Deleted>,
    /// The positions in the log of the user's messages.
    pub entries: Vec<i64>,
}

/// Deletes the author's own account.
///
/// # Errors
/// [`ErrorCode::NotFound`] for an author without an account, [`ErrorCode::LastOwner`] for the only owner.
pub(super) fn delete_own(tables: &Connection, entry: &Entry) -> Result<Applied, ApplyError> {
    let person = access::require_account(tables, &entry.by)?;
    if person.known.role == Role::Owner && access::owners(tables)? == 1 {
        return Err(ErrorCode::LastOwner.into());
    }
    let erased = erase(tables, entry, &entry.by)?;
    Ok(Applied::Logged(Event::AccountDeleted(erased)))
}

/// Deletes an account.
pub(super) fn erase(
    tables: &Connection,
    entry: &Entry,
    person: &ChatId,
) -> Result<DeletedAccount, ApplyError> {
    let entries = deletions::entries_of(tables, person)?;
    let deleted = deletions::delete_all_of(tables, person)?;
    let nobody = nobody();
    let avatar = Avatar::of_seed(person.as_str()).to_string();
    let left = tables
        .prepare_cached("DELETE FROM members WHERE user = ?1 RETURNING room")?
        .query_map([person.as_str()], |row| parsed(row, 0))?
        .collect::<Result<Vec<RoomId>, _>>()?;
    for room in &left {
        room_table::touch(tables, room, entry.at)?;
    }
    tables
        .prepare_cached("UPDATE direct_participants SET name = ?2, avatar = ?3, hidden = 0 WHERE user = ?1")?
        .execute([person.as_str(), nobody.as_str(), &avatar])?;
    tables
        .prepare_cached(
            "UPDATE users SET name = ?2, avatar = ?3, skeleton = NULL, folded_skeleton = NULL, role = ?4, invite = NULL WHERE id = ?1",
        )?
        .execute([person.as_str(), nobody.as_str(), &avatar, &to_column(&Role::Guest)])?;
    tables
        .prepare_cached("UPDATE audit_log SET by_name = ?2 WHERE by = ?1")?
        .execute([person.as_str(), nobody.as_str()])?;
    tables
        .prepare_cached(
            "UPDATE audit_log SET target_name = ?2 WHERE target = ?1 AND target_name IS NOT NULL",
        )?
        .execute([person.as_str(), nobody.as_str()])?;
    tables
        .prepare_cached("DELETE FROM users WHERE id = ?1 AND muted_until <= ?2 AND banned_until <= ?2")?
        .execute(params![person.as_str(), entry.at.0])?;
    tables
        .prepare_cached("INSERT OR IGNORE INTO deleted_accounts (user) VALUES (?1)")?
        .execute([person.as_str()])?;
    for table in TABLES {
        if let Some(column) = table.of_account {
            tables
                .prepare_cached(&format!("DELETE FROM {} WHERE {column} = ?1", table.name))?
                .execute([person.as_str()])?;
        }
    }
    let sessions = tables
        .prepare_cached("DELETE FROM sessions WHERE user = ?1 RETURNING id")?
        .query_map([person.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    pictures::delete_if_unused(tables, person, i64::MAX)?;
    let mut conversations = Vec::new();
    for room in &left {
        conversations.extend(room_table::info(tables, room)?.filter(|it| it.kind == Kind::Direct));
    }
    Ok(DeletedAccount {
        person: person.clone(),
        known: people::person(tables, person)?,
        network_bans: access::network_bans(tables)?,
        sessions,
        left,
        conversations,
        deleted,
        entries,
    })
}

/// Stores the users that an entry of the log names, besides the author of a message, so that [`anonymize`] finds the entries
/// that it may have to rewrite without a read of the whole log.
pub fn note_names(tables: &Connection, entry: &Entry, position: i64) -> rusqlite::Result<()> {
    let note = |person: &ChatId| {
        tables
            .prepare_cached("INSERT OR IGNORE INTO personal_entries (user, position) VALUES (?1, ?2)")?
            .execute(params![person.as_str(), position])
            .map(drop)
    };
    match &entry.command {
        Command::CreateAccount(_) | Command::UpdateProfile(_) => note(&entry.by),
        Command::OpenDirect(open) => open.participants.iter().try_for_each(|it| note(&it.user)),
        Command::Moderate(it) => it.action.person().map_or(Ok(()), note),
        _ => Ok(()),
    }
}

/// Returns the positions of the entries that [`note_names`] stored for a user.
pub fn naming(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<i64>> {
    tables
        .prepare_cached("SELECT position FROM personal_entries WHERE user = ?1")?
        .query_map([person.as_str()], |row| row.get(0))?
        .collect()
}

/// Returns whether an id is that of a deleted account.
pub(super) fn is_erased(tables: &Connection, person: &ChatId) -> rusqlite::Result<bool> {
    tables
        .prepare_cached("SELECT 1 FROM deleted_accounts WHERE user = ?1")?
        .exists([person.as_str()])
}

/// Returns the ids of all deleted accounts.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<ChatId>> {
    tables
        .prepare("SELECT user FROM deleted_accounts")?
        .query_map([], |row| parsed(row, 0))?
        .collect()
}

/// Returns the command that replaces an entry's command in the log once a user's account is deleted, if the entry names them.
/// It applies as before; the tables are the same as soon as the deletion is applied.
#[must_use]
pub fn anonymize(entry: &Entry, person: &ChatId) -> Option<Command> {
    let own = entry.by == *person;
    let face = || Avatar::of_seed(person.as_str());
    match &entry.command {
        Command::PostMessage(say) if own => Some(Command::Redacted(deletions::Redacted::of(say))),
        Command::CreateAccount(keep) if own => {
            let mut keep = keep.clone();
            (keep.name, keep.avatar) = (placeholder_name(person), face());
            Some(Command::CreateAccount(keep))
        }
        Command::UpdateProfile(show) if own => {
            let mut show = show.clone();
            (show.name, show.avatar) = (placeholder_name(person), face());
            Some(Command::UpdateProfile(show))
        }
        Command::OpenDirect(open) => {
            let mut open = open.clone();
            let talker = open.participants.iter_mut().find(|it| it.user == *person)?;
            (talker.name, talker.avatar) = (nobody(), face());
            Some(Command::OpenDirect(open))
        }
        Command::Moderate(it) if it.action.person() == Some(person) && it.guest.is_some() => {
            let mut it = it.clone();
            it.guest = Some((nobody(), face()));
            Some(Command::Moderate(it))
        }
        _ => None,
    }
}

fn nobody() -> Nickname {
    Nickname::nobody()
}

/// Returns a name that is confusable with no other: no nickname contains its character.
fn placeholder_name(person: &ChatId) -> Name {
    let look = format!("\u{1}{person}");
    Name {
        name: nobody(),
        skeletons: [look.clone(), look],
    }
}
