//! The writing thread.

use rusqlite::{Connection, params};
use snug_shared::code::Code;
use tokio::sync::mpsc;

use super::Submission;
use crate::{
    features::{Applied, ApplyError, Entry, Event, apply},
    store::folder::Folder,
};

/// Entries of one transaction at most.
const BATCH: usize = 1024;

pub(super) fn run(
    mut folder: Folder,
    mut submissions: mpsc::Receiver<Submission>,
    publish: impl Fn(Vec<Event>),
) {
    let mut batch = Vec::with_capacity(BATCH);
    while submissions.blocking_recv_many(&mut batch, BATCH) > 0 {
        let entries = batch.iter().map(|it| &it.entry);
        match commit(&mut folder.connection, entries) {
            Ok(outcomes) => {
                publish(outcomes.iter().filter_map(recorded).collect());
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
pub(super) fn commit<'a>(
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

fn recorded(outcome: &Result<Applied, Code>) -> Option<Event> {
    match outcome {
        Ok(Applied::Recorded(event)) => Some(event.clone()),
        _ => None,
    }
}
