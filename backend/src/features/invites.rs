//! Invitations: links that admit users. The log and the tables store only the hash of a link's secret.

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{InviteId, Millis},
    limits::{INVITES, INVITES_BY_MODERATOR, RESERVED_INVITES},
    people::{Invite, Role},
};

use super::{Applied, ApplyError, Entry, Event, access, sql::parsed};

/// Creates an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateInvite {
    /// The id of the invitation.
    pub invite: InviteId,
    /// The hash of the invitation's secret.
    pub hash: String,
    /// The number of hours for which the invitation is valid; unlimited if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hours: Option<u32>,
    /// The number of users who can redeem it; unlimited if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_uses: Option<u32>,
}

/// Withdraws an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeInvite {
    /// The invitation to withdraw.
    pub invite: InviteId,
}

/// The SQL condition of an invitation that can be redeemed at the time `?1`.
const ACTIVE: &str = "(expires_at IS NULL OR expires_at > ?1) AND (max_uses IS NULL OR uses < max_uses)";

/// Applies a [`CreateInvite`].
///
/// # Errors
/// [`ErrorCode::LimitReached`] above the limits of active invitations, [`ErrorCode::BadId`] if the id is in use, and the codes of
/// [`access::require_role`].
pub(super) fn create(
    tables: &Connection,
    entry: &Entry,
    create: &CreateInvite,
) -> Result<Applied, ApplyError> {
    let role = access::require_role(tables, entry, Role::Moderator)?;
    let (active, own): (usize, usize) = tables
        .prepare_cached(&format!(
            "SELECT count(*), count(*) FILTER (WHERE created_by = ?2) FROM invites WHERE {ACTIVE}"
        ))?
        .query_row(params![entry.at.0, entry.by.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    let full = match role {
        Role::Owner => active >= INVITES,
        _ => active >= INVITES - RESERVED_INVITES || own >= INVITES_BY_MODERATOR,
    };
    if full {
        return Err(ErrorCode::LimitReached.into());
    }
    let until = create
        .hours
        .map(|hours| entry.at.0 + i64::from(hours) * 3_600_000);
    let new = tables
        .prepare_cached(
            "INSERT INTO invites (id, hash, created_by, expires_at, max_uses) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            create.invite.as_str(),
            create.hash,
            entry.by.as_str(),
            until,
            create.max_uses
        ])?;
    if new == 0 {
        return Err(ErrorCode::BadId.into());
    }
    tables
        .prepare_cached(&format!("DELETE FROM invites WHERE NOT ({ACTIVE})"))?
        .execute([entry.at.0])?;
    Ok(Applied::Logged(Event::Nothing))
}

/// Applies a [`RevokeInvite`].
///
/// # Errors
/// [`ErrorCode::NotFound`] if there is no such invitation, and the codes of [`access::require_role`].
pub(super) fn revoke(tables: &Connection, entry: &Entry, it: &RevokeInvite) -> Result<Applied, ApplyError> {
    access::require_role(tables, entry, Role::Moderator)?;
    let withdrawn = tables
        .prepare_cached("DELETE FROM invites WHERE id = ?1")?
        .execute([it.invite.as_str()])?;
    if withdrawn == 0 {
        return Err(ErrorCode::NotFound.into());
    }
    Ok(Applied::Logged(Event::Nothing))
}

/// Redeems an invitation once.
///
/// # Errors
/// [`ErrorCode::LinkExpired`] if it is not active.
pub(super) fn spend(tables: &Connection, entry: &Entry, hash: &str) -> Result<(), ApplyError> {
    let spent = tables
        .prepare_cached(&format!(
            "UPDATE invites SET uses = uses + 1 WHERE {ACTIVE} AND hash = ?2"
        ))?
        .execute(params![entry.at.0, hash])?;
    if spent == 0 {
        return Err(ErrorCode::LinkExpired.into());
    }
    tables
        .prepare_cached("DELETE FROM invites WHERE hash = ?1 AND uses >= max_uses")?
        .execute([hash])?;
    Ok(())
}

/// Returns whether the invitation with this hash can be redeemed.
pub fn is_active(tables: &Connection, hash: &str, at: Millis) -> rusqlite::Result<bool> {
    tables
        .prepare_cached(&format!("SELECT 1 FROM invites WHERE {ACTIVE} AND hash = ?2"))?
        .exists(params![at.0, hash])
}

/// Returns the invitations that can be redeemed at this time.
pub fn active(tables: &Connection, at: Millis) -> rusqlite::Result<Vec<Invite>> {
    let invite = |row: &Row<'_>| {
        let used: u32 = row.get(4)?;
        Ok(Invite {
            id: parsed(row, 0)?,
            created_by: parsed(row, 1)?,
            expires_at: row.get::<_, Option<i64>>(2)?.map(Millis),
            uses_left: row
                .get::<_, Option<u32>>(3)?
                .map(|uses| uses.saturating_sub(used)),
            uses: used,
        })
    };
    tables
        .prepare_cached(&format!(
            "SELECT id, created_by, expires_at, max_uses, uses FROM invites WHERE {ACTIVE} ORDER BY id DESC"
        ))?
        .query_map([at.0], invite)?
        .collect()
}

