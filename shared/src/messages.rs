//! Messages: what was said, where, by whom, and in which place.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, Position, RoomId},
    mentions::Mentions,
    text::{MessageBody, Nickname},
};

/// One message of a room's log, with its author as they were when they said it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The room.
    pub room: RoomId,
    /// Its place in the room.
    pub n: Position,
    /// The author's key for it.
    pub key: Key,
    /// The author.
    pub chat_id: ChatId,
    /// The author's nickname.
    pub name: Nickname,
    /// The author's avatar.
    pub avatar: Avatar,
    /// The words.
    pub text: MessageBody,
    /// Who is meant by the names in them, as the server has found.
    #[serde(skip_serializing_if = "Mentions::is_empty", default)]
    pub mentions: Mentions,
    /// When the server took it.
    pub at: Millis,
}

/// An entry of a room's log at whose place there is nothing to be read: a deletion, or what a deletion has left of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// The room.
    pub room: RoomId,
    /// Its place in the room.
    pub n: Position,
    /// What it deletes; nothing, where the message itself was.
    #[serde(flatten)]
    pub deletion: Option<Deletion>,
}

/// What a deletion deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Deletion {
    /// One message.
    Message {
        /// Its place.
        of: Position,
        /// Its author.
        chat_id: ChatId,
        /// Whom it meant, told to whoever was there.
        #[serde(skip_serializing_if = "Mentions::is_empty", default)]
        mentions: Mentions,
    },
    /// Everything that somebody had said in the room by then, whose account is deleted.
    Person {
        /// Who.
        chat_id: ChatId,
    },
}

/// An entry of a room's log, as it is by now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// A message.
    Said(Message),
    /// Nothing to be read.
    Deleted(Deleted),
}

impl Logged {
    /// The room.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        match self {
            Self::Said(message) => &message.room,
            Self::Deleted(deleted) => &deleted.room,
        }
    }

    /// Its place in the room.
    #[must_use]
    pub fn n(&self) -> Position {
        match self {
            Self::Said(message) => message.n,
            Self::Deleted(deleted) => deleted.n,
        }
    }

    /// The message, if it has one to be read.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Said(message) => Some(message),
            Self::Deleted(_) => None,
        }
    }
}

/// A stretch of a room's log: everything after `after`, up to and with `upto`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The room.
    pub room: RoomId,
    /// The place before the first entry of the stretch; 0 when it begins with the room.
    pub after: Position,
    /// The place of the last entry of the stretch.
    pub upto: Position,
    /// Its messages, oldest first.
    pub messages: Vec<Message>,
    /// Its places that have none, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub deleted: Vec<Deleted>,
}

impl Page {
    /// A stretch that holds these entries.
    #[must_use]
    pub fn of(room: RoomId, after: Position, upto: Position, entries: Vec<Logged>) -> Self {
        let (mut messages, mut deleted) = (Vec::with_capacity(entries.len()), Vec::new());
        for entry in entries {
            match entry {
                Logged::Said(message) => messages.push(message),
                Logged::Deleted(nothing) => deleted.push(nothing),
            }
        }
        Self {
            room,
            after,
            upto,
            messages,
            deleted,
        }
    }

    /// Whether it is what it says: every place of the stretch, in order, all of one room.
    #[must_use]
    pub fn is_contiguous(&self) -> bool {
        let mut messages = self.messages.iter().map(|it| (&it.room, it.n)).peekable();
        let mut deleted = self.deleted.iter().map(|it| (&it.room, it.n)).peekable();
        let mut place = self.after;
        while let Some((room, n)) = (messages.next_if(|it| it.1.since(place) == 1))
            .or_else(|| deleted.next_if(|it| it.1.since(place) == 1))
        {
            if *room != self.room {
                return false;
            }
            place = n;
        }
        place == self.upto && messages.next().is_none() && deleted.next().is_none()
    }
}
