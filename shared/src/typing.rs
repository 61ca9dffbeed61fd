//! Typing indicators: the users who are typing in a room. Each frame contains the current state, never a change: a client that
//! misses a frame needs only the next one.

use serde::{Deserialize, Serialize};

use crate::ids::{ChatId, RoomId};

/// `TYPING` from the server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Typing {
    /// The room's id.
    pub room: RoomId,
    /// The users who have been typing the longest, longest first; at most [`crate::limits::NAMED_TYPING`].
    pub chat_ids: Vec<ChatId>,
    /// The number of all users who are typing.
    pub count: usize,
}
