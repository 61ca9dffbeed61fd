//! Accounts: guests register, change their profiles, and redeem invites.

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::ChatId,
    people::{JoinPolicy, Role},
    text::Nickname,
};

use super::{
    Applied, ApplyError, Entry, Event, access, invites,
    people::{Name, Person, insert_guest, may_connect, person, person_changed},
    rooms, rules, sessions,
    sql::to_column,
};

/// Registers a guest under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateAccount {
    /// The name to register.
    #[serde(flatten)]
    pub name: Name,
    /// The user's avatar.
    pub avatar: Avatar,
    /// [`Role::Owner`] for a user with the owner link; [`Role::Member`] for others.
    pub role: Role,
    /// The hash of the secret of the invitation to redeem, if there is one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invite_hash: Option<String>,
    /// The Argon2id hash of the password, stored only if the name is registered. It is not written to the log, and so is absent
    /// when the log is applied again.
    #[serde(skip)]
    pub password: Option<String>,
}

/// Changes the name and the avatar of a registered user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpdateProfile {
    /// The new name.
    #[serde(flatten)]
    pub name: Name,
    /// The new avatar.
    pub avatar: Avatar,
}

/// Redeems an invitation as a guest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RedeemInvite {
    /// The hash of the invitation's secret.
    pub invite_hash: String,
}

/// Applies a [`CreateAccount`].
///
/// # Errors
/// [`ErrorCode::NotAllowed`] if the author is registered already, [`ErrorCode::NameTaken`] for a name that is taken,
/// [`ErrorCode::LinkExpired`] if the owner link or the invitation is spent, [`ErrorCode::InviteRequired`] if an invitation is needed,
/// and the codes of [`access::may_be_seen`].
pub(super) fn create_account(
    tables: &Connection,
    entry: &Entry,
    keep: &CreateAccount,
) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?;
    if before.as_ref().is_some_and(Person::is_registered) {
        return Err(ErrorCode::NotAllowed.into());
    }
    access::may_be_seen(tables, entry)?;
    require_name_available(tables, &entry.by, &keep.name)?;
    if keep.role == Role::Owner {
        if access::owners(tables)? > 0 {
            return Err(ErrorCode::LinkExpired.into());
        }
    } else {
        let invited = before.as_ref().is_some_and(|it| it.invited);
        let join_policy = rules::rules(tables)?.join_policy;
        match &keep.invite_hash {
            Some(hash) if !invited => invites::spend(tables, entry, hash)?,
            None if !invited && join_policy != JoinPolicy::Anyone => {
                return Err(ErrorCode::InviteRequired.into());
            }
            _ => {}
        }
    }
    let role = keep.role.max(Role::Member);
    tables
        .prepare_cached(
            "INSERT INTO users (id, name, skeleton, folded_skeleton, avatar, role, invite) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2, skeleton = ?3, folded_skeleton = ?4, avatar = ?5, role = ?6",
        )?
        .execute(params![
            entry.by.as_str(),
            keep.name.name.as_str(),
            keep.name.skeletons[0],
            keep.name.skeletons[1],
            keep.avatar.to_string(),
            to_column(&role),
            keep.invite_hash,
        ])?;
    if let Some(hash) = &keep.password {
        sessions::insert_password(tables, &entry.by, hash)?;
    }
    // From now on a subscription needs a session; a browser that has one subscribes again.
    tables
        .prepare_cached("DELETE FROM push_subscriptions WHERE user = ?1 AND session IS NULL")?
        .execute([entry.by.as_str()])?;
    rooms::mark_as_members(tables, &entry.by)?;
    tables
        .prepare_cached("UPDATE blocks SET by_guest = 0 WHERE user = ?1")?
        .execute([entry.by.as_str()])?;
    person_changed(tables, &entry.by)
}

/// Applies a [`UpdateProfile`].
///
/// # Errors
/// [`ErrorCode::NotAllowed`] for a guest, [`ErrorCode::NameTaken`] for a name that is taken, and the codes of
/// [`access::may_be_seen`].
pub(super) fn update_profile(
    tables: &Connection,
    entry: &Entry,
    show: &UpdateProfile,
) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?.filter(Person::is_registered);
    access::may_be_seen(tables, entry)?;
    if before.is_none() {
        return Err(ErrorCode::NotAllowed.into());
    }
    require_name_available(tables, &entry.by, &show.name)?;
    tables
        .prepare_cached(
            "UPDATE users SET name = ?2, skeleton = ?3, folded_skeleton = ?4, avatar = ?5 WHERE id = ?1",
        )?
        .execute(params![
            entry.by.as_str(),
            show.name.name.as_str(),
            show.name.skeletons[0],
            show.name.skeletons[1],
            show.avatar.to_string(),
        ])?;
    person_changed(tables, &entry.by)
}

/// Applies a [`RedeemInvite`].
///
/// # Errors
/// [`ErrorCode::Banned`] for a banned user, [`ErrorCode::MembersOnly`] if guests are not admitted, [`ErrorCode::LinkExpired`] if
/// the invitation is not active.
pub(super) fn redeem_invite(
    tables: &Connection,
    entry: &Entry,
    it: &RedeemInvite,
) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?;
    may_connect(before.as_ref(), entry.at)?;
    if let Some(known) = before.filter(|it| it.invited || it.is_registered()) {
        // A user who redeems again does not use up the invitation for others.
        return Ok(Applied::Duplicate(Event::UserChanged(known)));
    }
    if rules::rules(tables)?.join_policy == JoinPolicy::Members {
        return Err(ErrorCode::MembersOnly.into());
    }
    invites::spend(tables, entry, &it.invite_hash)?;
    let name = Nickname::nobody();
    insert_guest(tables, &entry.by, &name, &Avatar::of_seed(entry.by.as_str()))?;
    tables
        .prepare_cached("UPDATE users SET invite = ?2 WHERE id = ?1")?
        .execute([entry.by.as_str(), it.invite_hash.as_str()])?;
    person_changed(tables, &entry.by)
}

/// Checks that no account has this name or a confusable one.
///
/// # Errors
/// [`ErrorCode::NameTaken`] otherwise.
fn require_name_available(tables: &Connection, by: &ChatId, name: &Name) -> Result<(), ApplyError> {
    let kept = tables
        .prepare_cached("SELECT 1 FROM users WHERE (skeleton = ?2 OR folded_skeleton = ?3) AND id <> ?1")?
        .exists([by.as_str(), &name.skeletons[0], &name.skeletons[1]])?;
    if kept {
        Err(ErrorCode::NameTaken.into())
    } else {
        Ok(())
    }
}
