//! What people do, a file a feature: a command, what it records, what everybody hears of it.

pub mod messages;
pub mod rooms;

use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use snug_shared::{
    code::Code,
    ids::{ChatId, Millis, RoomId},
    messages::Message,
};
use thiserror::Error;

/// A change as it is submitted. Everything random or slow is already in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Who wants it.
    pub by: ChatId,
    /// When.
    pub at: Millis,
    /// What.
    pub command: Command,
}

/// What one can want.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Open a room.
    Open(rooms::Open),
    /// Say something.
    Say(messages::Say),
}

/// What an entry came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// It happened now.
    Recorded(Event),
    /// It had happened before: this entry is a repetition.
    Known(Event),
}

/// What everybody hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A room was opened.
    Opened(RoomId),
    /// Something was said.
    Said(Message),
}

/// Why an entry was not recorded.
#[derive(Debug, Error)]
pub enum ApplyError {
    /// The rules are against it: the same for the same log, on any machine.
    #[error("{0}")]
    Refused(Code),
    /// The disk is: nothing of the transaction may stand.
    #[error("{0}")]
    Database(#[from] rusqlite::Error),
}

impl From<Code> for ApplyError {
    fn from(code: Code) -> Self {
        Self::Refused(code)
    }
}

/// Records what an entry wants, or refuses. A function of the tables and the entry alone; a refusal
/// has changed nothing.
pub fn apply(tables: &Connection, entry: &Entry) -> Result<Applied, ApplyError> {
    match &entry.command {
        Command::Open(open) => rooms::open(tables, open),
        Command::Say(say) => messages::say(tables, entry, say),
    }
}
