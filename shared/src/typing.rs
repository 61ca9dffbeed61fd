//! Who is writing in a room at the moment. Told as it is now, never as what has changed: whoever misses a
//! frame needs the next one only.

use serde::{Deserialize, Serialize};

use crate::ids::{ChatId, RoomId};

/// `TYPING` from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// The room.
    pub room: RoomId,
    /// The first of them, who have been writing the longest; at most [`crate::limits::NAMED_TYPING`].
    pub chat_ids: Vec<ChatId>,
    /// How many they are.
    pub count: usize,
}
