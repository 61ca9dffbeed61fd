//! Who is online in a room. Lives in memory only: a fresh server asks nobody's log who was here.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    ids::{ChatId, RoomId},
    people::Role,
    status::Status,
    text::Nickname,
    unicode::{folded, is_word_char},
};

/// Somebody who is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatUser {
    /// Who.
    pub chat_id: ChatId,
    /// Under which nickname.
    pub name: Nickname,
    /// With which avatar.
    pub avatar: Avatar,
    /// What they may do.
    #[serde(skip_serializing_if = "Role::is_guest", default)]
    pub role: Role,
    /// Looks away, on every connection.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub away: bool,
    /// What they say of themselves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
}

impl ChatUser {
    /// Somebody of whom nothing else is known.
    #[must_use]
    pub fn guest(chat_id: ChatId, name: Nickname) -> Self {
        Self {
            avatar: Avatar::of_seed(chat_id.as_str()),
            chat_id,
            name,
            role: Role::Guest,
            away: false,
            status: None,
        }
    }
}

/// These people, and those who were found besides.
#[must_use]
pub fn with_resolved(people: &[ChatUser], found: Vec<ChatUser>) -> Vec<ChatUser> {
    let known = |person: &ChatUser| people.iter().any(|it| it.chat_id == person.chat_id);
    let others: Vec<_> = found.into_iter().filter(|it| !known(it)).collect();
    people.iter().cloned().chain(others).collect()
}

/// How well a name fits the beginning of one that is looked for. Less is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// It begins so.
    Begins,
    /// A word of it does.
    HasWord,
    /// It has that somewhere.
    Contains,
}

impl Fit {
    /// Of a name, if it fits at all; `begun` is [folded].
    #[must_use]
    pub fn of(name: &Nickname, begun: &str) -> Option<Self> {
        let name = folded(name.as_str());
        let words = || name.split(|c: char| !is_word_char(c));
        if name.starts_with(begun) {
            Some(Self::Begins)
        } else if words().any(|word| word.starts_with(begun)) {
            Some(Self::HasWord)
        } else {
            name.contains(begun).then_some(Self::Contains)
        }
    }
}

/// `SAVE_USER_INFO` from the server: people came, or changed. Either `chat_users` or `joined` is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// The room.
    pub room: RoomId,
    /// How many people are online in it.
    pub count: usize,
    /// All of them, or [`crate::limits::NAMED_PEOPLE`] of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_users: Option<Vec<ChatUser>>,
    /// Those who came or changed; where there are more, not all who came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub joined: Option<Vec<ChatUser>>,
}

/// `CLOSE_CONNECTION` from the server: people left. Either `chat_users` or `left` is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The room.
    pub room: RoomId,
    /// How many people are online in it.
    pub count: usize,
    /// All of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_users: Option<Vec<ChatUser>>,
    /// Those who left.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<Vec<ChatId>>,
}
