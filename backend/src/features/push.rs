//! The browsers that receive pushes. Applied in the log's order, but never written to the log: an endpoint is a secret of its
//! browser, and is deleted when the browser unsubscribes.

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Position, RoomId, SessionId},
    levels::NotificationLevel,
    limits::{GUEST_PUSHES, PUSH_FAILURES, PUSHES, PUSHES_OF_PERSON},
    settings::Quiet,
};

use super::{
    Applied, ApplyError, Entry, Event, people, room_access, sessions, settings,
    sql::{from_column, parsed},
};

/// A browser's push subscription. All its fields were validated when it was submitted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The URL at which its push service accepts messages for it.
    pub endpoint: String,
    /// The browser's public key, in URL-safe Base64.
    pub key: String,
    /// The browser's secret, in URL-safe Base64.
    pub auth: String,
    /// The browser's session, if its user is registered.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub session: Option<SessionId>,
    /// The browser's time zone, if it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
    /// The browser's quiet hours, if its user is a guest: those of a member are in the settings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet_hours: Option<Quiet>,
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Subscription")
    }
}

/// Subscribes a browser to the author's pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscribePush {
    /// The browser to subscribe.
    pub browser: Subscription,
    /// The endpoint that the browser had before.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<String>,
}

/// Unsubscribes a browser from pushes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnsubscribePush {
    /// The browser's endpoint.
    pub endpoint: String,
}

/// Counts a try to reach a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountPushFailures {
    /// The browser's endpoint.
    pub endpoint: String,
    /// Whether the try failed; a success resets the count of failures.
    pub failed: bool,
}

/// Applies a [`SubscribePush`].
///
/// # Errors
/// [`ErrorCode::SessionEnded`] if the session has ended, or if there is none and the author is registered.
pub(super) fn subscribe(
    tables: &Connection,
    entry: &Entry,
    it: &SubscribePush,
) -> Result<Applied, ApplyError> {
    let browser = &it.browser;
    match &browser.session {
        // The session may have ended in the meantime.
        Some(session) => sessions::is_signed_in(tables, &entry.by, session)?,
        // The guest may have registered in the meantime.
        None => {
            let person = people::person(tables, &entry.by)?;
            if person.is_some_and(|it| it.is_registered()) {
                return Err(ErrorCode::SessionEnded.into());
            }
        }
    }
    let before = it.replaces.as_deref().map(|it| take(tables, &entry.by, it));
    let (old_zone, old_quiet) = before.transpose()?.flatten().unwrap_or_default();
    let quiet = browser
        .quiet_hours
        .map(|it| serde_json::to_string(&it).expect("two numbers"));
    // A browser belongs to the user who subscribed last: another one may have used it before.
    tables
        .prepare_cached(
            "INSERT OR REPLACE INTO push_subscriptions (endpoint, user, session, key, auth, last_seen, time_zone, quiet_hours)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            browser.endpoint,
            entry.by.as_str(),
            browser.session.as_ref().map(SessionId::as_str),
            browser.key,
            browser.auth,
            entry.at.0,
            browser.time_zone.as_ref().or(old_zone.as_ref()),
            quiet.or(old_quiet),
        ])?;
    // The browsers that were seen longest ago are likely gone.
    tables
        .prepare_cached(
            "DELETE FROM push_subscriptions WHERE endpoint IN
             (SELECT endpoint FROM push_subscriptions WHERE user = ?1 ORDER BY endpoint = ?2 DESC, last_seen DESC, endpoint
              LIMIT -1 OFFSET ?3)",
        )?
        .execute(params![entry.by.as_str(), browser.endpoint, PUSHES_OF_PERSON])?;
    keep_to_the_share(tables, browser)?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Deletes a browser of a user's, and returns its time zone and quiet hours as they are stored.