#[cfg(test)]
mod tests {
    use snug_shared::{avatar::Avatar, ids::ChatId, people::ModerationAction, text::Nickname};

    use super::*;
    use crate::{
        features::{Command, accounts, apply, moderation::Moderate, people},
        store::folder::migrate,
    };

    fn does(tables: &Connection, by: &str, at: i64, command: Command) -> Result<Applied, ErrorCode> {
        let (by, at) = (ChatId::try_from(by).expect("an id"), Millis(at));
        match apply(tables, &Entry { by, at, command }, 1) {
            Ok(applied) => Ok(applied),
            Err(ApplyError::Refused(code)) => Err(code),
            Err(ApplyError::Database(error)) => panic!("{error}"),
        }
    }

    fn invites(
        tables: &Connection,
        by: &str,
        at: i64,
        id: &str,
        uses: Option<u32>,
    ) -> Result<Applied, ErrorCode> {
        let create = CreateInvite {
            invite: InviteId::try_from(id).expect("an id"),
            hash: id.to_owned(),
            hours: Some(1),
            max_uses: uses,
        };
        does(tables, by, at, Command::CreateInvite(create))
    }

    fn registers(
        tables: &Connection,
        who: &str,
        role: Role,
        invite: Option<&str>,
    ) -> Result<Applied, ErrorCode> {
        let keep = accounts::CreateAccount {
            name: people::Name {
                name: Nickname::try_from(who).expect("a name"),
                skeletons: [format!("={who}"), format!("~{who}")],
            },
            avatar: Avatar::of_seed(who),
            role,
            invite_hash: invite.map(str::to_owned),
            password: None,
        };
        does(tables, who, 0, Command::CreateAccount(keep))
    }

    #[test]
    fn only_good_invitations_count_and_no_moderator_takes_all_of_them() {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        registers(&tables, "olga", Role::Owner, None).expect("registered");
        for who in ["m0", "m1", "m2", "m3", "m4"] {
            registers(&tables, who, Role::Member, None).expect("registered");
            let (person, role) = (ChatId::try_from(who).expect("an id"), Role::Moderator);
            let (act, guest, networks) = (
                ModerationAction::SetRole {
                    chat_id: person,
                    role,
                },
                None,
                Vec::new(),
            );
            does(
                &tables,
                "olga",
                0,
                Command::Moderate(Moderate {
                    action: act,
                    guest,
                    networks,
                }),
            )
            .expect("appointed");
        }
        let made = |who: &str| {
            (0..INVITES)
                .take_while(|n| invites(&tables, who, 0, &format!("{who}-{n}"), None).is_ok())
                .count()
        };
        assert_eq!(
            ["m0", "m1", "m2", "m3", "m4", "olga"].map(made),
            [200, 200, 200, 200, 100, 100]
        );
        // After an hour they are not good any more.
        let hour = 3_600_000;
        invites(&tables, "m0", hour, "one", Some(1)).expect("there is room");
        let count = || tables.query_row("SELECT count(*) FROM invites", [], |row| row.get::<_, usize>(0));
        assert_eq!(count(), Ok(1));
        registers(&tables, "bob", Role::Member, Some("one")).expect("invited");
        assert_eq!(count(), Ok(0), "one that is used up is not kept");
    }
}
