//! Messages and deletions: the entries of a room's log, and its pages.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    ids::{ChatId, Key, Millis, Position, RoomId},
    mentions::Mentions,
    text::{MessageBody, Nickname},
};

/// A message of a room's log, with its author's name and avatar at the time of posting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// The room's id.
    pub room: RoomId,
    /// The message's position in the room.
    pub n: Position,
    /// The author's key of the message.
    pub key: Key,
    /// The author's id.
    pub chat_id: ChatId,
    /// The author's nickname.
    pub name: Nickname,
    /// The author's avatar.
    pub avatar: Avatar,
    /// The text of the message.
    pub text: MessageBody,
    /// The people whom the text mentions, as the server has found.
    #[serde(skip_serializing_if = "Mentions::is_empty", default)]
    pub mentions: Mentions,
    /// The time at which the server accepted the message.
    pub at: Millis,
}

/// An entry of a room's log that contains no message: a deletion, or the remains of a deleted message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deleted {
    /// The room's id.
    pub room: RoomId,
    /// The entry's position in the room.
    pub n: Position,
    /// The deletion; absent in the entry of the deleted message itself.
    #[serde(flatten)]
    pub deletion: Option<Deletion>,
}

/// The content that a deletion deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Deletion {
    /// One message.
    Message {
        /// The position of the deleted message.
        of: Position,
        /// The author of the deleted message.
        chat_id: ChatId,
        /// The people whom the message mentioned, for the clients that had received it.
        #[serde(skip_serializing_if = "Mentions::is_empty", default)]
        mentions: Mentions,
    },
    /// All earlier messages in the room of a user whose account is deleted.
    Person {
        /// The id of that user.
        chat_id: ChatId,
    },
}

/// An entry of a room's log in its current form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Logged {
    /// An entry that contains a message.
    Said(Message),
    /// An entry that contains no message.
    Deleted(Deleted),
}

impl Logged {
    /// Returns the id of the entry's room.
    #[must_use]
    pub fn room(&self) -> &RoomId {
        match self {
            Self::Said(message) => &message.room,
            Self::Deleted(deleted) => &deleted.room,
        }
    }

    /// Returns the entry's position in the room.
    #[must_use]
    pub fn n(&self) -> Position {
        match self {
            Self::Said(message) => message.n,
            Self::Deleted(deleted) => deleted.n,
        }
    }

    /// Returns the message, if the entry contains one.
    #[must_use]
    pub fn message(&self) -> Option<&Message> {
        match self {
            Self::Said(message) => Some(message),
            Self::Deleted(_) => None,
        }
    }
}

/// A page: a contiguous stretch of a room's log, after `after`, up to and including `upto`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Page {
    /// The room's id.
    pub room: RoomId,
    /// The position before the first entry of the page; 0 at the beginning of the room.
    pub after: Position,
    /// The position of the last entry of the page.
    pub upto: Position,
    /// The messages of the page, oldest first.
    pub messages: Vec<Message>,
    /// The entries of the page that contain no message, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub deleted: Vec<Deleted>,
}

impl Page {
    /// Creates a page of the given entries.
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

    /// Returns whether the page is complete: an entry for every position of the stretch, in order, all of one room.
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