fn take(
    tables: &Connection,
    person: &ChatId,
    endpoint: &str,
) -> rusqlite::Result<Option<(Option<String>, Option<String>)>> {
    tables
        .prepare_cached("DELETE FROM push_subscriptions WHERE endpoint = ?1 AND user = ?2 RETURNING time_zone, quiet_hours")?
        .query_row([endpoint, person.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

/// Bounds the number of browsers: guests have a share of it, and members the rest. If the share is full, no subscription is
/// refused: the browser that was seen longest ago is deleted.
fn keep_to_the_share(tables: &Connection, new: &Subscription) -> rusqlite::Result<()> {
    let guest = new.session.is_none();
    let share = if guest {
        GUEST_PUSHES
    } else {
        PUSHES - GUEST_PUSHES
    };
    let count: usize = tables
        .prepare_cached("SELECT count(*) FROM push_subscriptions WHERE (session IS NULL) = ?1")?
        .query_row([guest], |row| row.get(0))?;
    if count > share {
        tables
            .prepare_cached(
                "DELETE FROM push_subscriptions WHERE endpoint IN
                 (SELECT endpoint FROM push_subscriptions WHERE (session IS NULL) = ?1 AND endpoint <> ?2
                  ORDER BY last_seen, endpoint LIMIT ?3)",
            )?
            .execute(params![guest, new.endpoint, count - share])?;
    }
    Ok(())
}

/// Stores whether a browser could be reached, and deletes its subscription after too many failures in a row.
pub(super) fn count_failures(
    tables: &Connection,
    entry: &Entry,
    it: &CountPushFailures,
) -> Result<Applied, ApplyError> {
    let whose = [it.endpoint.as_str(), entry.by.as_str()];
    let count = if it.failed { "failures + 1" } else { "0" };
    tables
        .prepare_cached(&format!(
            "UPDATE push_subscriptions SET failures = {count} WHERE endpoint = ?1 AND user = ?2"
        ))?
        .execute(whose)?;
    tables
        .prepare_cached(&format!(
            "DELETE FROM push_subscriptions WHERE endpoint = ?1 AND user = ?2 AND failures >= {PUSH_FAILURES}"
        ))?
        .execute(whose)?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Applies an [`UnsubscribePush`].
pub(super) fn unsubscribe(
    tables: &Connection,
    entry: &Entry,
    it: &UnsubscribePush,
) -> Result<Applied, ApplyError> {
    tables
        .prepare_cached("DELETE FROM push_subscriptions WHERE endpoint = ?1 AND user = ?2")?
        .execute([it.endpoint.as_str(), entry.by.as_str()])?;
    Ok(Applied::AppliedOnly(Event::Nothing))
}

/// Returns whether any browser is subscribed.
pub fn any(tables: &Connection) -> rusqlite::Result<bool> {
    tables
        .prepare("SELECT 1 FROM push_subscriptions LIMIT 1")?
        .exists([])
}

/// Returns the members of a room who have a subscription, with their notification levels.
pub fn recipients(tables: &Connection, room: &RoomId) -> rusqlite::Result<Vec<(ChatId, NotificationLevel)>> {
    tables
        .prepare_cached(
            "SELECT DISTINCT user,
                    (SELECT level FROM notification_levels WHERE notification_levels.user = push_subscriptions.user AND notification_levels.room = ?1)
             FROM push_subscriptions
             WHERE ?1 = ?2 OR EXISTS (SELECT 1 FROM members WHERE members.user = push_subscriptions.user AND room = ?1)",
        )?
        .query_map([room.as_str(), RoomId::lobby().as_str()], |row| {
            let level: Option<String> = row.get(1)?;
            Ok((parsed(row, 0)?, level.as_deref().map(from_column).unwrap_or_default()))
        })?
        .collect()
}

/// Returns the endpoints of a user's browsers.
pub fn endpoints(tables: &Connection, person: &ChatId) -> rusqlite::Result<Vec<String>> {
    tables
        .prepare_cached("SELECT endpoint FROM push_subscriptions WHERE user = ?1")?
        .query_map([person.as_str()], |row| row.get(0))?
        .collect()
}

/// Returns a browser of a user's with the quiet hours that apply to it and the number of failed tries in a row, if the user may
/// still be notified there of the message at a position in a room: the message still exists, and the user has not read it.
pub fn ready(
    tables: &Connection,
    person: &ChatId,
    endpoint: &str,
    (room, n): (&RoomId, Position),
) -> rusqlite::Result<Option<(Subscription, u32)>> {
    match room_access::require_access(tables, person, room) {
        Ok(_) => {}
        Err(ApplyError::Refused(_)) => return Ok(None),
        Err(ApplyError::Database(error)) => return Err(error),
    }
    let found = tables
        .prepare_cached(
            "SELECT endpoint, key, auth, session, failures, time_zone, quiet_hours FROM push_subscriptions
             WHERE endpoint = ?1 AND user = ?2
             AND EXISTS (SELECT 1 FROM messages WHERE room = ?3 AND n = ?4)
             AND NOT EXISTS (SELECT 1 FROM read_positions WHERE read_positions.user = ?2 AND room = ?3 AND n >= ?4)",
        )?
        .query_row(params![endpoint, person.as_str(), room.as_str(), n.0], |row| {
            Ok((read(row)?, row.get(4)?))
        })
        .optional()?;
    let Some((browser, failures)) = found else {
        return Ok(None);
    };
    let quiet = match &browser.session {
        Some(_) => settings::of(tables, person)?.and_then(|it| it.quiet_hours),
        None => browser.quiet_hours,
    };
    Ok(Some((
        Subscription {
            quiet_hours: quiet,
            ..browser
        },
        failures,
    )))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Subscription> {
    let (session, quiet): (Option<String>, Option<String>) = (row.get(3)?, row.get(6)?);
    Ok(Subscription {
        endpoint: row.get(0)?,
        key: row.get(1)?,
        auth: row.get(2)?,
        session: session.map(|_| parsed(row, 3)).transpose()?,
        time_zone: row.get(5)?,
        quiet_hours: quiet.and_then(|it| serde_json::from_str(&it).ok()),
    })
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{Key, Millis},
        mentions::Mentions,
        people::{ModerationAction, Role},
        text::{MessageBody, Nickname},
    };

    use super::*;
    use crate::{
        features::{
            Command, accounts, apply, members::MarkRead, messages::PostMessage, moderation::Moderate,
            rooms::CreateRoom, sessions,
        },
        store::folder::migrate,
    };

    fn tables() -> Connection {
        let mut tables = Connection::open_in_memory().expect("memory");
        tables.pragma_update(None, "foreign_keys", true).expect("set");
        migrate(&mut tables).expect("tables");
        wants(&tables, "snug", Command::CreateRoom(CreateRoom::lobby())).expect("opened");
        tables
    }

    fn wants(tables: &Connection, by: &str, command: Command) -> Result<Applied, String> {
        let (by, at) = (by.try_into().expect("an id"), Millis(0));
        apply(tables, &Entry { by, at, command }, 1).map_err(|error| error.to_string())
    }

    fn subscribe(
        tables: &Connection,
        by: &str,
        endpoint: &str,
        session: Option<&str>,
    ) -> Result<Applied, String> {
        let browser = Subscription {
            endpoint: endpoint.to_owned(),
            key: "key".to_owned(),
            auth: "auth".to_owned(),
            session: session.map(|it| it.try_into().expect("an id")),
            time_zone: None,
            quiet_hours: None,
        };
        wants(
            tables,
            by,
            Command::SubscribePush(SubscribePush {
                browser,
                replaces: None,
            }),
        )
    }

    fn count(tables: &Connection) -> usize {
        let count = tables.query_row("SELECT count(*) FROM push_subscriptions", [], |row| row.get(0));
        count.expect("a number")
    }

    #[test]
    fn what_was_read_meanwhile_is_not_told() {
        let tables = tables();
        subscribe(&tables, "bob", "/bob", None).expect("kept");
        let say = PostMessage {
            room: RoomId::lobby(),
            key: Key::try_from("1").expect("a key"),
            name: Nickname::try_from("Ann").expect("a name"),
            avatar: Avatar::of_seed("ann"),
            text: MessageBody::try_from("hello").expect("a text"),
            mentions: Mentions::default(),
        };
        for key in ["1", "2"] {
            let key = Key::try_from(key).expect("a key");
            let say = PostMessage { key, ..say.clone() };
            wants(&tables, "ann", Command::PostMessage(say)).expect("said");
        }
        let bob = ChatId::try_from("bob").expect("an id");
        let ready = |n| {
            let place = (&RoomId::lobby(), Position(n));
            ready(&tables, &bob, "/bob", place).expect("readable").is_some()
        };
        assert!(ready(1));
        let (room, n) = (RoomId::lobby(), Position(1));
        wants(&tables, "bob", Command::MarkRead(MarkRead { room, n })).expect("read");
        assert!(!ready(1));
        assert!(ready(2));
        let act = ModerationAction::DeleteMessage {
            room: RoomId::lobby(),
            n: Position(2),
        };
        let (guest, networks) = (None, Vec::new());
        wants(
            &tables,
            "ann",
            Command::Moderate(Moderate {
                action: act,
                guest,
                networks,
            }),
        )
        .expect("deleted");
        assert!(!ready(2), "nor what is deleted meanwhile");
    }

    #[test]
    fn a_browser_goes_with_its_session_and_does_not_come_after_it() {
        let tables = tables();
        let keep = bob_registers();
        subscribe(&tables, "bob", "/guest", None).expect("kept");
        wants(&tables, "bob", Command::CreateAccount(keep)).expect("registered");
        assert_eq!(count(&tables), 0, "the guest's browser has no session");
        assert!(subscribe(&tables, "bob", "/guest", None).is_err());
        let begin = sessions::StartSession {
            session: "s".try_into().expect("an id"),
            hash: String::new(),
            name: String::new(),
            proof: sessions::Proof::Password("hash".to_owned()),
        };
        wants(&tables, "bob", Command::StartSession(begin)).expect("begun");
        subscribe(&tables, "bob", "/bob", Some("s")).expect("kept");
        assert!(subscribe(&tables, "eve", "/eve", Some("s")).is_err());
        let session = "s".try_into().expect("an id");
        wants(
            &tables,
            "bob",
            Command::EndSession(sessions::EndSession { session }),
        )
        .expect("ended");
        assert_eq!(count(&tables), 0);
        let refused = subscribe(&tables, "bob", "/bob", Some("s"));
        assert_eq!(refused, Err(ErrorCode::SessionEnded.to_string()));
    }

    fn bob_registers() -> accounts::CreateAccount {
        accounts::CreateAccount {
            name: people::Name {
                name: "Bob".try_into().expect("a name"),
                skeletons: ["Bob".to_owned(), "bob".to_owned()],
            },
            avatar: Avatar::of_seed("bob"),
            role: Role::Member,
            invite_hash: None,
            password: Some("hash".to_owned()),
        }
    }

    #[test]
    fn guests_have_a_share_and_members_the_rest_and_the_oldest_of_each_go() {
        let tables = tables();
        wants(&tables, "bob", Command::CreateAccount(bob_registers())).expect("registered");
        let begin = sessions::StartSession {
            session: "s".try_into().expect("an id"),
            hash: String::new(),
            name: String::new(),
            proof: sessions::Proof::Password("hash".to_owned()),
        };
        wants(&tables, "bob", Command::StartSession(begin)).expect("begun");
        let fill = |name: &str, session: Option<&str>, count: usize| {
            let fill = "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
                        INSERT INTO push_subscriptions SELECT '/' || ?2 || n, ?2 || n, ?3, '', '', n - 1000000, 0, NULL, NULL FROM n";
            tables
                .execute(fill, params![count, name, session])
                .expect("filled");
        };
        fill("guest", None, GUEST_PUSHES);
        fill("member", Some("s"), PUSHES - GUEST_PUSHES);
        let is_there = |endpoint: &str| {
            let mut query = tables
                .prepare("SELECT 1 FROM push_subscriptions WHERE endpoint = ?1")
                .expect("a query");
            query.exists([endpoint]).expect("an answer")
        };
        subscribe(&tables, "eve", "/eve", None).expect("there is room");
        assert_eq!(count(&tables), PUSHES);
        assert!(is_there("/eve") && !is_there("/guest1") && is_there("/guest2"));
        assert!(is_there("/member1"), "a guest takes nothing of a member's");
        subscribe(&tables, "bob", "/bob", Some("s")).expect("there is room");
        assert_eq!(count(&tables), PUSHES);
        assert!(is_there("/bob") && !is_there("/member1") && is_there("/guest2"));
    }

    #[test]
    fn a_browser_that_fails_too_often_in_a_row_goes() {
        let tables = tables();
        subscribe(&tables, "bob", "/bob", None).expect("kept");
        let tried = |failed| {
            let endpoint = "/bob".to_owned();
            let command = Command::CountPushFailures(CountPushFailures { endpoint, failed });
            wants(&tables, "bob", command).expect("counted");
        };
        for _ in 1..PUSH_FAILURES {
            tried(true);
        }
        tried(false);
        for _ in 1..PUSH_FAILURES {
            tried(true);
        }
        assert_eq!(count(&tables), 1);
        tried(true);
        assert_eq!(count(&tables), 0);
    }
}
