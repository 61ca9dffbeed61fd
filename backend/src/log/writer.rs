//! The writing thread.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Instant,
};

use rusqlite::{Connection, params};
use snug_shared::error_code::ErrorCode;
use tokio::sync::mpsc;

use super::{BATCH, Submission, checkpoint::Checkpoints, scrub::scrub};
use crate::{
    claims::Hold,
    features::{Applied, ApplyError, Entry, Event, account_deletion::note_names, apply},
    metrics::Metrics,
    store::folder::Folder,
};

pub(super) fn run(
    mut folder: Folder,
    mut submissions: mpsc::Receiver<Submission>,
    metrics: &Metrics,
    publish: impl Fn(Vec<Event>),
) {
    let mut batch = Vec::with_capacity(BATCH);
    let mut checkpoints = Checkpoints::begin(&mut folder);
    while checkpoints.receive(&folder.connection, &mut submissions, &mut batch) {
        let entries = batch.iter().map(|it| (&it.entry, &it.holds[..]));
        let begun = Instant::now();
        match commit_holding(&mut folder.connection, entries) {
            Ok(outcomes) => {
                metrics.commit_seconds.observe(begun.elapsed().as_secs_f64());
                metrics.commit_entries.observe(batch.len() as f64);
                let events: Vec<Event> = outcomes.iter().filter_map(happened).collect();
                let deleted = events.iter().any(deletes);
                // Before anything is published. The claims of entries that were refused end with their submission.
                for (submission, outcome) in batch.iter_mut().zip(&outcomes) {
                    if !submission.holds.is_empty() && happened(outcome).is_some() {
                        submission.holds.drain(..).for_each(Hold::bind);
                    }
                }
                publish(events);
                for (submission, outcome) in batch.drain(..).zip(outcomes) {
                    // The submitter may be gone meanwhile.
                    let _ = submission.answer.send(outcome);
                }
                if deleted {
                    checkpoints.empty_soon(&folder.connection);
                }
            }
            Err(error) => {
                tracing::error!(%error, entries = batch.len(), "a batch could not be written");
                for submission in batch.drain(..) {
                    let _ = submission.answer.send(Err(ErrorCode::Unavailable));
                }
            }
        }
    }
    checkpoints.end(&mut folder.connection);
}

fn deletes(event: &Event) -> bool {
    match event {
        // A lifted network ban contains an address.
        Event::MessageDeleted { .. } | Event::AccountDeleted(_) | Event::NetworkBansChanged(..) => true,
        Event::Expired(expired) => expired.bans > 0,
        Event::RoomDeleted { entries, .. } => !entries.is_empty(),
        _ => false,
    }
}

/// Applies entries in one transaction: all entries that were not refused are durable, or nothing has changed.
///
/// An entry that SQLite cannot store, or whose application panics, is refused alone. An error of the disk ends the whole batch.
///
/// # Errors
/// An error of the disk. Nothing has changed.
pub fn commit<'a>(
    connection: &mut Connection,
    entries: impl Iterator<Item = &'a Entry> + Clone,
) -> rusqlite::Result<Vec<Result<Applied, ErrorCode>>> {
    commit_holding(connection, entries.map(|entry| (entry, &[][..])))
}

/// An entry, and the claims that are bound if it is applied.
type Held<'a> = (&'a Entry, &'a [Hold]);

fn commit_holding<'a>(
    connection: &mut Connection,
    entries: impl Iterator<Item = Held<'a>> + Clone,
) -> rusqlite::Result<Vec<Result<Applied, ErrorCode>>> {
    // A savepoint for each entry would cost every batch, and almost none needs it. A panic leaves nothing behind: the
    // transaction is rolled back during the unwinding, and there is no other state.
    match catch_unwind(AssertUnwindSafe(|| commit_together(connection, entries.clone()))) {
        Ok(Err(error)) if is_of_the_disk(&error) => Err(error),
        Ok(Ok(outcomes)) => Ok(outcomes),
        Ok(Err(_)) | Err(_) => commit_one_by_one(connection, entries),
    }
}

