//! The rules of the server, and the moderation acts that enforce them.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis, Position},
    limits::RECORDS,
    people::{AuditEntry, ModerationAction, Role, Rules, UserRecord},
    text::Nickname,
};

use super::{
    Applied, ApplyError, Entry, Event, account_deletion, deletions, directs, members, parsed,
    people::{self, Person, from_column, to_column},
    removals, rooms,
};

/// Milliseconds in a minute.
const MINUTE: i64 = 60_000;

/// Performs a moderation act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moderate {
    /// The act to perform.
    pub action: ModerationAction,
    /// The name and avatar of the guest whom the act is about, who may not be stored yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub guest: Option<(Nickname, Avatar)>,
    /// The networks of the guest, if all guests from there are to be banned. Addresses are not written to the log: they are
    /// stored beside it for as long as the ban lasts.
    #[serde(skip)]
    pub networks: Vec<String>,
}

/// Applies a [`Moderate`], and appends it to the audit log.
pub(super) fn moderate(tables: &Connection, entry: &Entry, it: &Moderate) -> Result<Applied, ApplyError> {
    let (mut to, mut whom) = (None, it.action.person().cloned());
    let event = match &it.action {
        ModerationAction::SetRole {
            chat_id: person,
            role,
        } => {
            require_role(tables, entry, Role::Owner)?;
            let before = require_account(tables, person)?;
            if *role == Role::Guest {
                return Err(ErrorCode::NotAllowed.into());
            }
            if before.known.role == Role::Owner && *role < Role::Owner && owners(tables)? == 1 {
                return Err(ErrorCode::LastOwner.into());
            }
            tables
                .prepare_cached("UPDATE users SET role = ?2 WHERE id = ?1")?
                .execute([person.as_str(), &to_column(role)])?;
            changed(tables, person, &mut to)?
        }
        ModerationAction::SetRules { rules } => {
            require_role(tables, entry, Role::Owner)?;
            tables
                .prepare_cached(
                    "INSERT OR REPLACE INTO rules (id, join_policy, room_creation_role) VALUES (1, ?1, ?2)",
                )?
                .execute([
                    to_column(&rules.join_policy),
                    to_column(&rules.room_creation_role),
                ])?;
            Event::RulesChanged(*rules)
        }
        ModerationAction::Mute {
            chat_id: person,
            minutes,
        } => {
            require_outranks(tables, entry, person, it)?;
            let until = match minutes {
                0 => 0,
                minutes => entry.at.0 + i64::from(*minutes) * MINUTE,
            };
            set(tables, "muted_until", person, until)?;
            changed(tables, person, &mut to)?
        }
        ModerationAction::Ban {
            chat_id: person,
            minutes,
            ..
        } => {
            require_outranks(tables, entry, person, it)?;
            let until = minutes.map_or(i64::MAX, |minutes| entry.at.0 + i64::from(minutes) * MINUTE);
            set(tables, "banned_until", person, until)?;
            for network in &it.networks {
                tables
                    .prepare_cached(
                        "INSERT OR REPLACE INTO network_bans (network, user, until) VALUES (?1, ?2, ?3)",
                    )?
                    .execute(params![network, person.as_str(), until])?;
            }
            network_bans_changed(tables, person, &mut to)?
        }
        ModerationAction::Unban { chat_id: person } => {
            require_outranks(tables, entry, person, it)?;
            set(tables, "banned_until", person, 0)?;
            tables
                .prepare_cached("DELETE FROM network_bans WHERE user = ?1")?
                .execute([person.as_str()])?;
            network_bans_changed(tables, person, &mut to)?
        }
        ModerationAction::SetSlowMode { room, seconds } => {
            require_role(tables, entry, Role::Moderator)?;
            let info = rooms::slow_down(tables, entry, room, *seconds)?;
            to = Some(info.name.to_string());
            Event::RoomChanged(info)
        }
        ModerationAction::DeleteMessage { room, n } => {
            let (event, whose) = deletions::delete(tables, entry, room, *n)?;
            let Some(whose) = whose else {
                return Ok(Applied::Logged(event));
            };
            to = people::person(tables, &whose)?.map(|it| it.known.name.to_string());
            whom = Some(whose);
            event
        }
        ModerationAction::DeleteRoom { room } => {
            let (event, name) = removals::delete(tables, entry, room)?;
            to = Some(name);
            event
        }
        ModerationAction::DeleteAccount { chat_id: person } => {
            require_role(tables, entry, Role::Owner)?;
            if require_account(tables, person)?.known.role == Role::Owner {
                return Err(ErrorCode::NotAllowed.into());
            }
            Event::AccountDeleted(account_deletion::erase(tables, entry, person)?)
        }
    };
    append_audit(tables, entry, &it.action, whom.as_ref(), to)?;
    Ok(Applied::Logged(event))
}

