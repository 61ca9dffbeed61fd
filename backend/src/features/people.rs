//! People with an account, and guests with an invitation. Their credentials are in `sessions`.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis},
    people::{JoinPolicy, Role, UserRecord},
    presence::ChatUser,
    text::Nickname,
};

use super::{Applied, ApplyError, Entry, Event, house, invites, parsed, rooms, sessions};

/// A name, and what it looks like: no two kept names look the same. What a name looks like changes with the tables
/// of Unicode, so it is found out when the name is taken, not when the entry is applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// As it is written.
    pub name: Nickname,
    /// What it looks like as it stands, and in small letters.
    pub looks: [String; 2],
}

/// Keeps a name from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keep {
    /// The name.
    #[serde(flatten)]
    pub name: Name,
    /// The avatar.
    pub avatar: Avatar,
    /// [`Role::Owner`] for whoever has the link that makes one; [`Role::Member`] for others.
    pub role: Role,
    /// The hash of an invitation's secret.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invite: Option<String>,
    /// The Argon2id hash of the password, stored only if the name is kept. It is not written to the log, and so is not there when
    /// the log is applied again.
    #[serde(skip)]
    pub password: Option<String>,
}

/// Shows oneself otherwise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Show {
    /// The name.
    #[serde(flatten)]
    pub name: Name,
    /// The avatar.
    pub avatar: Avatar,
}

/// A guest takes up an invitation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakeUp {
    /// The hash of its secret.
    pub invite: String,
}

/// Somebody who is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Who, and what holds for them. A guest's name is what it was when they became known.
    pub known: UserRecord,
    /// Whether an invitation has let them in.
    pub invited: bool,
}

impl Person {
    /// Whether they have an account.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        self.known.role >= Role::Member
    }

    /// Whether they are put out at this time.
    #[must_use]
    pub fn is_out(&self, at: Millis) -> bool {
        self.known.out_until.is_some_and(|until| until > at)
    }

    /// Whether they may not speak at this time.
    #[must_use]
    pub fn is_muted(&self, at: Millis) -> bool {
        self.muted_for(at) > 0
    }

    /// For how many milliseconds from this time on they may not speak.
    #[must_use]
    pub fn muted_for(&self, at: Millis) -> u64 {
        self.known.muted_until.map_or(0, |until| left(until, at))
    }
}

/// The milliseconds from one time until another; none if that is past.
#[must_use]
pub fn left(until: Millis, now: Millis) -> u64 {
    u64::try_from(until.0.saturating_sub(now.0)).unwrap_or(0)
}

/// Returns a registered person as they are shown to others.
#[must_use]
pub fn user_of(known: &UserRecord) -> ChatUser {
    ChatUser {
        avatar: known.avatar.clone(),
        role: known.role,
        ..ChatUser::guest(known.chat_id.clone(), known.name.clone())
    }
}

pub(super) fn keep(tables: &Connection, entry: &Entry, keep: &Keep) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?;
    if before.as_ref().is_some_and(Person::is_registered) {
        return Err(ErrorCode::NotAllowed.into());
    }
    house::may_be_seen(tables, entry)?;
    require_name_available(tables, &entry.by, &keep.name)?;
    if keep.role == Role::Owner {
        if house::owners(tables)? > 0 {
            return Err(ErrorCode::LinkSpent.into());
        }
    } else {
        let invited = before.as_ref().is_some_and(|it| it.invited);
        let entrance = house::rules(tables)?.entrance;
        match &keep.invite {
            Some(hash) if !invited => invites::spend(tables, entry, hash)?,
            None if !invited && entrance != JoinPolicy::Anyone => return Err(ErrorCode::NotInvited.into()),
            _ => {}
        }
    }
    let role = keep.role.max(Role::Member);
    tables
        .prepare_cached(
            "INSERT INTO people (id, name, look, small_look, avatar, role, invite) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (id) DO UPDATE SET name = ?2, look = ?3, small_look = ?4, avatar = ?5, role = ?6",
        )?
        .execute(params![
            entry.by.as_str(),
            keep.name.name.as_str(),
            keep.name.looks[0],
            keep.name.looks[1],
            keep.avatar.to_string(),
            to_column(&role),
            keep.invite,
        ])?;
    if let Some(hash) = &keep.password {
        sessions::insert_password(tables, &entry.by, hash)?;
    }
    // From now on a session is asked for; a browser that has one subscribes again.
    tables
        .prepare_cached("DELETE FROM pushes WHERE person = ?1 AND session IS NULL")?
        .execute([entry.by.as_str()])?;
    rooms::mark_as_members(tables, &entry.by)?;
    tables
        .prepare_cached("UPDATE blocks SET guest = 0 WHERE person = ?1")?
        .execute([entry.by.as_str()])?;
    person_changed(tables, &entry.by)
}

