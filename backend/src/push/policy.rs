//! Decides who is notified of a message, and how urgently.

use snug_shared::{ids::ChatId, levels::NotificationLevel, messages::Message};

/// The urgency with which a device is to be woken (RFC 8030, section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Urgency {
    /// The message is for everybody in a room.
    Normal,
    /// The message is for the user.
    High,
}

/// A member of the message's room.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The member's id.
    pub person: &'a ChatId,
    /// Whether the member sees the message: one of their pages is connected and active.
    pub sees: bool,
    /// The member's notification level for the room.
    pub level: NotificationLevel,
    /// Whether the room is a direct conversation.
    pub direct: bool,
}

/// Returns the urgency with which a member is notified of a message, if they are: members other than the author who do not see
/// it, subject to their notification level. Direct messages and mentions are urgent.
#[must_use]
pub fn urgency_for(message: &Message, recipient: Recipient<'_>) -> Option<Urgency> {
    let theirs = message.chat_id == *recipient.person;
    let mentions = &message.mentions;
    // `@here` mentions users who are online only.
    let named = mentions.room || mentions.names(recipient.person);
    let to_them = recipient.direct || named;
    let told = !theirs && !recipient.sees && recipient.level.lets(to_them);
    told.then_some(if to_them { Urgency::High } else { Urgency::Normal })
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        avatar::Avatar,
        ids::{Key, Millis, Position, RoomId},
        mentions::{Mentioned, Mentions},
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
            mentions: Mentions::default(),
            at: Millis(0),
        };
        let told = |person: &str, sees| {
            let person = &id(person);
            let (level, direct) = (NotificationLevel::All, false);
            urgency_for(
                &message,
                Recipient {
                    person,
                    sees,
                    level,
                    direct,
                },
            )
        };
        assert_eq!(told("bob", false), Some(Urgency::Normal));
        assert_eq!(told("bob", true), None);
        assert_eq!(told("ann", true), None);
        assert_eq!(told("ann", false), None, "she has closed it since");
    }
    #[test]
    fn what_is_said_to_somebody_is_told_sooner_and_as_their_level_lets_it() {
        let bob = ChatId::try_from("bob").expect("an id");
        let message = |mentions| Message {
            room: RoomId::lobby(),
            n: Position(1),
            key: Key::try_from("1").expect("a key"),
            chat_id: ChatId::try_from("ann").expect("an id"),
            name: Nickname::try_from("Ann").expect("a name"),
            avatar: Avatar::of_seed("ann"),
            text: MessageBody::try_from("psst").expect("a text"),
            mentions,
            at: Millis(0),
        };
        let named = Mentions {
            people: vec![Mentioned {
                chat_id: bob.clone(),
                name: Nickname::try_from("Bob").expect("a name"),
            }],
            ..Mentions::default()
        };
        let here = Mentions {
            here: true,
            ..Mentions::default()
        };
        let (high, normal) = (Some(Urgency::High), Some(Urgency::Normal));
        for (mentions, direct, told) in [
            (Mentions::default(), false, [normal, None, None]),
            (here, false, [normal, None, None]),
            (named, false, [high, high, None]),
            (Mentions::default(), true, [high, high, None]),
        ] {
            let message = message(mentions);
            let told_at = NotificationLevel::ALL.map(|level| {
                let (person, sees) = (&bob, false);
                urgency_for(
                    &message,
                    Recipient {
                        person,
                        sees,
                        level,
                        direct,
                    },
                )
            });
            assert_eq!(told_at, told, "{message:?} {direct}");
        }
    }
}