fn changed(tables: &Connection, id: &ChatId, to: &mut Option<String>) -> Result<Event, ApplyError> {
    let person = people::person(tables, id)?.ok_or(ErrorCode::NotFound)?;
    *to = Some(person.known.name.to_string());
    Ok(Event::UserChanged(person))
}

fn network_bans_changed(
    tables: &Connection,
    id: &ChatId,
    to: &mut Option<String>,
) -> Result<Event, ApplyError> {
    match changed(tables, id, to)? {
        Event::UserChanged(person) => Ok(Event::NetworkBansChanged(person, network_bans(tables)?)),
        other => Ok(other),
    }
}

fn set(tables: &Connection, column: &'static str, person: &ChatId, until: i64) -> rusqlite::Result<()> {
    tables
        .prepare_cached(&format!("UPDATE users SET {column} = ?2 WHERE id = ?1"))?
        .execute(params![person.as_str(), until])?;
    Ok(())
}

/// Checks that the author of an entry has at least a role, and returns their role.
///
/// # Errors
/// [`ErrorCode::NotAllowed`] for a lower role or a banned user, [`ErrorCode::Muted`] for a muted one.
pub(super) fn require_role(tables: &Connection, entry: &Entry, role: Role) -> Result<Role, ApplyError> {
    let by = people::person(tables, &entry.by)?;
    match by {
        Some(by) if by.known.role < role || by.is_out(entry.at) => Err(ErrorCode::NotAllowed.into()),
        // A muted moderator cannot moderate either: other users would see it.
        Some(by) if by.is_muted(entry.at) => Err(ErrorCode::Muted.into()),
        Some(by) => Ok(by.known.role),
        None => Err(ErrorCode::NotAllowed.into()),
    }
}

/// Checks that the author of an entry may change what other users see. Otherwise a muted user could post by way of names,
/// topics, rooms and avatars. A user may always leave, and delete their own messages.
///
/// # Errors
/// [`ErrorCode::Banned`] for a banned author, [`ErrorCode::Muted`] for a muted one.
pub(super) fn may_be_seen(tables: &Connection, entry: &Entry) -> Result<(), ApplyError> {
    match people::person(tables, &entry.by)? {
        Some(by) if by.is_out(entry.at) => Err(ErrorCode::Banned.into()),
        Some(by) if by.is_muted(entry.at) => Err(ErrorCode::Muted.into()),
        _ => Ok(()),
    }
}

/// Returns a user with an account.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the user has none.
pub(super) fn require_account(tables: &Connection, id: &ChatId) -> Result<Person, ApplyError> {
    let person = people::person(tables, id)?.filter(Person::is_registered);
    person.ok_or_else(|| ErrorCode::NotFound.into())
}

