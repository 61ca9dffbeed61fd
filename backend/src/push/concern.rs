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

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{Key, Millis, Position, RoomId},
        text::{MessageBody, Nickname},
    };

    use super::*;

    #[test]
    fn it_concerns_whoever_does_not_see_it_and_has_not_said_it() {
        let id = |id: &str| ChatId::try_from(id).expect("an id");
        let message = Message {
            room: RoomId::lobby(),
            n: Position(1),
            key: Key::try_from("1").expect("a key"),
            chat_id: id("ann"),
            name: Nickname::try_from("Ann").expect("a name"),
            avatar: Avatar::of_seed("ann"),
            text: MessageBody::try_from("psst").expect("a text"),
            at: Millis(0),
        };
        let told = |person: &str, sees| {
            let person = &id(person);
            concern(&message, Listener { person, sees })
        };
        assert_eq!(told("bob", false), Some(Urgency::Normal));
        assert_eq!(told("bob", true), None);
        assert_eq!(told("ann", true), None);
        assert_eq!(told("ann", false), None, "she has closed it since");
    }
}
