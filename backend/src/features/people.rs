//! Registered users, and guests with an invitation. Their credentials are in `sessions`.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis},
    people::{JoinPolicy, Role, UserRecord},
    presence::ChatUser,
    text::Nickname,
};

use super::{
    Applied, ApplyError, Entry, Event, access, invites, rooms, rules, sessions,
    sql::{from_column, parsed, to_column},
};

/// A name with its confusable skeletons: no two registered names are confusable. Skeletons change with the tables of Unicode,
/// so they are computed when the name is submitted, not when the entry is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The name as it is written.
    pub name: Nickname,
    /// The skeletons of the name: as it is written, and in lower case.
    pub skeletons: [String; 2],
}

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

/// A known user: registered, or a guest with a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The user's record. A guest's name is the one they had when they became known.
    pub known: UserRecord,
    /// Whether the user has redeemed an invitation.
    pub invited: bool,
}

impl Person {
    /// Returns whether the user has an account.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.known.role >= Role::Member
    }

    /// Returns whether the user is banned at this time.
    #[must_use]
    pub fn is_out(&self, at: Millis) -> bool {
        self.known.banned_until.is_some_and(|until| until > at)
    }

    /// Returns whether the user is muted at this time.
    #[must_use]
    pub fn is_muted(&self, at: Millis) -> bool {
        self.muted_for(at) > 0
    }

    /// Returns for how many more milliseconds the user is muted, counted from this time.
    #[must_use]
    pub fn muted_for(&self, at: Millis) -> u64 {
        self.known.muted_until.map_or(0, |until| left(until, at))
    }
}

/// Returns the milliseconds from `now` until `until`; 0 if that is past.
#[must_use]
pub fn left(until: Millis, now: Millis) -> u64 {
    u64::try_from(until.0.saturating_sub(now.0)).unwrap_or(0)
}

/// Returns a registered user as they are shown to others.
#[must_use]
pub fn user_of(known: &UserRecord) -> ChatUser {
    ChatUser {
        avatar: known.avatar.clone(),
        role: known.role,
        ..ChatUser::guest(known.chat_id.clone(), known.name.clone())
    }
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
    may_come(before.as_ref(), entry.at)?;
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

fn may_come(person: Option<&Person>, at: Millis) -> Result<(), ErrorCode> {
    match person {
        Some(person) if person.is_out(at) => Err(ErrorCode::Banned),
        _ => Ok(()),
    }
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

/// Stores a guest, unless they are stored already.
pub(super) fn insert_guest(
    tables: &Connection,
    guest: &ChatId,
    name: &Nickname,
    avatar: &Avatar,
) -> rusqlite::Result<()> {
    tables
        .prepare_cached(
            "INSERT INTO users (id, name, avatar, role) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            guest.as_str(),
            name.as_str(),
            avatar.to_string(),
            to_column(&Role::Guest)
        ])?;
    Ok(())
}

/// Stores a guest with a name and an avatar, and replaces those that are stored.
pub(super) fn set_name(
    tables: &Connection,
    guest: &ChatId,
    name: &Nickname,
    avatar: &Avatar,
) -> rusqlite::Result<()> {
    insert_guest(tables, guest, name, avatar)?;
    tables
        .prepare_cached("UPDATE users SET name = ?2, avatar = ?3 WHERE id = ?1")?
        .execute([guest.as_str(), name.as_str(), &avatar.to_string()])?;
    Ok(())
}

/// Returns the event of a changed user.
///
/// # Errors
/// [`ErrorCode::NotFound`] if the user is not known.
pub(super) fn person_changed(tables: &Connection, id: &ChatId) -> Result<Applied, ApplyError> {
    let known = person(tables, id)?.ok_or(ErrorCode::NotFound)?;
    Ok(Applied::Logged(Event::UserChanged(known)))
}

const COLUMNS: &str = "id, name, avatar, role, muted_until, banned_until, invite IS NOT NULL";

/// Returns a user, if they are known.
pub fn person(tables: &Connection, id: &ChatId) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?
        .query_row([id.as_str()], read)
        .optional()
}

/// Returns the registered user whose name has this skeleton.
pub fn by_name(tables: &Connection, name: &Name) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE folded_skeleton = ?1"))?
        .query_row([&name.skeletons[1]], read)
        .optional()
}

/// Returns all known users, in no particular order.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<Person>> {
    tables
        .prepare(&format!("SELECT {COLUMNS} FROM users"))?
        .query_map([], read)?
        .collect()
}

fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    let until = |index| Ok::<_, rusqlite::Error>(Some(row.get(index)?).filter(|it| *it > 0).map(Millis));
    Ok(Person {
        known: UserRecord {
            chat_id: parsed(row, 0)?,
            name: parsed(row, 1)?,
            avatar: parsed(row, 2)?,
            role: from_column(&row.get::<_, String>(3)?),
            muted_until: until(4)?,
            banned_until: until(5)?,
        },
        invited: row.get(6)?,
    })
}
