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
}

impl Page {
    /// Whether it is what it says: every place of the stretch, in order, all of one room.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.upto.since(self.after) == self.messages.len() as u64
            && self.after <= self.upto
            && (self.messages.iter().zip(1..))
                .all(|(message, place)| message.room == self.room && message.n.since(self.after) == place)
    }
}