fn commit_together<'a>(
    connection: &mut Connection,
    entries: impl Iterator<Item = Held<'a>>,
) -> rusqlite::Result<Vec<Result<Applied, ErrorCode>>> {
    let transaction = connection.transaction()?;
    let mut position = last_position(&transaction)?;
    let outcomes = entries
        .map(|entry| record(&transaction, entry, &mut position))
        .collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(outcomes)
}

/// Applies entries with a savepoint for each, to which an entry that fails is rolled back.
fn commit_one_by_one<'a>(
    connection: &mut Connection,
    entries: impl Iterator<Item = Held<'a>>,
) -> rusqlite::Result<Vec<Result<Applied, ErrorCode>>> {
    let mut transaction = connection.transaction()?;
    let mut position = last_position(&transaction)?;
    let mut outcomes = Vec::new();
    for entry in entries {
        let before = position;
        // The savepoint is rolled back when it is dropped without a commit.
        let savepoint = transaction.savepoint()?;
        let recorded = catch_unwind(AssertUnwindSafe(|| record(&savepoint, entry, &mut position)));
        outcomes.push(match recorded {
            Ok(Ok(outcome)) => {
                savepoint.commit()?;
                outcome
            }
            Ok(Err(error)) if is_of_the_disk(&error) => return Err(error),
            Ok(Err(error)) => {
                tracing::error!(%error, "refused an entry that the database cannot store");
                position = before;
                Err(ErrorCode::Unavailable)
            }
            Err(_) => {
                tracing::error!("refused an entry whose application panicked");
                position = before;
                Err(ErrorCode::Unavailable)
            }
        });
    }
    transaction.commit()?;
    Ok(outcomes)
}

/// Returns whether the database failed for a reason that no entry causes: the disk, the memory, a lock, a damaged file.
fn is_of_the_disk(error: &rusqlite::Error) -> bool {
    match error.sqlite_error_code() {
        // Unknown is SQLite's general error: an overflow of a sum, text that is not JSON.
        Some(code) => !matches!(
            code,
            rusqlite::ErrorCode::ConstraintViolation
                | rusqlite::ErrorCode::TypeMismatch
                | rusqlite::ErrorCode::TooBig
                | rusqlite::ErrorCode::ParameterOutOfRange
                | rusqlite::ErrorCode::Unknown
        ),
        // A value that cannot be stored in SQLite or read from it.
        None => false,
    }
}

fn last_position(transaction: &Connection) -> rusqlite::Result<i64> {
    transaction
        .prepare_cached("SELECT coalesce(max(position), 0) FROM log")?
        .query_row([], |row| row.get(0))
}

/// Applies an entry, and appends it to the log if it belongs there.
fn record(
    transaction: &Connection,
    (entry, holds): Held<'_>,
    position: &mut i64,
) -> rusqlite::Result<Result<Applied, ErrorCode>> {
    match apply(transaction, entry, *position + 1) {
        Ok(applied) => {
            if let Applied::Logged(event) = &applied {
                *position += 1;
                append(transaction, entry, *position)?;
                note_names(transaction, entry, *position)?;
                scrub(transaction, event)?;
            }
            if !matches!(applied, Applied::Duplicate(_)) {
                holds.iter().try_for_each(|it| it.write(transaction))?;
            }
            Ok(Ok(applied))
        }
        Err(ApplyError::Refused(code)) => Ok(Err(code)),
        Err(ApplyError::Database(error)) => Err(error),
    }
}

fn append(transaction: &Connection, entry: &Entry, position: i64) -> rusqlite::Result<()> {
    let entry = serde_json::to_string(entry).expect("an entry is made of strings and numbers");
    transaction
        .prepare_cached("INSERT INTO log (position, entry) VALUES (?1, ?2)")?
        .execute(params![position, entry])?;
    Ok(())
}

