//! The outbox: messages that the server has not acknowledged yet, in the order in which they were written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    error_code::ErrorCode,
    ids::{Key, Millis, RoomId},
    text::MessageBody,
    wire::{ClientFrame, SendMessage},
};

/// A message to be sent. It can be stored and passed to a later replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// The client's key of the message.
    pub key: Key,
    /// The id of the room in which the message is to be posted.
    pub room: RoomId,
    /// The text of the message.
    pub text: MessageBody,
    /// The time of writing, by the client's clock.
    pub at: Millis,
    /// The progress of the message.
    pub state: PendingState,
}

/// The progress of a message to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingState {
    /// A message that waits for its turn, with the reason for which the server put it off before, if it did.
    Waiting(Option<ErrorCode>),
    /// A message in flight: sent, and not answered yet.
    Sent,
    /// A message that the server has refused for good.
    Refused(ErrorCode),
}

/// The messages that the server has yet to acknowledge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    pending: Vec<Pending>,
}

impl Outbox {
    pub(super) fn new(pending: Vec<Pending>) -> Self {
        let mut outbox = Self { pending };
        outbox.requeue_in_flight();
        outbox
    }

    /// Returns the messages, in order.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// Adds the messages of another outbox of the same user, in the order of the keys, which begin with their time.
    pub(super) fn take_over(&mut self, others: Vec<Pending>) {
        let mut others = Self::new(others);
        others.pending.retain(|it| !self.has(&it.key));
        if !others.pending.is_empty() {
            self.pending.append(&mut others.pending);
            self.pending.sort_by(|a, b| a.key.cmp(&b.key));
        }
    }

    /// Returns whether the outbox contains a message with this key.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.pending.iter().any(|message| message.key == *key)
    }

    pub(super) fn push(&mut self, message: Pending) {
        self.pending.push(message);
    }

    /// Makes the message in flight wait again.
    pub(super) fn requeue_in_flight(&mut self) {
        for message in &mut self.pending {
            if message.state == PendingState::Sent {
                message.state = PendingState::Waiting(None);
            }
        }
    }

    pub(super) fn send_next(&mut self) -> Option<ClientFrame> {
        if self
            .pending
            .iter()
            .any(|message| message.state == PendingState::Sent)
        {
            return None;
        }
        // A message that waits for a slow room does not delay those for other rooms.
        let slow: BTreeSet<&RoomId> = (self.pending.iter())
            .filter(|message| message.state == PendingState::Waiting(Some(ErrorCode::SlowMode)))
            .map(|message| &message.room)
            .collect();
        let waits = |message: &Pending| matches!(message.state, PendingState::Waiting(_));
        let in_time = |message: &Pending| waits(message) && !slow.contains(&message.room);
        let next = (self.pending.iter().position(in_time)).or_else(|| self.pending.iter().position(waits))?;
        let next = &mut self.pending[next];
        next.state = PendingState::Sent;
        Some(ClientFrame::SendMessage(SendMessage {
            text: next.text.to_string(),
            room: Some(next.room.to_string()),
            key: Some(next.key.to_string()),
        }))
    }

    /// Removes a message. Returns whether it was still in the outbox.
    pub(super) fn acknowledged(&mut self, key: &Key) -> bool {
        let before = self.pending.len();
        self.pending.retain(|message| message.key != *key);
        self.pending.len() < before
    }

    /// Puts a message off, unless it was refused for good meanwhile: it had been sent twice.
    pub(super) fn put_off(&mut self, key: &Key, why: ErrorCode) {
        self.set(key, PendingState::Waiting(Some(why)), |now| !refused(now));
        if why == ErrorCode::SlowMode
            && let Some(message) = self.pending.iter().find(|message| message.key == *key)
        {
            // It goes behind the messages of other slow rooms, each of which has its turn; within a room the order stays.
            let room = message.room.clone();
            self.pending.sort_by_key(|message| message.room == room);
        }
    }

    pub(super) fn refused(&mut self, key: &Key, why: ErrorCode) {
        self.set(key, PendingState::Refused(why), |_| true);
    }

    /// Makes a refused message wait again. A message in flight is not sent twice.
    pub(super) fn try_again(&mut self, key: &Key) {
        self.set(key, PendingState::Waiting(None), refused);
    }

    /// Removes a message that the server has refused, for good or for now: any other may have been posted already.
    pub(super) fn discard(&mut self, key: &Key) {
        let declined = |state| refused(state) || matches!(state, PendingState::Waiting(Some(_)));
        self.pending
            .retain(|message| message.key != *key || !declined(message.state));
    }

    fn set(&mut self, key: &Key, state: PendingState, from: impl Fn(PendingState) -> bool) {
        let mut pending = self.pending.iter_mut();
        if let Some(message) = pending.find(|message| message.key == *key && from(message.state)) {
            message.state = state;
        }
    }
}

fn refused(state: PendingState) -> bool {
    matches!(state, PendingState::Refused(_))
}
