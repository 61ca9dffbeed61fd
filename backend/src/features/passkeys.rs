//! Passkeys: public keys that sign users in. They are stored beside the log, as passwords are (`sessions`).

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis, PasskeyId, SessionId},
    limits::PASSKEYS,
    passkeys::Passkey,
    people::{SecurityEvent, SecurityNotice},
};

use super::{Applied, ApplyError, Entry, Event, access, sessions, sql::parsed};
use crate::webauthn::Credential;

/// Adds a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddPasskey {
    /// The id of the new passkey.
    pub passkey: PasskeyId,
    /// The session that adds it.
    pub session: SessionId,
    /// The credential that checks its signatures.
    pub credential: Credential,
    /// The name that the device on which it is added gives itself.
    pub name: String,
}

/// Stores that a passkey was used to sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsePasskey {
    /// The passkey that was used.
    pub passkey: PasskeyId,
    /// The passkey's signature counter, as its authenticator reports it.
    pub sign_count: u32,
}

/// Removes a passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemovePasskey {
    /// The passkey to remove.
    pub passkey: PasskeyId,
    /// The session that removes it.
    pub session: SessionId,
}

/// A stored passkey with the credential that checks its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPasskey {
    /// The id of the passkey.
    pub passkey: PasskeyId,
    /// The user whom it signs in.
    pub person: ChatId,
    /// The credential that checks its signatures.
    pub credential: Credential,
}

/// Applies an [`AddPasskey`].
///
/// # Errors
/// [`ErrorCode::NotFound`] for an author without an account, [`ErrorCode::SessionEnded`] if the session has ended,
/// [`ErrorCode::PasskeyExists`] if the credential is registered already, [`ErrorCode::TooManyPasskeys`] above the limit.
pub(super) fn add(tables: &Connection, entry: &Entry, it: &AddPasskey) -> Result<Applied, ApplyError> {
    access::require_account(tables, &entry.by)?;
    sessions::is_signed_in(tables, &entry.by, &it.session)?;
    // A credential shared by two users could sign one in as the other (section 7.1, step 26).
    let kept = tables
        .prepare_cached("SELECT 1 FROM passkeys WHERE credential = ?1")?
        .exists([&it.credential.id])?;
    if kept {
        return Err(ErrorCode::PasskeyExists.into());
    }
    let count: usize = tables
        .prepare_cached("SELECT count(*) FROM passkeys WHERE user = ?1")?
        .query_row([entry.by.as_str()], |row| row.get(0))?;
    if count >= PASSKEYS {
        return Err(ErrorCode::TooManyPasskeys.into());
    }
    tables
        .prepare_cached(
            "INSERT INTO passkeys (id, user, credential, public_key, sign_count, backup_eligible, name, added_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            it.passkey.as_str(),
            entry.by.as_str(),
            it.credential.id,
            it.credential.public_key,
            it.credential.sign_count,
            it.credential.backup_eligible,
            it.name,
            entry.at.0,
        ])?;
    told(tables, entry, &it.session, SecurityEvent::PasskeyAdded)
}

fn told(
    tables: &Connection,
    entry: &Entry,
    session: &SessionId,
    what: SecurityEvent,
) -> Result<Applied, ApplyError> {
    let notice = SecurityNotice {
        event: what,
        device: sessions::device(tables, session)?,
        at: entry.at,
    };
    Ok(Applied::AppliedOnly(Event::SecurityEvent {
        person: entry.by.clone(),
        by: session.clone(),
        notice,
    }))
}

