//! Messages that the server has not acknowledged yet, in the order in which they were written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    error_code::ErrorCode,
    ids::{Key, Millis, RoomId},
    text::MessageBody,
    wire::{ClientFrame, Say},
};

/// A message on its way. It can be stored and taken up again by a later replica.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Its key.
    pub key: Key,
    /// Where it is to be said.
    pub room: RoomId,
    /// The words.
    pub text: MessageBody,
    /// When it was written, by the client's clock.
    pub at: Millis,
    /// How far it has come.
    pub state: PendingState,
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PendingState {
    /// It will be sent when its turn comes; if the server has put it off before, for this reason.
    Waiting(Option<ErrorCode>),
    /// It is under way.
    Sent,
    /// The server will not have it.
    Refused(ErrorCode),
}

/// What is yet to be acknowledged.
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

    /// Its messages, in order.
    #[must_use]
    pub fn pending(&self) -> &[Pending] {
        &self.pending
    }

    /// Adds what another outbox of the same person had yet to send, in the order of the keys, which begin with their time.
    pub(super) fn take_over(&mut self, others: Vec<Pending>) {
        let mut others = Self::new(others);
        others.pending.retain(|it| !self.has(&it.key));
        if !others.pending.is_empty() {
            self.pending.append(&mut others.pending);
            self.pending.sort_by(|a, b| a.key.cmp(&b.key));
        }
    }

    /// Whether a message of this key is among them.
    #[must_use]
    pub fn has(&self, key: &Key) -> bool {
        self.pending.iter().any(|message| message.key == *key)
    }

    pub(super) fn push(&mut self, message: Pending) {
        self.pending.push(message);
    }

    /// Whatever is under way is waiting again.
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
        // What waits in a slow room holds nothing up that is to be said elsewhere.
        let slow: BTreeSet<&RoomId> = (self.pending.iter())
            .filter(|message| message.state == PendingState::Waiting(Some(ErrorCode::SlowRoom)))
            .map(|message| &message.room)
            .collect();
        let waits = |message: &Pending| matches!(message.state, PendingState::Waiting(_));
        let in_time = |message: &Pending| waits(message) && !slow.contains(&message.room);
        let next = (self.pending.iter().position(in_time)).or_else(|| self.pending.iter().position(waits))?;
        let next = &mut self.pending[next];
        next.state = PendingState::Sent;
        Some(ClientFrame::ReceiveMessage(Say {
            text: next.text.to_string(),
            room: Some(next.room.to_string()),
            key: Some(next.key.to_string()),
        }))
    }

    /// Whether it was still here.
    pub(super) fn acknowledged(&mut self, key: &Key) -> bool {
        let before = self.pending.len();
        self.pending.retain(|message| message.key != *key);
        self.pending.len() < before
    }

    /// One that was refused for good meanwhile stays so: it had been sent twice.
    pub(super) fn put_off(&mut self, key: &Key, why: ErrorCode) {
        self.set(key, PendingState::Waiting(Some(why)), |now| !refused(now));
        if why == ErrorCode::SlowRoom
            && let Some(message) = self.pending.iter().find(|message| message.key == *key)
        {
            // Behind what waits in other slow rooms, each of which has its turn; in a room the order stays.
            let room = message.room.clone();
            self.pending.sort_by_key(|message| message.room == room);
        }
    }

    pub(super) fn refused(&mut self, key: &Key, why: ErrorCode) {
        self.set(key, PendingState::Refused(why), |_| true);
    }

    /// One that is under way is not sent twice for it.
    pub(super) fn try_again(&mut self, key: &Key) {
        self.set(key, PendingState::Waiting(None), refused);
    }

    /// Only what the server has refused, for good or for now: anything else may have been said already.
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
