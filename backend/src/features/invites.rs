//! Invitations: a link that lets people in. The log and the tables have its secret's hash only.

use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    code::Code,
    ids::{InviteId, Millis},
    limits::INVITES,
    people::{Invite, Role},
};

use super::{Applied, ApplyError, Entry, Event, house, parsed};

/// Makes an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Make {
    /// Its id.
    pub invite: InviteId,
    /// The hash of its secret.
    pub hash: String,
    /// For how many hours it is good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hours: Option<u32>,
    /// For how many people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uses: Option<u32>,
}

/// Withdraws one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withdraw {
    /// Which.
    pub invite: InviteId,
}

pub(super) fn make(tables: &Connection, entry: &Entry, make: &Make) -> Result<Applied, ApplyError> {
    house::at_least(tables, entry, Role::Moderator)?;
    let good: usize = tables
        .prepare_cached("SELECT count(*) FROM invites")?
        .query_row([], |row| row.get(0))?;
    if good >= INVITES {
        return Err(Code::TooMany.into());
    }
    let until = make.hours.map(|hours| entry.at.0 + i64::from(hours) * 3_600_000);
    let new = tables
        .prepare_cached(
            "INSERT INTO invites (id, hash, by, until, uses) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            make.invite.as_str(),
            make.hash,
            entry.by.as_str(),
            until,
            make.uses
        ])?;
    if new == 0 {
        return Err(Code::BadId.into());
    }
    Ok(Applied::Recorded(Event::Nothing))
}

pub(super) fn withdraw(tables: &Connection, entry: &Entry, it: &Withdraw) -> Result<Applied, ApplyError> {
    house::at_least(tables, entry, Role::Moderator)?;
    let withdrawn = tables
        .prepare_cached("DELETE FROM invites WHERE id = ?1")?
        .execute([it.invite.as_str()])?;
    if withdrawn == 0 {
        return Err(Code::NotFound.into());
    }
    Ok(Applied::Recorded(Event::Nothing))
}

/// Lets one more in by an invitation, if it is good.
pub(super) fn spend(tables: &Connection, entry: &Entry, hash: &str) -> Result<(), ApplyError> {
    let spent = tables
        .prepare_cached(
            "UPDATE invites SET used = used + 1
             WHERE hash = ?1 AND (until IS NULL OR until > ?2) AND (uses IS NULL OR used < uses)",
        )?
        .execute(params![hash, entry.at.0])?;
    if spent == 1 {
        Ok(())
    } else {
        Err(Code::LinkSpent.into())
    }
}

/// Those that are good at this time.
pub fn good(tables: &Connection, at: Millis) -> rusqlite::Result<Vec<Invite>> {
    let invite = |row: &Row<'_>| {
        let used: u32 = row.get(4)?;
        Ok(Invite {
            invite: parsed(row, 0)?,
            by: parsed(row, 1)?,
            until: row.get::<_, Option<i64>>(2)?.map(Millis),
            left: row
                .get::<_, Option<u32>>(3)?
                .map(|uses| uses.saturating_sub(used)),
            used,
        })
    };
    tables
        .prepare_cached(
            "SELECT id, by, until, uses, used FROM invites
             WHERE (until IS NULL OR until > ?1) AND (uses IS NULL OR used < uses) ORDER BY id DESC",
        )?
        .query_map([at.0], invite)?
        .collect()
}