/// Applies a [`UsePasskey`].
///
/// # Errors
/// [`ErrorCode::WrongPasskey`] if the author has no such passkey, [`ErrorCode::PasskeyCopied`] if the signature counter did not
/// increase.
pub(super) fn used(tables: &Connection, entry: &Entry, it: &UsePasskey) -> Result<Applied, ApplyError> {
    let before: Option<u32> = tables
        .prepare_cached("SELECT sign_count FROM passkeys WHERE id = ?1 AND user = ?2")?
        .query_row([it.passkey.as_str(), entry.by.as_str()], |row| row.get(0))
        .optional()?;
    // The passkey may have been removed during the sign-in.
    let before = before.ok_or(ErrorCode::WrongPasskey)?;
    // Section 7.2, step 22. A passkey without a counter always reports 0.
    if it.sign_count <= before && (it.sign_count, before) != (0, 0) {
        return Err(ErrorCode::PasskeyCopied.into());
    }
    tables
        .prepare_cached("UPDATE passkeys SET sign_count = ?2, last_used = ?3 WHERE id = ?1")?
        .execute(params![it.passkey.as_str(), it.sign_count, entry.at.0])?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Applies a [`RemovePasskey`].
///
/// # Errors
/// [`ErrorCode::SessionEnded`] if the session has ended, [`ErrorCode::NotFound`] if the author has no such passkey.
pub(super) fn remove(tables: &Connection, entry: &Entry, it: &RemovePasskey) -> Result<Applied, ApplyError> {
    sessions::is_signed_in(tables, &entry.by, &it.session)?;
    let removed = tables
        .prepare_cached("DELETE FROM passkeys WHERE id = ?1 AND user = ?2")?
        .execute([it.passkey.as_str(), entry.by.as_str()])?;
    match removed {
        0 => Err(ErrorCode::NotFound.into()),
        _ => told(tables, entry, &it.session, SecurityEvent::PasskeyRemoved),
    }
}

/// Returns the passkey whose credential has this id.
pub fn by_credential(tables: &Connection, id: &str) -> rusqlite::Result<Option<StoredPasskey>> {
    tables
        .prepare_cached(
            "SELECT id, user, credential, public_key, sign_count, backup_eligible FROM passkeys WHERE credential = ?1",
        )?
        .query_row([id], |row| {
            Ok(StoredPasskey {
                passkey: parsed(row, 0)?,
                person: parsed(row, 1)?,
                credential: Credential {
                    id: row.get(2)?,
                    public_key: row.get(3)?,
                    sign_count: row.get(4)?,
                    backup_eligible: row.get(5)?,
                },
            })
        })
        .optional()
}

/// Returns a user's passkeys, the oldest first.
pub fn of(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<Passkey>> {
    tables
        .prepare_cached(
            "SELECT id, name, added_at, last_used FROM passkeys WHERE user = ?1 ORDER BY added_at, id",
        )?
        .query_map([person.as_str()], |row| {
            Ok(Passkey {
                id: parsed(row, 0)?,
                name: row.get(1)?,
                added_at: Millis(row.get(2)?),
                last_used: row.get::<_, Option<i64>>(3)?.map(Millis),
            })
        })?
        .collect()
}

/// Returns the ids of a user's credentials.
pub fn credentials(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<String>> {
    tables
        .prepare_cached("SELECT credential FROM passkeys WHERE user = ?1")?
        .query_map([person.as_str()], |row| row.get(0))?
        .collect()
}

#[cfg(test)]
mod tests {
    use snug_shared::{avatar::Avatar, people::Role};

    use super::*;
    use crate::{
        features::{
            Command,
            accounts::CreateAccount,
            apply,
            people::Name,
            sessions::{Proof, StartSession},
        },
        store::folder::migrate,
    };

    #[test]
    fn a_member_adds_only_so_many_passkeys_and_only_while_signed_in() {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        let wants = |command| {
            let (by, at) = ("ann".try_into().expect("an id"), Millis(0));
            apply(&tables, &Entry { by, at, command }, 1).map_err(|error| error.to_string())
        };
        let add = |number: usize, session: &str| {
            let id = format!("p{number}");
            wants(Command::AddPasskey(AddPasskey {
                passkey: id.as_str().try_into().expect("an id"),
                session: session.try_into().expect("an id"),
                credential: Credential {
                    id,
                    public_key: String::new(),
                    sign_count: 0,
                    backup_eligible: false,
                },
                name: String::new(),
            }))
        };
        assert_eq!(add(0, "s"), Err(ErrorCode::NotFound.to_string()), "a guest");
        wants(Command::CreateAccount(CreateAccount {
            name: Name {
                name: "Ann".try_into().expect("a name"),
                skeletons: ["Ann".to_owned(), "ann".to_owned()],
            },
            avatar: Avatar::of_seed("ann"),
            role: Role::Member,
            invite_hash: None,
            password: Some("hash".to_owned()),
        }))
        .expect("registered");
        wants(Command::StartSession(StartSession {
            session: "s".try_into().expect("an id"),
            hash: String::new(),
            name: String::new(),
            proof: Proof::Password("hash".to_owned()),
        }))
        .expect("signed in");
        assert_eq!(
            add(0, "ended"),
            Err(ErrorCode::SessionEnded.to_string()),
            "it ended meanwhile"
        );
        for number in 0..PASSKEYS {
            add(number, "s").expect("added");
        }
        assert_eq!(add(PASSKEYS, "s"), Err(ErrorCode::TooManyPasskeys.to_string()));
    }
}
