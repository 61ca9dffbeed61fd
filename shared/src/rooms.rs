//! Rooms: their names and properties, and each user's read state.

use std::ops::Not;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChatId, Position, RoomId},
    levels::NotificationLevel,
    presence::ChatUser,
    text::{RoomName, Topic},
};

/// The kind of a room, which decides who may join it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A room that every user can find and join.
    #[default]
    Open,
    /// A room that only people whom a member adds can join. It is invisible to others.
    Private,
    /// A conversation of fixed people, permanently.
    Direct,
}

impl Kind {
    /// Returns whether this is an open room, the default.
    #[must_use]
    pub fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// A room in the form in which its members see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomInfo {
    /// The room's id.
    pub room: RoomId,
    /// The kind of the room.
    #[serde(skip_serializing_if = "Kind::is_open", default)]
    pub kind: Kind,
    /// The room's name, also in the URL `/rooms/<name>`. No two open rooms have the same name; a private one
    /// may have the name of another one, and is at `/rooms/<id>` too.
    pub name: RoomName,
    /// The room's topic.
    #[serde(skip_serializing_if = "Topic::is_empty", default)]
    pub topic: Topic,
    /// The user who created the room. Absent for the lobby, and for direct conversations, which belong to all their people.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub created_by: Option<ChatId>,
    /// The people of a direct conversation, with their current profiles.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub participants: Vec<ChatUser>,
    /// Whether the room is archived, so that nothing more is posted in it.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub archived: bool,
    /// The seconds that a user must wait between two messages.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub slow_mode: u32,
    /// The position of the room's last entry.
    pub n: Position,
    /// The last position that the user has read, on whatever device; until then, the room's last position when the user joined. Absent
    /// in the lobby until the user has read something.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub read: Option<Position>,
    /// The number of others' messages after `read`, up to `n`: at most [`COUNTED`](crate::limits::COUNTED), and 0 if `read` is absent.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub unread: u32,
    /// How many of these mention the user: at most [`COUNTED`](crate::limits::COUNTED).
    #[serde(skip_serializing_if = "is_zero", default)]
    pub mentions: u32,
    /// The user's notification level, for the time in which the user is not there; every message if absent.
    #[serde(skip_serializing_if = "NotificationLevel::is_all", default)]
    pub level: NotificationLevel,
}

/// A user's read state and notification level in one of the user's rooms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadState {
    /// The position of the room's last entry at the time of counting.
    pub n: Position,
    /// The last position that the user has read; see [`RoomInfo::read`].
    pub read: Option<Position>,
    /// The number of unread messages; see [`RoomInfo::unread`].
    pub unread: u32,
    /// The number of unread mentions; see [`RoomInfo::mentions`].
    pub mentions: u32,
    /// The user's notification level; see [`RoomInfo::level`].
    pub level: NotificationLevel,
}

impl ReadState {
    /// The state of a user in a room without entries.
    pub const NEW: Self = Self {
        n: Position::START,
        read: Some(Position::START),
        unread: 0,
        mentions: 0,
        level: NotificationLevel::All,
    };
}

impl RoomInfo {
    /// Returns the room with a user's read state.
    #[must_use]
    pub fn with_read_state(self, state: ReadState) -> Self {
        Self {
            n: state.n,
            read: state.read,
            unread: state.unread,
            mentions: state.mentions,
            level: state.level,
            ..self
        }
    }

    /// Returns the read state of the user to whom the room was sent.
    #[must_use]
    pub fn read_state(&self) -> ReadState {
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
    /// Returns whether a user manages the room, which is to name it, archive it and remove people: the user who opened it, and moderators
    /// who are in it. Nobody manages a direct conversation.
    #[must_use]
    pub fn is_managed_by(&self, person: &ChatId, moderates: bool) -> bool {
        self.kind != Kind::Direct && (moderates || self.created_by.as_ref() == Some(person))
    }

    /// Creates an open room with default properties.
    #[must_use]
    pub fn open(room: RoomId, name: RoomName) -> Self {
        Self {
            room,
            kind: Kind::Open,
            name,
            topic: Topic::default(),
            created_by: None,
            participants: Vec::new(),
            archived: false,
            slow_mode: 0,
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
    /// The room itself.
    #[serde(flatten)]
    pub info: RoomInfo,
    /// The number of the room's members.
    pub members: usize,
    /// Whether the user is a member of the room.
    pub joined: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_opened_a_room_and_moderators_look_after_it_and_nobody_after_a_conversation() {
        let [ann, bob] = ["ann", "bob"].map(|id| ChatId::try_from(id).expect("an id"));
        let room = RoomInfo {
            created_by: Some(ann.clone()),
            ..RoomInfo::open(RoomId::lobby(), RoomName::lobby())
        };
        let keeps = |info: &RoomInfo| {
            [(&ann, false), (&bob, false), (&bob, true)]
                .map(|(person, moderates)| info.is_managed_by(person, moderates))
        };
        assert_eq!(keeps(&room), [true, false, true]);
        let lobby = RoomInfo {
            created_by: None,
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