/// Checks that the author of an entry is a moderator of a higher role than a user. An unknown guest is stored with the name and
/// the avatar of that time.
///
/// # Errors
/// [`ErrorCode::NotAllowed`] for an equal or higher role, [`ErrorCode::NotFound`] for an unknown user, and the codes of
/// [`require_role`].
fn require_outranks(
    tables: &Connection,
    entry: &Entry,
    person: &ChatId,
    it: &Moderate,
) -> Result<(), ApplyError> {
    let mine = require_role(tables, entry, Role::Moderator)?;
    let theirs = match (people::person(tables, person)?, &it.guest) {
        (Some(known), None) => known.known.role,
        (Some(known), Some(_)) if known.is_registered() => known.known.role,
        (_, Some((name, avatar))) => {
            people::set_name(tables, person, name, avatar)?;
            Role::Guest
        }
        (None, None) => return Err(ErrorCode::NotFound.into()),
    };
    if theirs < mine {
        Ok(())
    } else {
        Err(ErrorCode::NotAllowed.into())
    }
}

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
    access: &members::RoomAccess<'_>,
) -> Result<Speaker, ApplyError> {
    may_be_seen(tables, entry)?;
    let person = people::person(tables, &entry.by)?;
    let rooms::PostingRules {
        archived,
        slow: seconds,
        direct,
        erased,
    } = rooms::posting_rules(tables, access)?;
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

/// Checks that the author of an entry may open a room under the rules in force.
///
/// # Errors
/// The codes of [`require_role`].
pub(super) fn may_open(tables: &Connection, entry: &Entry) -> Result<(), ApplyError> {
    match rules(tables)?.room_creation_role {
        Role::Guest => Ok(()),
        least => require_role(tables, entry, least).map(|_| ()),
    }
}

/// Returns the number of owners.
pub fn owners(tables: &Connection) -> rusqlite::Result<usize> {
    tables
        .prepare_cached("SELECT count(*) FROM users WHERE role = ?1")?
        .query_row([to_column(&Role::Owner)], |row| row.get(0))
}

/// Returns the rules in force.
pub fn rules(tables: &Connection) -> rusqlite::Result<Rules> {
    let rules = tables
        .prepare_cached("SELECT join_policy, room_creation_role FROM rules")?
        .query_row([], |row| {
            Ok(Rules {
                join_policy: from_column(&row.get::<_, String>(0)?),
                room_creation_role: from_column(&row.get::<_, String>(1)?),
            })
        })
        .optional()?;
    Ok(rules.unwrap_or_default())
}

/// Returns the networks that guests are banned from, each with the end of its ban.
pub fn network_bans(tables: &Connection) -> rusqlite::Result<Vec<(String, Millis)>> {
    tables
        .prepare_cached("SELECT network, until FROM network_bans")?
        .query_map([], |row| Ok((row.get(0)?, Millis(row.get(1)?))))?
        .collect()
}

/// Appends an act to the audit log.
fn append_audit(
    tables: &Connection,
    entry: &Entry,
    act: &ModerationAction,
    whom: Option<&ChatId>,
    to: Option<String>,
) -> Result<(), ApplyError> {
    let by = people::person(tables, &entry.by)?.ok_or(ErrorCode::NotAllowed)?;
    let act = serde_json::to_string(act).expect("an act is made of words and numbers");
    tables
        .prepare_cached(
            "INSERT INTO audit_log (at, by, by_name, action, target_name, target) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            entry.at.0,
            entry.by.as_str(),
            by.known.name.as_str(),
            act,
            to,
            whom.map(ChatId::as_str)
        ])?;
    Ok(())
}

/// Returns the acts before a position in the audit log, the newest first.
pub fn audit_log(tables: &Connection, before: Position) -> rusqlite::Result<Vec<AuditEntry>> {
    tables
        .prepare_cached(
            "SELECT n, at, by, by_name, action, target_name FROM audit_log WHERE n < ?1 ORDER BY n DESC LIMIT ?2",
        )?
        .query_map(params![before.0, RECORDS], |row| {
            let act: String = row.get(4)?;
            let act = serde_json::from_str(&act).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Text, error.into())
            })?;
            Ok(AuditEntry {
                n: Position(row.get(0)?),
                at: Millis(row.get(1)?),
                by: parsed(row, 2)?,
                by_name: parsed(row, 3)?,
                action: act,
                target: row.get(5)?,
            })
        })?
        .collect()
}
