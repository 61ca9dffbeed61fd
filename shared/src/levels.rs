//! Notification levels: the messages of a room of which a user is notified while the user is not there.

use serde::{Deserialize, Serialize};

/// The messages of a room of which a member is notified. The server stores the level for all devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotificationLevel {
    /// Every message.
    #[default]
    All,
    /// The messages that mention the member.
    Mentions,
    /// No message: the room is muted.
    Nothing,
}

impl NotificationLevel {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::All, Self::Mentions, Self::Nothing];

    /// Returns whether the member is notified of a message, which mentions the member or not.
    #[must_use]
    pub fn lets(self, mentions: bool) -> bool {
        match self {
            Self::All => true,
            Self::Mentions => mentions,
            Self::Nothing => false,
        }
    }

    pub(crate) fn is_all(&self) -> bool {
        *self == Self::All
    }
}
