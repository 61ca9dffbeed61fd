//! Whether a message concerns somebody: the one place that decides it.

use snug_shared::{ids::ChatId, messages::Message};

/// How soon it is worth waking a device (RFC 8030, section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// Said to all in a room.
    Normal,
    /// Said to somebody.
    High,
}

/// Somebody who is in the message's room.
#[derive(Clone, Copy, Debug)]
pub struct Listener<'a> {
    /// Who.
    pub person: &'a ChatId,
    /// Whether they see it: a page of theirs is connected.
    pub sees: bool,
}

/// Whether somebody is to be told of a message, and how soon.
#[must_use]
pub fn concern(message: &Message, listener: Listener<'_>) -> Option<Urgency> {
    let theirs = message.chat_id == *listener.person;
    (!theirs && !listener.sees).then_some(Urgency::Normal)
}
