//! Rooms: what they are called, and what people are told of them.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Position, RoomId},
    text::{RoomName, Topic},
};

/// A room as its members know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomInfo {
    /// Which.
    pub room: RoomId,
    /// What it is called, also in the address `/rooms/<name>`; no other room is called so.
    pub name: RoomName,
    /// What it is for.
    #[serde(skip_serializing_if = "Topic::is_empty", default)]
    pub topic: Topic,
    /// The position of its last entry.
    pub n: Position,
    /// The last position that one has read, on whatever device; absent before the first.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<Position>,
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
