//! Levels: what of a room one wants to hear of while one is not there.

use serde::{Deserialize, Serialize};

/// What a member wants to be notified of in a room. The server stores it for all devices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NotificationLevel {
    /// Every message.
    #[default]
    All,
    /// Those that mention one.
    Mentions,
    /// Nothing: it is muted.
    Nothing,
}

impl NotificationLevel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::All, Self::Mentions, Self::Nothing];

    /// Whether one wants to hear of a message, which mentions one or not.
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
