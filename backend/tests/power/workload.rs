//! The workload of the power tests: messages over several runs of a server, on a disk with faults. It has no
//! sockets, so that the disk can record the moment at which a message is acknowledged.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use proptest::{prelude::*, sample::Index};
use rusqlite::{Connection, OpenFlags};
use snug::{
    features::{Applied, Command, Entry, Event, messages, rooms},
    log::Log,
    store::folder::Folder,
};
use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Key, Millis, RoomId},
    mentions::Mentions,
    text::{MessageBody, Nickname},
};

use crate::{
    disk::{Disk, FAULTS, FAULTS_OF_WRITES, Fault},
    record::Record,
};

#[derive(Clone, Debug)]
pub enum Step {
    /// Messages with these lengths, submitted at once.
    Post(Vec<usize>),
    /// The server shuts down and starts again.
    Restart,
    /// The disk has a fault, or works again.
    Fault(Option<Fault>),
    /// A reader begins or ends: SQLite copies its log into the database only up to the point that a reader sees.
    Read(bool),
}

/// From a start of the server to a power failure.
#[derive(Clone, Debug)]
pub struct Life {
    pub steps: Vec<Step>,
    /// The number of pages in SQLite's log at which they are copied into the database.
    pub checkpoint: u32,
    pub synchronous: &'static str,
    /// Points of the record, with the seed for the disk's content at each. The next life begins with the last one.
    pub cuts: Vec<(Index, u64)>,
}

fn step(besides: impl Strategy<Value = Step>) -> impl Strategy<Value = Step> {
    let lengths = prop::collection::vec(prop_oneof![0..100usize, 0..4_000usize], 1..12);
    prop_oneof![
        12 => lengths.prop_map(Step::Post),
        1 => Just(Step::Restart),
        3 => besides,
    ]
}

fn fault(faults: &'static [Fault]) -> impl Strategy<Value = Step> {
    prop::option::weighted(0.6, prop::sample::select(faults)).prop_map(Step::Fault)
}

pub fn life() -> impl Strategy<Value = Life> {
    // No reader together with failing syncs: SQLite syncs the part that a reader let it copy only with the rest, and
    // does not copy it again if that sync fails (RELIABILITY.md).
    let reading = prop_oneof![any::<bool>().prop_map(Step::Read), fault(&FAULTS_OF_WRITES)];
    let steps = prop_oneof![
        prop::collection::vec(step(fault(&FAULTS)), 1..20),
        prop::collection::vec(step(reading), 1..20),
    ];
    // 1,000 is SQLite's default.
    let checkpoint = prop::sample::select(&[5, 30, 1_000][..]);
    let cuts = prop::collection::vec((any::<Index>(), any::<u64>()), 4);
    (steps, checkpoint, cuts).prop_map(|(steps, checkpoint, cuts)| Life {
        steps,
        checkpoint,
        synchronous: "full",
        cuts,
    })
}

fn message(number: usize, length: usize) -> Entry {
    let text = format!("{:.<length$}", format!("message {number}"));
    entry(Command::PostMessage(messages::PostMessage {
        room: RoomId::lobby(),
        key: Key::try_from(format!("ann-{number}")).expect("a key"),
        name: Nickname::try_from("Ann".to_owned()).expect("a name"),
        avatar: Avatar::of_seed("ann"),
        text: MessageBody::try_from(text).expect("a text"),
        mentions: Mentions::default(),
    }))
}

fn entry(command: Command) -> Entry {
    Entry {
        by: ChatId::try_from("ann").expect("an id"),
        at: Millis(0),
        command,
    }
}

fn key(entry: &Entry) -> Option<&str> {
    match &entry.command {
        Command::PostMessage(say) => Some(say.key.as_str()),
        _ => None,
    }
}

/// One user's messages so far, over all lives.
#[derive(Default)]
pub struct Workload {
    said: Vec<Entry>,
    /// Not acknowledged: sent again, as clients do.
    open: Vec<Entry>,
    pub acknowledged: BTreeMap<String, u64>,
}

impl Workload {
    /// Runs the steps of a life, with one server or, if it restarts, several.
    pub fn live(&mut self, life: &Life, data: &Path) -> Record {
        let disk = Disk::under(data);
        let mut steps = life.steps.iter().peekable();
        let mut reader = None;
        while steps.peek().is_some() {
            disk.set_fault(None);
            let folder = Folder::open(data).expect("it opens");
            let connection = &folder.connection;
            connection
                .pragma_update(None, "wal_autocheckpoint", life.checkpoint)
                .and_then(|()| connection.pragma_update(None, "synchronous", life.synchronous))
                .expect("set");
            let publishes = disk.clone();
            let (log, writer) = Log::start(
                folder,
                snug::metrics::Metrics::default(),
                Arc::new(|_| true),
                move |events| {
                    for event in &events {
                        record_acknowledgement(&publishes, event);
                    }
                },
            );
            // As the server does before it listens.
            let lobby = entry(Command::CreateRoom(rooms::CreateRoom::lobby()));
            let before = std::mem::replace(&mut self.open, vec![lobby]);
            self.submit(&log, &disk);
            self.open.extend(before);
            for step in steps.by_ref() {
                match step {
                    Step::Post(lengths) => {
                        for length in lengths {
                            let entry = message(self.said.len(), *length);
                            self.said.push(entry.clone());
                            self.open.push(entry);
                        }
                        self.submit(&log, &disk);
                    }
                    Step::Restart => break,
                    Step::Fault(fault) => disk.set_fault(*fault),
                    Step::Read(begins) => reader = begins.then(|| read(data)),
                }
            }
            drop(log);
            writer.join();
        }
        drop(reader);
        disk.record()
    }

    /// Retries the messages that were not acknowledged before the power failure.
    pub fn retry_unacknowledged(&mut self) {
        let is_unacknowledged =
            |entry: &&Entry| key(entry).is_some_and(|key| !self.acknowledged.contains_key(key));
        self.open = self.said.iter().filter(is_unacknowledged).cloned().collect();
    }

    fn submit(&mut self, log: &Log, disk: &Disk) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let answers = runtime.expect("a runtime").block_on(async {
            let mut waiting = Vec::new();
            for entry in &self.open {
                waiting.push(log.submit(entry.clone()).await);
            }
            futures_util::future::join_all(waiting).await
        });
        let entries = std::mem::take(&mut self.open);
        for (entry, answer) in entries.into_iter().zip(answers) {
            match answer.expect("the log answers") {
                Ok(Applied::Logged(_) | Applied::AppliedOnly(_)) => {}
                // A retry, which is acknowledged again.
                Ok(Applied::Duplicate(event)) => record_acknowledgement(disk, &event),
                Err(code) => {
                    assert_eq!(code, ErrorCode::Unavailable);
                    self.open.push(entry);
                }
            }
        }
    }
}

/// A connection in the middle of a query.
fn read(data: &Path) -> Connection {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(data.join("snug.db"), flags).expect("it opens");
    connection
        .execute_batch("BEGIN; SELECT count(*) FROM log")
        .expect("it reads");
    connection
}

fn record_acknowledgement(disk: &Disk, event: &Event) {
    if let Event::MessagePosted(message) = event {
        disk.acknowledged(message.key.as_str(), message.n.0);
    }
}