fn happened(outcome: &Result<Applied, ErrorCode>) -> Option<Event> {
    match outcome {
        Ok(Applied::Logged(event) | Applied::AppliedOnly(event)) => Some(event.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    use proptest::prelude::*;
    use sha2::{Digest, Sha256};
    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, InviteId, Key, Millis, PictureId, Position, RoomId},
        mentions::{Mentioned, Mentions},
        people::{JoinPolicy, ModerationAction, Role, Rules},
        text::{MessageBody, Nickname, RoomName, Topic},
    };

    use super::*;
    use crate::{
        features::{
            Command::{self, StorePicture},
            account_deletion, accounts, blocks, directs, invites, members, messages, moderation, people,
            pictures, removals, rooms,
        },
        log::{rebuild, tables},
        store::folder::migrate,
    };

    /// Generates entries from few rooms, users, keys and texts, so that they repeat and contradict each other.
    fn entry() -> impl Strategy<Value = Entry> {
        let conversation = "00000000000000000000000000000003";
        let room = prop_oneof![Just("lobby"), Just("den"), Just("attic"), Just(conversation)];
        let named = |room: &str| RoomId::try_from(room).expect("an id");
        let open = (room.clone(), room.clone(), any::<bool>()).prop_map(move |(room, name, private)| {
            let (lobby, room) = (room == "lobby", named(room));
            let name = RoomName::try_from(name).expect("a name");
            Command::CreateRoom(rooms::CreateRoom {
                room,
                name: (!lobby).then_some(name),
                skeleton: None,
                topic: Topic::default(),
                private: private && !lobby,
            })
        });
        let join = room
            .clone()
            .prop_map(move |room| Command::JoinRoom(members::JoinRoom { room: named(room) }));
        let leave = room
            .clone()
            .prop_map(move |room| Command::LeaveRoom(members::LeaveRoom { room: named(room) }));
        let people = ["p", "q"].map(|person| Mentioned {
            chat_id: person.try_into().expect("an id"),
            name: person.try_into().expect("a name"),
        });
        let text = "[xyz]|@[pr]|@here";
        let say = (room.clone(), "[ab]", text).prop_map(move |(room, key, text)| {
            Command::PostMessage(messages::PostMessage {
                room: RoomId::try_from(room).expect("an id"),
                key: Key::try_from(key).expect("a key"),
                name: Nickname::try_from("Somebody".to_owned()).expect("a name"),
                avatar: Avatar::of_seed("somebody"),
                mentions: Mentions::find(&text, &people),
                text: MessageBody::try_from(text).expect("a text"),
            })
        });
        let brings = (room.clone(), "[pqr]", any::<bool>()).prop_map(move |(room, person, comes)| {
            let (room, person) = (named(room), ChatId::try_from(person).expect("an id"));
            if comes {
                Command::AddMember(members::AddMember { room, user: person })
            } else {
                Command::RemoveMember(members::RemoveMember { room, user: person })
            }
        });
        let edit = (room.clone(), room, any::<Option<bool>>()).prop_map(move |(room, name, archived)| {
            Command::EditRoom(rooms::EditRoom {
                room: named(room),
                name: Some(RoomName::try_from(name).expect("a name")),
                skeleton: None,
                topic: None,
                archived,
            })
        });
        let talkers = prop::sample::subsequence(vec!["p", "q", "r"], 1..=3);
        let direct = talkers.prop_map(|people| {
            let talker = |person: &str| directs::Participant {
                user: ChatId::try_from(person).expect("an id"),
                name: Nickname::try_from(person).expect("a name"),
                avatar: Avatar::of_seed(person),
            };
            let number: u8 = people.iter().map(|it| 1 << (it.as_bytes()[0] - b'p')).sum();
            Command::OpenDirect(directs::OpenDirect {
                room: RoomId::try_from(format!("{number:032x}")).expect("an id"),
                participants: people.into_iter().map(talker).collect(),
            })
        });
        let delete = (prop_oneof![Just("lobby"), Just("den")], 1..6u64).prop_map(move |(room, n)| {
            Command::Moderate(moderation::Moderate {
                action: ModerationAction::DeleteMessage {
                    room: named(room),
                    n: Position(n),
                },
                guest: None,
                networks: Vec::new(),
            })
        });
        let let_go = prop_oneof![Just("den"), Just("attic")].prop_map(move |room| {
            let room = named(room);
            Command::RemoveUnusedRoom(removals::RemoveUnusedRoom { room })
        });
        let block = ("[pqr]", any::<bool>()).prop_map(|(person, blocked)| {
            let person = ChatId::try_from(person).expect("an id");
            Command::Block(blocks::Block {
                user: person,
                blocked,
            })
        });
        let command = prop_oneof![
            1 => block, 1 => let_go, 3 => open, 3 => join, 1 => leave, 8 => say, 3 => delete, 3 => brings, 2 => edit, 2 => direct, 12 => of_people(),
        ];
        (
            "[pqr]",
            prop_oneof![9 => 0..9i64, 1 => Just(30 * 86_400_000)],
            command,
        )
            .prop_map(|(by, at, command)| Entry {
                by: ChatId::try_from(by).expect("an id"),
                at: Millis(at),
                command,
            })
    }

    /// Generates commands of registration and moderation.
    fn of_people() -> impl Strategy<Value = Command> {
        let name = || {
            "[AB]".prop_map(|name| people::Name {
                skeletons: [format!("={name}"), format!("~{name}")],
                name: Nickname::try_from(name).expect("a name"),
            })
        };
        let hash = || prop_oneof![Just("one"), Just("two")].prop_map(str::to_owned);
        let role = || prop_oneof![Just(Role::Member), Just(Role::Moderator), Just(Role::Owner)];
        let keep = (name(), role(), prop::option::of(hash())).prop_map(|(name, role, invite)| {
            Command::CreateAccount(accounts::CreateAccount {
                avatar: Avatar::of_seed("kept"),
                name,
                role,
                invite_hash: invite,
                password: None,
            })
        });
        let show = name().prop_map(|name| {
            let avatar = Avatar::of_seed("shown");
            Command::UpdateProfile(accounts::UpdateProfile { name, avatar })
        });
        let take_up =
            hash().prop_map(|invite| Command::RedeemInvite(accounts::RedeemInvite { invite_hash: invite }));
        let invite = (hash(), prop::option::of(1..3u32)).prop_map(|(hash, uses)| {
            Command::CreateInvite(invites::CreateInvite {
                invite: InviteId::try_from(hash.as_str()).expect("an id"),
                hash,
                hours: None,
                max_uses: uses,
            })
        });
        let withdraw = hash().prop_map(|id| {
            Command::RevokeInvite(invites::RevokeInvite {
                invite: InviteId::try_from(id).expect("an id"),
            })
        });
        let rules =
            (0..3usize, role()).prop_map(|(join_policy, room_creation_role)| ModerationAction::SetRules {
                rules: Rules {
                    join_policy: [JoinPolicy::Anyone, JoinPolicy::Invited, JoinPolicy::Members][join_policy],
                    room_creation_role,
                },
            });
        let act = prop_oneof![
            ("[pqr]", role(), 0..8u8, 0..2u32).prop_map(|(person, role, what, minutes)| {
                let person = ChatId::try_from(person).expect("an id");
                match what {
                    0 => ModerationAction::SetRole {
                        chat_id: person,
                        role,
                    },
                    1 => ModerationAction::Mute {
                        chat_id: person,
                        minutes,
                    },
                    2 => ModerationAction::Ban {
                        chat_id: person,
                        minutes: Some(minutes),
                        address: true,
                    },
                    3 => ModerationAction::Unban { chat_id: person },
                    4 => ModerationAction::DeleteAccount { chat_id: person },
                    5 | 6 => ModerationAction::DeleteRoom {
                        room: RoomId::try_from("den").expect("an id"),
                    },
                    _ => ModerationAction::SetSlowMode {
                        room: RoomId::lobby(),
                        seconds: minutes,
                    },
                }
            }),
            rules,
        ];
        let guest = (
            Nickname::try_from("Guest").expect("a name"),
            Avatar::of_seed("guest"),
        );
        let order = (act, any::<bool>()).prop_map(move |(act, known)| {
            Command::Moderate(moderation::Moderate {
                action: act,
                guest: known.then(|| guest.clone()),
                networks: vec!["192.0.2.1/32".to_owned()],
            })
        });
        let erase = Just(Command::DeleteAccount);
        prop_oneof![4 => keep, 1 => show, 1 => take_up, 2 => invite, 1 => withdraw, 4 => order, 2 => erase]
    }

    /// Returns the entries of the whole log that contain data of a user that the deletion of an account removes.
    fn still_named(connection: &Connection, person: &ChatId) -> Vec<Entry> {
        let mut entries = connection.prepare("SELECT entry FROM log").expect("the table");
        let entries = entries
            .query_map([], |row| row.get::<_, String>(0))
            .expect("rows");
        let entries = entries.map(|it| serde_json::from_str::<Entry>(&it.expect("a row")).expect("an entry"));
        let named =
            |it: &Entry| account_deletion::anonymize(it, person).is_some_and(|instead| instead != it.command);
        entries.filter(named).collect()
    }

    type Outcome = (Vec<Result<Applied, ErrorCode>>, Vec<Vec<rusqlite::types::Value>>);

    fn committed<'a>(batches: impl Iterator<Item = &'a [Entry]>) -> Outcome {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = Folder::open(dir.path()).expect("a new one");
        let connection = &mut folder.connection;
        // The test needs no durability.
        connection.pragma_update(None, "synchronous", "off").expect("set");
        let outcomes = batches
            .flat_map(|batch| commit(connection, batch.iter()).expect("it is written"))
            .collect();
        let rows = tables(connection).expect("rows");
        rebuild(connection).expect("it applies");
        assert_eq!(tables(connection).expect("rows"), rows, "made again, they differ");
        (outcomes, rows)
    }

    /// Returns an entry that no table can store: SQLite's integers are signed. No request parses to such a position.
    fn poison() -> Command {
        Command::Moderate(moderation::Moderate {
            action: ModerationAction::DeleteMessage {
                room: RoomId::lobby(),
                n: Position(u64::MAX),
            },
            guest: None,
            networks: Vec::new(),
        })
    }

    fn said(key: &str) -> Command {
        Command::PostMessage(messages::PostMessage {
            room: RoomId::lobby(),
            key: Key::try_from(key).expect("a key"),
            name: Nickname::try_from("Ann").expect("a name"),
            avatar: Avatar::of_seed("ann"),
            mentions: Mentions::default(),
            text: MessageBody::try_from("hello").expect("a text"),
        })
    }

    fn by_ann(at: i64, command: Command) -> Entry {
        Entry {
            by: ChatId::try_from("ann").expect("an id"),
            at: Millis(at),
            command,
        }
    }

    #[test]
    fn an_entry_that_fails_is_refused_alone() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        let entries = [
            by_ann(0, Command::CreateRoom(rooms::CreateRoom::lobby())),
            by_ann(1, said("a")),
            by_ann(2, poison()),
            by_ann(3, said("b")),
            // The time of an hour before overflows, which panics in a test.
            by_ann(i64::MIN, Command::DeleteUnusedPictures),
            by_ann(4, said("c")),
        ];
        let outcomes = commit(&mut connection, entries.iter()).expect("it is written");
        let refused: Vec<_> = outcomes.iter().map(|it| it.as_ref().err()).collect();
        let (fine, unavailable) = (None, Some(&ErrorCode::Unavailable));
        assert_eq!(refused, [fine, fine, unavailable, fine, unavailable, fine]);
        let positions: Vec<i64> = connection
            .prepare("SELECT position FROM log ORDER BY position")
            .and_then(|mut it| it.query_map([], |row| row.get(0))?.collect())
            .expect("rows");
        assert_eq!(positions, [1, 2, 3, 4]);
        let heads: Vec<i64> = connection
            .prepare("SELECT n FROM messages ORDER BY n")
            .and_then(|mut it| it.query_map([], |row| row.get(0))?.collect())
            .expect("rows");
        assert_eq!(heads, [1, 2, 3], "what was undone has left no gap");
        let rows = tables(&connection).expect("rows");
        rebuild(&connection).expect("it applies");
        assert_eq!(tables(&connection).expect("rows"), rows);
    }

    #[test]
    fn a_clock_that_is_set_back_jams_no_slow_room() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        let hour = 3_600_000;
        let opened = [by_ann(0, Command::CreateRoom(rooms::CreateRoom::lobby()))];
        commit(&mut connection, opened.iter()).expect("it is written");
        connection
            .execute("UPDATE rooms SET slow_mode = 5", [])
            .expect("slow");
        let entries = [
            by_ann(2 * hour, said("a")),
            by_ann(2 * hour - 1, said("raced")),
            by_ann(hour, said("b")),
            by_ann(hour + 4_999, said("c")),
            by_ann(hour + 5_000, said("d")),
        ];
        let outcomes = commit(&mut connection, entries.iter()).expect("it is written");
        let refused: Vec<_> = outcomes.iter().map(|it| it.as_ref().err()).collect();
        let slow = Some(&ErrorCode::SlowMode);
        assert_eq!(refused, [None, slow, None, slow, None]);
    }

    #[test]
    fn an_error_of_the_disk_ends_the_batch() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        connection.pragma_update(None, "query_only", true).expect("set");
        let entry = Entry {
            by: ChatId::try_from("snug").expect("an id"),
            at: Millis(0),
            command: Command::CreateRoom(rooms::CreateRoom::lobby()),
        };
        let error = commit(&mut connection, [entry].iter()).expect_err("it is not written");
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::ReadOnly));
    }

    /// Returns the steps of SQLite's virtual machine that the deletion of an account takes on a server with so many messages
    /// and moderation acts of other users.
    fn steps_of_an_erasure(others: i64) -> u64 {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        let id = |id: &str| ChatId::try_from(id).expect("an id");
        let by = |by: &str, command| Entry {
            by: id(by),
            at: Millis(0),
            command,
        };
        let keep = |who: &str, role| {
            let name = people::Name {
                skeletons: [format!("={who}"), format!("~{who}")],
                name: Nickname::try_from(who).expect("a name"),
            };
            let (avatar, invite) = (Avatar::of_seed(who), None);
            by(
                who,
                Command::CreateAccount(accounts::CreateAccount {
                    name,
                    avatar,
                    role,
                    invite_hash: invite,
                    password: None,
                }),
            )
        };
        let act = |act| {
            Command::Moderate(moderation::Moderate {
                action: act,
                guest: None,
                networks: Vec::new(),
            })
        };
        let mentioned = [Mentioned {
            chat_id: id("bob"),
            name: Nickname::try_from("bob").expect("a name"),
        }];
        let say = |who: &str, key: String| {
            let Command::PostMessage(mut say) = said(&key) else {
                unreachable!()
            };
            say.text = MessageBody::try_from("@bob").expect("a text");
            say.mentions = Mentions::find("@bob", &mentioned);
            by(who, Command::PostMessage(say))
        };
        let talker = |who: &str| directs::Participant {
            user: id(who),
            name: Nickname::try_from(who).expect("a name"),
            avatar: Avatar::of_seed(who),
        };
        let direct = |with: String| {
            let participants = vec![talker("bob"), talker(&with)];
            let people = directs::who(participants.iter().map(|it| &it.user));
            let room = RoomId::try_from(directs::digits(&Sha256::digest(people))).expect("an id");
            by(
                "bob",
                Command::OpenDirect(directs::OpenDirect { room, participants }),
            )
        };
        let mut entries = vec![
            by("snug", Command::CreateRoom(rooms::CreateRoom::lobby())),
            keep("olga", Role::Owner),
            keep("bob", Role::Member),
            keep("ann", Role::Member),
            by(
                "olga",
                act(ModerationAction::Mute {
                    chat_id: id("ann"),
                    minutes: 0,
                }),
            ),
            say("ann", "ann".to_owned()),
            direct("ann".to_owned()),
        ];
        for n in 0..others {
            let picture = StorePicture(pictures::StorePicture {
                id: PictureId(n as u128),
                webp: vec![0],
            });
            entries.extend([
                keep(&format!("other-{n}"), Role::Member),
                say("olga", n.to_string()),
                by(
                    "olga",
                    act(ModerationAction::Mute {
                        chat_id: id("bob"),
                        minutes: 0,
                    }),
                ),
                by("olga", picture),
            ]);
            if n < 40 {
                entries.push(direct(format!("other-{n}")));
            }
        }
        entries.push(by(
            "ann",
            StorePicture(pictures::StorePicture {
                id: PictureId(u128::MAX),
                webp: vec![1],
            }),
        ));
        for outcome in commit(&mut connection, entries.iter()).expect("it is written") {
            outcome.expect("it happens");
        }
        let steps = Arc::new(AtomicU64::new(0));
        let counter = steps.clone();
        let count = move || {
            counter.fetch_add(1, Ordering::Relaxed);
            false
        };
        connection.progress_handler(1, Some(count)).expect("set");
        let erased =
            commit(&mut connection, [by("ann", Command::DeleteAccount)].iter()).expect("it is written");
        let steps = steps.load(Ordering::Relaxed);
        assert!(matches!(erased[0], Ok(Applied::Logged(Event::AccountDeleted(_)))));
        let log: String = connection
            .query_row("SELECT group_concat(entry) FROM log", [], |row| row.get(0))
            .expect("rows");
        assert!(!log.contains(r#""name":"ann""#), "{log}");
        steps
    }

    /// A13: the deletion of a small account does not block the writing thread for a time that depends on other users' messages.
    #[test]
    fn an_erasure_takes_as_many_steps_in_a_large_house_as_in_a_small_one() {
        let (small, large) = (steps_of_an_erasure(20), steps_of_an_erasure(400));
        assert!(
            small > 0 && large <= small + small / 10,
            "{small} steps, then {large}"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_is_refused_or_known_has_changed_nothing(entries in prop::collection::vec(entry(), 1..60)) {
            let mut connection = Connection::open_in_memory().expect("memory");
            migrate(&mut connection).expect("tables");
            for entry in &entries {
                let before = tables(&connection).expect("rows");
                let outcome = commit(&mut connection, [entry].into_iter()).expect("it is written");
                if !matches!(outcome[0], Ok(Applied::Logged(_))) {
                    prop_assert_eq!(tables(&connection).expect("rows"), before, "{:?} {:?}", entry, outcome);
                }
                if let Ok(Applied::Logged(Event::AccountDeleted(erased))) = &outcome[0] {
                    prop_assert_eq!(still_named(&connection, &erased.person), Vec::<Entry>::new());
                }
            }
        }

        #[test]
        fn the_same_entries_give_the_same_tables_in_any_batches(
            entries in prop::collection::vec(entry(), 1..60),
            size in 2..60usize,
        ) {
            prop_assert_eq!(committed(entries.chunks(1)), committed(entries.chunks(size)));
        }
    }
}
