//! The writing thread.

use std::time::Instant;

use rusqlite::{Connection, params};
use snug_shared::code::Code;
use tokio::sync::mpsc;

use super::Submission;
use crate::{
    features::{Applied, ApplyError, Entry, Event, apply},
    metrics::Metrics,
    store::folder::Folder,
};

/// Entries of one transaction at most.
const BATCH: usize = 1024;

pub(super) fn run(
    mut folder: Folder,
    mut submissions: mpsc::Receiver<Submission>,
    metrics: &Metrics,
    publish: impl Fn(Vec<Event>),
) {
    let mut batch = Vec::with_capacity(BATCH);
    while submissions.blocking_recv_many(&mut batch, BATCH) > 0 {
        let entries = batch.iter().map(|it| &it.entry);
        let begun = Instant::now();
        match commit(&mut folder.connection, entries) {
            Ok(outcomes) => {
                metrics.commit_seconds.observe(begun.elapsed().as_secs_f64());
                metrics.commit_entries.observe(batch.len() as f64);
                publish(outcomes.iter().filter_map(happened).collect());
                for (submission, outcome) in batch.drain(..).zip(outcomes) {
                    // Who asked may have left meanwhile.
                    let _ = submission.answer.send(outcome);
                }
            }
            Err(error) => {
                tracing::error!(%error, entries = batch.len(), "a batch could not be written");
                for submission in batch.drain(..) {
                    let _ = submission.answer.send(Err(Code::Unavailable));
                }
            }
        }
    }
}

/// Applies entries in one transaction: all that was not refused is durable, or nothing has changed.
pub fn commit<'a>(
    connection: &mut Connection,
    entries: impl Iterator<Item = &'a Entry>,
) -> rusqlite::Result<Vec<Result<Applied, Code>>> {
    let transaction = connection.transaction()?;
    let mut outcomes = Vec::new();
    for entry in entries {
        outcomes.push(match apply(&transaction, entry) {
            Ok(applied) => {
                if matches!(applied, Applied::Recorded(_)) {
                    append(&transaction, entry)?;
                }
                Ok(applied)
            }
            Err(ApplyError::Refused(code)) => Err(code),
            Err(ApplyError::Database(error)) => return Err(error),
        });
    }
    transaction.commit()?;
    Ok(outcomes)
}

fn append(transaction: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    let entry = serde_json::to_string(entry).expect("an entry is made of strings and numbers");
    transaction
        .prepare_cached("INSERT INTO log (entry) VALUES (?1)")?
        .execute(params![entry])?;
    Ok(())
}

fn happened(outcome: &Result<Applied, Code>) -> Option<Event> {
    match outcome {
        Ok(Applied::Recorded(event) | Applied::Kept(event)) => Some(event.clone()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, Key, Millis, RoomId},
        mentions::{Mentioned, Mentions},
        text::{MessageBody, Nickname, RoomName, Topic},
    };

    use super::*;
    use crate::{
        features::{Command, messages, rooms},
        log::{rebuild, tables},
    };

    /// Few rooms, people, keys and words, so that entries repeat and contradict each other.
    fn entry() -> impl Strategy<Value = Entry> {
        let room = prop_oneof![Just("lobby"), Just("den"), Just("attic")];
        let named = |room: &str| RoomId::try_from(room).expect("an id");
        let open = (room.clone(), room.clone()).prop_map(move |(room, name)| {
            let (lobby, room) = (room == "lobby", named(room));
            let name = RoomName::try_from(name).expect("a name");
            Command::Open(rooms::Open {
                room,
                name: (!lobby).then_some(name),
                topic: Topic::default(),
            })
        });
        let join = room
            .clone()
            .prop_map(move |room| Command::Join(rooms::Join { room: named(room) }));
        let leave = room
            .clone()
            .prop_map(move |room| Command::Leave(rooms::Leave { room: named(room) }));
        let people = ["p", "q"].map(|person| Mentioned {
            chat_id: person.try_into().expect("an id"),
            name: person.try_into().expect("a name"),
        });
        let text = "[xyz]|@[pr]|@here";
        let say = (room, "[ab]", text).prop_map(move |(room, key, text)| {
            Command::Say(messages::Say {
                room: RoomId::try_from(room).expect("an id"),
                key: Key::try_from(key).expect("a key"),
                name: Nickname::try_from("Somebody".to_owned()).expect("a name"),
                avatar: Avatar::of_seed("somebody"),
                mentions: Mentions::find(&text, &people),
                text: MessageBody::try_from(text).expect("a text"),
            })
        });
        let command = prop_oneof![2 => open, 2 => join, 1 => leave, 8 => say];
        ("[pqr]", 0..9i64, command).prop_map(|(by, at, command)| Entry {
            by: ChatId::try_from(by).expect("an id"),
            at: Millis(at),
            command,
        })
    }

    type Outcome = (Vec<Result<Applied, Code>>, Vec<Vec<rusqlite::types::Value>>);

    fn committed<'a>(batches: impl Iterator<Item = &'a [Entry]>) -> Outcome {
        let dir = tempfile::tempdir().expect("a folder");
        let mut folder = Folder::open(dir.path()).expect("a new one");
        let connection = &mut folder.connection;
        // It outlives no loss of power.
        connection.pragma_update(None, "synchronous", "off").expect("set");
        let outcomes = batches
            .flat_map(|batch| commit(connection, batch.iter()).expect("it is written"))
            .collect();
        let rows = tables(connection).expect("rows");
        rebuild(connection).expect("it applies");
        assert_eq!(tables(connection).expect("rows"), rows, "made again, they differ");
        (outcomes, rows)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn the_same_entries_give_the_same_tables_in_any_batches(
            entries in prop::collection::vec(entry(), 1..60),
            size in 2..60usize,
        ) {
            prop_assert_eq!(committed(entries.chunks(1)), committed(entries.chunks(size)));
        }
    }
}
