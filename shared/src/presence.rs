//! Presence: the users who are online in a room. It lives in memory only: a restarted server does not read it from a log.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    ids::{ChatId, RoomId},
    people::Role,
    status::Status,
    text::Nickname,
    unicode::{folded, is_word_char},
};

/// A user who is online.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChatUser {
    /// The user's id.
    pub chat_id: ChatId,
    /// The user's nickname.
    pub name: Nickname,
    /// The user's avatar.
    pub avatar: Avatar,
    /// The user's role.
    #[serde(skip_serializing_if = "Role::is_guest", default)]
    pub role: Role,
    /// Whether the user is away on every connection.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub away: bool,
    /// The user's status.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<Status>,
}

impl ChatUser {
    /// Returns a guest of whom only the id and the nickname are known.
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

/// Returns the given users, followed by the found ones that are not among them.
#[must_use]
pub fn with_resolved(people: &[ChatUser], found: Vec<ChatUser>) -> Vec<ChatUser> {
    let known = |person: &ChatUser| people.iter().any(|it| it.chat_id == person.chat_id);
    let others: Vec<_> = found.into_iter().filter(|it| !known(it)).collect();
    people.iter().cloned().chain(others).collect()
}

/// How well a name matches a search. A smaller value is a better match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// The name begins with the searched text.
    Begins,
    /// A word of the name begins with the searched text.
    HasWord,
    /// The name contains the searched text elsewhere.
    Contains,
}

impl Fit {
    /// Returns how well a name matches, if it matches at all; `begun` is the searched text, [folded].
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

/// `SAVE_USER_INFO` from the server: users came online or changed. Contains either `chat_users` or `joined`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Joined {
    /// The room's id.
    pub room: RoomId,
    /// The number of users who are online in the room.
    pub count: usize,
    /// All of these users, or [`crate::limits::NAMED_PEOPLE`] of them.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_users: Option<Vec<ChatUser>>,
    /// The users who came online or changed; if there are more users than that, possibly not all who came.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub joined: Option<Vec<ChatUser>>,
}

/// `CLOSE_CONNECTION` from the server: users went offline. Contains either `chat_users` or `left`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Left {
    /// The room's id.
    pub room: RoomId,
    /// The number of users who are online in the room.
    pub count: usize,
    /// All of these users.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_users: Option<Vec<ChatUser>>,
    /// The ids of the users who went offline.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<Vec<ChatId>>,
}