pub(super) fn show(tables: &Connection, entry: &Entry, show: &Show) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?.filter(Person::is_registered);
    house::may_be_seen(tables, entry)?;
    if before.is_none() {
        return Err(ErrorCode::NotAllowed.into());
    }
    require_name_available(tables, &entry.by, &show.name)?;
    tables
        .prepare_cached("UPDATE people SET name = ?2, look = ?3, small_look = ?4, avatar = ?5 WHERE id = ?1")?
        .execute(params![
            entry.by.as_str(),
            show.name.name.as_str(),
            show.name.looks[0],
            show.name.looks[1],
            show.avatar.to_string(),
        ])?;
    person_changed(tables, &entry.by)
}

pub(super) fn take_up(tables: &Connection, entry: &Entry, it: &TakeUp) -> Result<Applied, ApplyError> {
    let before = person(tables, &entry.by)?;
    may_come(before.as_ref(), entry.at)?;
    if let Some(known) = before.filter(|it| it.invited || it.is_registered()) {
        // Taking one up again costs nobody else theirs.
        return Ok(Applied::Duplicate(Event::Person(known)));
    }
    if house::rules(tables)?.entrance == JoinPolicy::Members {
        return Err(ErrorCode::MembersOnly.into());
    }
    invites::spend(tables, entry, &it.invite)?;
    let name = Nickname::nobody();
    insert_guest(tables, &entry.by, &name, &Avatar::of_seed(entry.by.as_str()))?;
    tables
        .prepare_cached("UPDATE people SET invite = ?2 WHERE id = ?1")?
        .execute([entry.by.as_str(), it.invite.as_str()])?;
    person_changed(tables, &entry.by)
}

fn may_come(person: Option<&Person>, at: Millis) -> Result<(), ErrorCode> {
    match person {
        Some(person) if person.is_out(at) => Err(ErrorCode::PutOut),
        _ => Ok(()),
    }
}

/// Checks that no account has this name or a confusable one.
///
/// # Errors
/// [`ErrorCode::NameKept`] otherwise.
fn require_name_available(tables: &Connection, by: &ChatId, name: &Name) -> Result<(), ApplyError> {
    let kept = tables
        .prepare_cached("SELECT 1 FROM people WHERE (look = ?2 OR small_look = ?3) AND id <> ?1")?
        .exists([by.as_str(), &name.looks[0], &name.looks[1]])?;
    if kept {
        Err(ErrorCode::NameKept.into())
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
            "INSERT INTO people (id, name, avatar, role) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (id) DO NOTHING",
        )?
        .execute(params![
            guest.as_str(),
            name.as_str(),
            avatar.to_string(),
            to_column(&Role::Guest)
        ])?;
    Ok(())
}

/// Stores a guest with a name and an avatar, in place of those that are stored.
pub(super) fn set_name(
    tables: &Connection,
    guest: &ChatId,
    name: &Nickname,
    avatar: &Avatar,
) -> rusqlite::Result<()> {
    insert_guest(tables, guest, name, avatar)?;
    tables
        .prepare_cached("UPDATE people SET name = ?2, avatar = ?3 WHERE id = ?1")?
        .execute([guest.as_str(), name.as_str(), &avatar.to_string()])?;
    Ok(())
}

/// Returns the event of a changed person.
pub(super) fn person_changed(tables: &Connection, id: &ChatId) -> Result<Applied, ApplyError> {
    let known = person(tables, id)?.ok_or(ErrorCode::NotFound)?;
    Ok(Applied::Logged(Event::Person(known)))
}

const COLUMNS: &str = "id, name, avatar, role, muted_until, out_until, invite IS NOT NULL";

/// Somebody, if they are known.
pub fn person(tables: &Connection, id: &ChatId) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE id = ?1"))?
        .query_row([id.as_str()], read)
        .optional()
}

/// Returns the registered person whose name has this skeleton.
pub fn by_name(tables: &Connection, name: &Name) -> rusqlite::Result<Option<Person>> {
    tables
        .prepare_cached(&format!("SELECT {COLUMNS} FROM people WHERE small_look = ?1"))?
        .query_row([&name.looks[1]], read)
        .optional()
}

/// Everybody who is known, the greatest first.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<Person>> {
    tables
        .prepare(&format!("SELECT {COLUMNS} FROM people"))?
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
            out_until: until(5)?,
        },
        invited: row.get(6)?,
    })
}

/// Converts an enum to the text of a column, the same as on the wire.
pub(super) fn to_column<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_value(value).expect("it is a string");
    text.as_str().expect("it is a string").to_owned()
}

/// Converts the text of a column to an enum. An unknown text, of a newer version, becomes the default.
pub(super) fn from_column<T: DeserializeOwned + Default>(text: &str) -> T {
    serde_json::from_value(text.into()).unwrap_or_default()
}
