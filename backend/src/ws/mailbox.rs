//! The queue from a connection's reading half to its writing half.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use snug_shared::{
    error_code::Close,
    ids::{Key, Position, RoomId, SessionId},
    lang::Lang,
    wire::Done,
};
use tokio::sync::Notify;

use crate::{
    app::App,
    hub::{ConnectionHandle, Frame, MembershipSeq, Memberships, Room},
    rates::Spender,
};

/// Bytes that may be queued. Above the limit nothing more is read from the client until it has read the queued frames.
const FULL: usize = 64 * 1024;

/// The bytes that an answer counts as: a little more than the longest one.
const DONE_BYTES: usize = 256;

/// A command to the writing half, which runs them in order.
pub enum OutboundCommand {
    /// Writes a frame.
    Frame(Frame),
    /// Subscribes to rooms, each from a position, and follows the person's memberships after a change. The history is charged to an
    /// account, if there is one.
    Subscribe(
        Vec<(Arc<Room>, Position)>,
        Arc<Memberships>,
        MembershipSeq,
        Option<Account>,
    ),
    /// Sends the account's security notices after this number, except those that the connection's own session caused.
    Notice(MembershipSeq, Option<SessionId>),
    /// Writes everything that has changed in the person's rooms, and then a message that the person has posted, unless it was among
    /// that: the person may have left the room since. The room, the message's position and its key.
    Posted(RoomId, Position, Key),
    /// Writes everything that has changed in the person's rooms, and then that a request was carried out.
    Done(Done),
    /// Resumes a room from a position. The history is charged to an account.
    ResumeFrom(RoomId, Position, Account),
    /// Writes a close frame, and nothing after it.
    Close(Close),
    /// Ends the writing half once everything before is written.
    End,
}

/// The account to which the reading of history is charged.
pub struct Account {
    /// The server's state.
    pub app: App,
    /// The person, and a guest's network, to which bytes are charged.
    pub spender: Spender,
    /// The language of refusals.
    pub lang: Lang,
}

/// The queue of commands. Its length is bounded, since its owner stops reading while it is [full](Mailbox::wait_for_capacity).
pub struct Mailbox {
    inner: Mutex<Inner>,
    /// The handle that wakes the writing half, also used by the hub.
    pub handle: Arc<ConnectionHandle>,
    emptied: Notify,
}

#[derive(Default)]
struct Inner {
    commands: Vec<OutboundCommand>,
    bytes: usize,
}

impl Mailbox {
    /// Creates an empty mailbox.
    pub fn new(handle: Arc<ConnectionHandle>) -> Self {
        Self {
            inner: Mutex::default(),
            handle,
            emptied: Notify::new(),
        }
    }

    /// Queues a command and notifies the writing half.
    pub fn put(&self, command: OutboundCommand) {
        let mut inner = self.inner();
        inner.bytes += match &command {
            OutboundCommand::Frame(frame) => frame.size(),
            OutboundCommand::Posted(..) | OutboundCommand::Done(_) => DONE_BYTES,
            _ => 0,
        };
        inner.commands.push(command);
        drop(inner);
        self.handle.notify();
    }

    /// Takes all queued commands.
    pub fn take(&self) -> Vec<OutboundCommand> {
        let mut inner = self.inner();
        let was_full = std::mem::take(&mut inner.bytes) > FULL;
        let commands = std::mem::take(&mut inner.commands);
        drop(inner);
        // If it was not full, no reader waits for it.
        if was_full {
            self.emptied.notify_one();
        }
        commands
    }

    /// Waits until the queued bytes are below the limit.
    pub async fn wait_for_capacity(&self) {
        while self.inner().bytes > FULL {
            self.emptied.notified().await;
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
