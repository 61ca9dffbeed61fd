//! Rooms: what they are called, and what people are told of them.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Position, RoomId},
    presence::ChatUser,
    text::{RoomName, Topic},
};

/// Who may be in a room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Everybody finds and joins it.
    #[default]
    Open,
    /// Whoever a member brings in. For others it does not exist.
    Private,
    /// A conversation of these people, for good.
    Direct,
}

impl Kind {
    /// Whether it is the usual one.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// A room as its members know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomInfo {
    /// Which.
    pub room: RoomId,
    /// Who may be in it.
    #[serde(skip_serializing_if = "Kind::is_open", default)]
    pub kind: Kind,
    /// What it is called, also in the address `/rooms/<name>`. No two open rooms are called the same; a private one
    /// may be called as another one, and is at `/rooms/<id>` too.
    pub name: RoomName,
    /// What it is for.
    #[serde(skip_serializing_if = "Topic::is_empty", default)]
    pub topic: Topic,
    /// The people of a direct conversation, as they show themselves.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub people: Vec<ChatUser>,
    /// Nothing more is said in it.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub archived: bool,
    /// Seconds that one waits between two messages.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub slow: u32,
    /// The position of its last entry.
    pub n: Position,
    /// The last position that one has read, on whatever device; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<Position>,
}

impl RoomInfo {
    /// An open room of which nothing else is to be said.
    #[must_use]
    pub fn open(room: RoomId, name: RoomName) -> Self {
        Self {
            room,
            kind: Kind::Open,
            name,
            topic: Topic::default(),
            people: Vec::new(),
            archived: false,
            slow: 0,
            n: Position::START,
            read: None,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for it
fn is_zero(seconds: &u32) -> bool {
    *seconds == 0
}

/// A room in the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// The room.
    #[serde(flatten)]
    pub info: RoomInfo,
    /// How many people are its members.
    pub members: usize,
    /// Whether one is among them.
    pub joined: bool,
}
