//! Moderation: the actions of moderators and owners, and the deletion of messages by their authors.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::ChatId,
    people::{ModerationAction, Role},
    text::Nickname,
};

use super::{
    Applied, ApplyError, Entry, Event,
    access::{network_bans, owners, require_account, require_role},
    account_deletion,
    audit::append_audit,
    deletions, people, removals, rooms,
    sql::to_column,
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

impl Moderate {
    /// Builds an act that is about no guest.
    pub fn of(action: ModerationAction) -> Self {
        Self {
            action,
            guest: None,
            networks: Vec::new(),
        }
    }
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
            let Some((event, whose)) = deletions::delete(tables, entry, room, *n)? else {
                return Ok(Applied::Duplicate(Event::Nothing));
            };
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
