//! Passwords and sessions, which prove who a user is. Applied in the log's order, but never written to the log: it would store
//! for ever what users change because it has leaked.

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Millis, PasskeyId, SessionId},
    limits::SESSIONS,
    people::Device,
};

use super::{Applied, ApplyError, Entry, Event, access, sql::parsed};

/// Changes a member's password, and ends the member's other sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetPassword {
    /// The new Argon2id hash, in the PHC string format.
    pub hash: String,
    /// The hash that the old password was compared with.
    pub old: String,
    /// The session that asks, and is not ended.
    pub only: SessionId,
}

/// The credential that a device was signed in with. It is checked before the session starts, which takes time; `begin` checks
/// that it is still valid then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The password with this hash.
    Password(String),
    /// A link that this session created.
    Link(SessionId),
    /// The passkey with this id.
    Passkey(PasskeyId),
}

/// Starts a session: signs a device in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StartSession {
    /// The id of the new session.
    pub session: SessionId,
    /// The hash of the session's secret.
    pub hash: String,
    /// The name that the device gives itself.
    pub name: String,
    /// The credential that the device was signed in with.
    pub proof: Proof,
}

/// Stores that a session is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TouchSession {
    /// The session that is used.
    pub session: SessionId,
}

/// Ends a session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndSession {
    /// The session to end.
    pub session: SessionId,
}

/// The session of a signed-in device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The id of the session.
    pub id: SessionId,
    /// The user who is signed in.
    pub person: ChatId,
    /// The hash of the session's secret.
    pub hash: String,
    /// The time at which the session was last used.
    pub seen: Millis,
}

