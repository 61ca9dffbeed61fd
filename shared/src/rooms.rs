//! Rooms: what they are called, and what people are told of them.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChatId, Position, RoomId},
    levels::NotificationLevel,
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
    /// Who opened it. Nobody has opened the lobby, and a direct conversation is that of all its people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub opened_by: Option<ChatId>,
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
    /// The last position that one has read, on whatever device; before the first, where the room ended when one came in. Absent in the lobby
    /// before the first, and in rooms that one came into before Snug kept it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<Position>,
    /// How many messages of others lie after `read`, up to `n`: at most [`COUNTED`](crate::limits::COUNTED), and none if `read` is absent.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub unread: u32,
    /// How many of these mention one: at most [`COUNTED`](crate::limits::COUNTED).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub mentions: u32,
    /// What one wants to hear of it while one is not there; everything if absent.
    #[serde(skip_serializing_if = "NotificationLevel::is_all", default)]
    pub level: NotificationLevel,
}

/// How it stands between somebody and a room that they are in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadState {
    /// The position of the room's last entry when it was counted.
    pub n: Position,
    /// See [`RoomInfo::read`].
    pub read: Option<Position>,
    /// See [`RoomInfo::unread`].
    pub unread: u32,
    /// See [`RoomInfo::mentions`].
    pub mentions: u32,
    /// See [`RoomInfo::level`].
    pub level: NotificationLevel,
}

impl ReadState {
    /// Of somebody in a room in which nothing has been said.
    pub const NEW: Self = Self {
        n: Position::START,
        read: Some(Position::START),
        unread: 0,
        mentions: 0,
        level: NotificationLevel::All,
    };
}

impl RoomInfo {
    /// The same room, as it stands with somebody.
    #[must_use]
    pub fn with(self, standing: ReadState) -> Self {
        Self {
            n: standing.n,
            read: standing.read,
            unread: standing.unread,
            mentions: standing.mentions,
            level: standing.level,
            ..self
        }
    }

    /// How it stands with whom it was told.
    #[must_use]
    pub fn standing(&self) -> ReadState {
        ReadState {
            n: self.n,
            read: self.read,
            unread: self.unread,
            mentions: self.mentions,
            level: self.level,
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

impl RoomInfo {
    /// Whether somebody looks after it, names it, archives it and takes people out: who opened it, and moderators who are in it. Nobody does
    /// after a direct conversation.
    #[must_use]
    pub fn is_managed_by(&self, person: &ChatId, moderates: bool) -> bool {
        self.kind != Kind::Direct && (moderates || self.opened_by.as_ref() == Some(person))
    }

    /// An open room of which nothing else is to be said.
    #[must_use]
    pub fn open(room: RoomId, name: RoomName) -> Self {
        Self {
            room,
            kind: Kind::Open,
            name,
            topic: Topic::default(),
            opened_by: None,
            people: Vec::new(),
            archived: false,
            slow: 0,
            n: Position::START,
            read: None,
            unread: 0,
            mentions: 0,
            level: NotificationLevel::All,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_opened_a_room_and_moderators_look_after_it_and_nobody_after_a_conversation() {
        let [ann, bob] = ["ann", "bob"].map(|id| ChatId::try_from(id).expect("an id"));
        let room = RoomInfo {
            opened_by: Some(ann.clone()),
            ..RoomInfo::open(RoomId::lobby(), RoomName::lobby())
        };
        let keeps = |info: &RoomInfo| {
            [(&ann, false), (&bob, false), (&bob, true)]
                .map(|(person, moderates)| info.is_managed_by(person, moderates))
        };
        assert_eq!(keeps(&room), [true, false, true]);
        let lobby = RoomInfo {
            opened_by: None,
            ..room.clone()
        };
        assert_eq!(keeps(&lobby), [false, false, true]);
        let direct = RoomInfo {
            kind: Kind::Direct,
            ..lobby
        };
        assert_eq!(keeps(&direct), [false; 3]);
    }
}