/// Applies a [`SetPassword`].
///
/// # Errors
/// [`ErrorCode::NotFound`] for an author without an account, [`ErrorCode::SessionEnded`] if the session has ended,
/// [`ErrorCode::WrongPassword`] if the old password was changed meanwhile.
pub(super) fn set_password(
    tables: &Connection,
    entry: &Entry,
    it: &SetPassword,
) -> Result<Applied, ApplyError> {
    access::require_account(tables, &entry.by)?;
    is_signed_in(tables, &entry.by, &it.only)?;
    has_password(tables, &entry.by, &it.old)?;
    insert_password(tables, &entry.by, &it.hash)?;
    let ended = tables
        .prepare_cached("DELETE FROM sessions WHERE user = ?1 AND id <> ?2 RETURNING id")?
        .query_map([entry.by.as_str(), it.only.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    let person = entry.by.clone();
    Ok(Applied::AppliedOnly(Event::PasswordChanged { person, ended }))
}

/// Stores the hash of a member's password.
pub(super) fn insert_password(tables: &Connection, person: &ChatId, hash: &str) -> rusqlite::Result<()> {
    tables
        .prepare_cached("INSERT OR REPLACE INTO passwords (user, hash) VALUES (?1, ?2)")?
        .execute([person.as_str(), hash])?;
    Ok(())
}

/// Checks that a session has not ended meanwhile.
///
/// # Errors
/// [`ErrorCode::SessionEnded`] if it has.
pub(super) fn is_signed_in(
    tables: &Connection,
    person: &ChatId,
    session: &SessionId,
) -> Result<(), ApplyError> {
    let there = tables
        .prepare_cached("SELECT 1 FROM sessions WHERE id = ?1 AND user = ?2")?
        .exists([session.as_str(), person.as_str()])?;
    if there {
        Ok(())
    } else {
        Err(ErrorCode::SessionEnded.into())
    }
}

/// Checks that a password was not changed since it was compared.
///
/// # Errors
/// [`ErrorCode::WrongPassword`] if it was.
fn has_password(tables: &Connection, person: &ChatId, hash: &str) -> Result<(), ApplyError> {
    if password(tables, person)?.as_deref() == Some(hash) {
        Ok(())
    } else {
        Err(ErrorCode::WrongPassword.into())
    }
}

/// Checks that a credential was not withdrawn since it was checked.
///
/// # Errors
/// [`ErrorCode::WrongPassword`], [`ErrorCode::LinkExpired`] or [`ErrorCode::WrongPasskey`] if it was.
fn holds(tables: &Connection, person: &ChatId, proof: &Proof) -> Result<(), ApplyError> {
    match proof {
        Proof::Password(hash) => has_password(tables, person, hash),
        Proof::Link(session) => match is_signed_in(tables, person, session) {
            Err(ApplyError::Refused(_)) => Err(ErrorCode::LinkExpired.into()),
            other => other,
        },
        Proof::Passkey(passkey) => {
            let there = tables
                .prepare_cached("SELECT 1 FROM passkeys WHERE id = ?1 AND user = ?2")?
                .exists([passkey.as_str(), person.as_str()])?;
            if there {
                Ok(())
            } else {
                Err(ErrorCode::WrongPasskey.into())
            }
        }
    }
}

/// Applies a [`StartSession`].
///
/// # Errors
/// [`ErrorCode::WrongPassword`], [`ErrorCode::LinkExpired`] or [`ErrorCode::WrongPasskey`] if the credential was withdrawn
/// meanwhile, [`ErrorCode::NotFound`] for an author without an account.
pub(super) fn start(tables: &Connection, entry: &Entry, it: &StartSession) -> Result<Applied, ApplyError> {
    holds(tables, &entry.by, &it.proof)?;
    access::require_account(tables, &entry.by)?;
    // Above the limit of sessions, a new one ends those that were used longest ago.
    let ended = tables
        .prepare_cached(
            "DELETE FROM sessions WHERE id IN
             (SELECT id FROM sessions WHERE user = ?1 ORDER BY last_seen DESC, id DESC LIMIT -1 OFFSET ?2) RETURNING id",
        )?
        .query_map(params![entry.by.as_str(), SESSIONS - 1], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    tables
        .prepare_cached(
            "INSERT INTO sessions (id, user, hash, name, started_at, last_seen) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
        )?
        .execute(params![
            it.session.as_str(),
            entry.by.as_str(),
            it.hash,
            it.name,
            entry.at.0
        ])?;
    let session = Session {
        id: it.session.clone(),
        person: entry.by.clone(),
        hash: it.hash.clone(),
        seen: entry.at,
    };
    Ok(Applied::AppliedOnly(Event::SessionStarted {
        session,
        device: it.name.clone(),
        ended,
    }))
}

/// Applies a [`TouchSession`].
pub(super) fn touch(tables: &Connection, entry: &Entry, it: &TouchSession) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached("UPDATE sessions SET last_seen = ?3 WHERE id = ?1 AND user = ?2")?
        .execute(params![it.session.as_str(), entry.by.as_str(), entry.at.0])?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Applies an [`EndSession`].
pub(super) fn end(tables: &Connection, entry: &Entry, it: &EndSession) -> Result<Applied, ApplyError> {
    let ended = tables
        .prepare_cached("DELETE FROM sessions WHERE id = ?1 AND user = ?2 RETURNING id")?
        .query_map([it.session.as_str(), entry.by.as_str()], |row| parsed(row, 0))?
        .collect::<Result<_, _>>()?;
    let person = entry.by.clone();
    Ok(Applied::AppliedOnly(Event::SessionsEnded { person, ended }))
}

/// Returns the name of a session's device.
pub(super) fn device(tables: &Connection, session: &SessionId) -> rusqlite::Result<String> {
    tables
        .prepare_cached("SELECT name FROM sessions WHERE id = ?1")?
        .query_row([session.as_str()], |row| row.get(0))
}

/// Returns the hash of a user's password.
pub fn password(tables: &Connection, person: &ChatId) -> rusqlite::Result<Option<String>> {
    tables
        .prepare_cached("SELECT hash FROM passwords WHERE user = ?1")?
        .query_row([person.as_str()], |row| row.get(0))
        .optional()
}

/// Returns all sessions.
pub fn all(tables: &Connection) -> rusqlite::Result<Vec<Session>> {
    tables
        .prepare("SELECT id, user, hash, last_seen FROM sessions")?
        .query_map([], |row| {
            Ok(Session {
                id: parsed(row, 0)?,
                person: parsed(row, 1)?,
                hash: row.get(2)?,
                seen: Millis(row.get(3)?),
            })
        })?
        .collect()
}

/// Returns a user's devices, the one that was used last first.
pub fn devices(
    tables: &Connection,
    person: &ChatId,
    here: Option<&SessionId>,
) -> rusqlite::Result<Vec<Device>> {
    tables
        .prepare_cached(
            "SELECT id, name, started_at, last_seen FROM sessions WHERE user = ?1 ORDER BY last_seen DESC, id DESC",
        )?
        .query_map([person.as_str()], |row| {
            let session = parsed(row, 0)?;
            Ok(Device {
                current: here == Some(&session),
                session,
                name: row.get(1)?,
                signed_in_at: Millis(row.get(2)?),
                last_seen: Millis(row.get(3)?),
            })
        })?
        .collect()
}

#[cfg(test)]
mod tests {
    use snug_shared::{avatar::Avatar, people::Role};

    use super::*;
    use crate::{
        features::{Command, accounts::CreateAccount, apply, people::Name},
        log::commit,
        store::folder::migrate,
    };

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn tables() -> Connection {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        tables
    }

    fn entry(by: &str, at: i64, command: Command) -> Entry {
        Entry {
            by: by.try_into().expect("an id"),
            at: Millis(at),
            command,
        }
    }

    fn wants(tables: &Connection, by: &str, command: Command) -> Result<Applied, String> {
        apply(tables, &entry(by, 0, command), 1).map_err(|error| error.to_string())
    }

    fn session(id: &str) -> SessionId {
        id.try_into().expect("an id")
    }

    fn keep(hash: &str) -> Command {
        Command::CreateAccount(CreateAccount {
            name: Name {
                name: "Ann".try_into().expect("a name"),
                skeletons: ["Ann".to_owned(), "ann".to_owned()],
            },
            avatar: Avatar::of_seed("ann"),
            role: Role::Member,
            invite_hash: None,
            password: Some(hash.to_owned()),
        })
    }

    fn begin(id: &str, proof: Proof) -> Command {
        Command::StartSession(StartSession {
            session: session(id),
            hash: "secret".to_owned(),
            name: String::new(),
            proof,
        })
    }

    fn change(old: &str, only: &str) -> Command {
        Command::SetPassword(SetPassword {
            hash: "new".to_owned(),
            old: old.to_owned(),
            only: session(only),
        })
    }

    fn refused(code: ErrorCode) -> Result<Applied, String> {
        Err(code.to_string())
    }

    #[test]
    fn nobody_without_an_account_has_a_password_or_a_session() {
        let tables = tables();
        assert_eq!(
            wants(&tables, "ann", change("", "s")),
            refused(ErrorCode::NotFound)
        );
        let password = |hash: &str| Proof::Password(hash.to_owned());
        assert_eq!(
            wants(&tables, "ann", begin("s", password("hash"))),
            refused(ErrorCode::WrongPassword)
        );
        wants(&tables, "ann", keep("hash")).expect("registered");
        assert_eq!(
            wants(&tables, "ann", keep("other")),
            refused(ErrorCode::NotAllowed)
        );
        wants(&tables, "ann", begin("s", password("hash"))).expect("signed in");
        wants(&tables, "ann", Command::DeleteAccount).expect("erased");
        for command in [begin("t", password("hash")), keep("again"), change("hash", "s")] {
            assert_eq!(wants(&tables, "ann", command), refused(ErrorCode::SessionEnded));
        }
        assert_eq!(all(&tables), Ok(Vec::new()));
    }

    #[test]
    fn what_was_withdrawn_while_it_was_checked_signs_nobody_in() {
        let tables = tables();
        let password = |hash: &str| Proof::Password(hash.to_owned());
        wants(&tables, "ann", keep("old")).expect("registered");
        wants(&tables, "ann", begin("s", password("old"))).expect("signed in");
        wants(&tables, "ann", begin("t", password("old"))).expect("signed in");
        wants(&tables, "ann", change("old", "s")).expect("changed");
        for (command, code) in [
            (begin("u", password("old")), ErrorCode::WrongPassword),
            (begin("u", Proof::Link(session("t"))), ErrorCode::LinkExpired),
            (
                begin("u", Proof::Passkey("p".try_into().expect("an id"))),
                ErrorCode::WrongPasskey,
            ),
            (change("old", "s"), ErrorCode::WrongPassword),
            (change("new", "t"), ErrorCode::SessionEnded),
        ] {
            assert_eq!(wants(&tables, "ann", command), refused(code));
        }
        wants(&tables, "ann", begin("u", Proof::Link(session("s")))).expect("signed in");
    }

    #[test]
    fn a_session_ends_that_nobody_has_used_for_ninety_days() {
        let tables = tables();
        wants(&tables, "ann", keep("hash")).expect("registered");
        let proof = || Proof::Password("hash".to_owned());
        for id in ["used", "unused"] {
            wants(&tables, "ann", begin(id, proof())).expect("signed in");
        }
        let seen = Command::TouchSession(TouchSession {
            session: session("used"),
        });
        apply(&tables, &entry("ann", DAY, seen), 1).expect("seen");
        let expire = |at| {
            apply(&tables, &entry("snug", at, Command::DeleteExpired), 1).expect("applied");
            all(&tables)
                .expect("sessions")
                .into_iter()
                .map(|it| it.id)
                .collect::<Vec<_>>()
        };
        assert_eq!(expire(90 * DAY - 1).len(), 2);
        assert_eq!(expire(90 * DAY), [session("used")]);
        assert_eq!(expire(91 * DAY), []);
    }

    #[test]
    fn no_hash_is_in_the_log() {
        let mut tables = tables();
        commit(&mut tables, [entry("ann", 0, keep("a hash"))].iter()).expect("written");
        let log: String = tables
            .query_row("SELECT entry FROM log", [], |row| row.get(0))
            .expect("one entry");
        assert!(!log.contains("a hash"), "{log}");
        let ann = "ann".try_into().expect("an id");
        assert_eq!(password(&tables, &ann), Ok(Some("a hash".to_owned())));
    }
}
