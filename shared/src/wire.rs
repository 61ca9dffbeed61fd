//! The frames of `GET /ws`: JSON text, one object each, with its type in `code`. PROTOCOL.md shows each.
//!
//! Three codes are older than the protocol and stand for different frames in each direction; the variants have the names of what the
//! frames do.

use std::{collections::BTreeMap, ops::Not};

use serde::{Deserialize, Serialize};

use crate::{
    api::Refusal,
    avatar::Avatar,
    coded::coded,
    ids::{ChatId, Epoch, Position, RoomId},
    levels::NotificationLevel,
    limits::Limits,
    messages::{Deleted, Message, Page},
    people::{Role, SecurityNotice},
    presence::{Joined, Left},
    rooms::RoomInfo,
    settings::Settings,
    text::Nickname,
    typing::Typing,
};

coded! {
    /// A frame from the client. Texts that users wrote are still raw here: the server parses them and refuses each
    /// field with a code of its own.
    ///
    /// A frame that asks for a change may carry a `key` of the client's own, a UUID. It is answered once with that key: by
    /// `RECEIVE_MESSAGE` for a message, by `DONE` for every other change, or by `ERROR`.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(tag = "code")]
    pub enum ClientFrame {
        /// The first frame: identifies the user.
        "SAVE_USER_INFO" => Hello(Hello),
        /// Posts a message.
        "RECEIVE_MESSAGE" => SendMessage(SendMessage),
        /// Requests the entries of a room from a position on: fills a gap.
        "SYNC_ROOM" => SyncRoom {
            /// The room's id.
            room: String,
            /// The last position that the client has.
            after: Position,
        },
        /// Creates a room and joins it.
        "CREATE_ROOM" => CreateRoom(CreateRoom),
        /// Opens the direct conversation with exactly these people.
        "OPEN_DIRECT" => OpenDirect {
            /// The ids of the other people.
            #[serde(rename = "chatIds")]
            chat_ids: Vec<String>,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Changes a room's name, topic or archived state.
        "EDIT_ROOM" => EditRoom(EditRoom),
        /// Joins an open room.
        "JOIN_ROOM" => JoinRoom {
            /// The room's id.
            room: String,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Leaves a room.
        "LEAVE_ROOM" => LeaveRoom {
            /// The room's id.
            room: String,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Deletes a message: the user's own, or, as a moderator, another person's.
        "DELETE_MESSAGE" => DeleteMessage {
            /// The room's id.
            room: String,
            /// The message's position.
            n: Position,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Adds a person to a room.
        "ADD_MEMBER" => AddMember {
            /// The room's id.
            room: String,
            /// The person's id.
            #[serde(rename = "chatId")]
            chat_id: String,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Removes a person from a room that the user manages.
        "REMOVE_MEMBER" => RemoveMember {
            /// The room's id.
            room: String,
            /// The person's id.
            #[serde(rename = "chatId")]
            chat_id: String,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Sets the read position of a room, forwards or back.
        "MARK_READ" => MarkRead {
            /// The room's id.
            room: String,
            /// The last position that the user has read.
            n: Position,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Blocks or unblocks a person: a blocked person cannot begin a conversation with the user, post in the one that the two
        /// have, or add the user to a room.
        "BLOCK" => Block {
            /// The id of the person.
            #[serde(rename = "chatId")]
            chat_id: String,
            /// Whether the person is blocked from now on.
            blocked: bool,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Sets the notification level of a room, for the time in which the user is not there.
        "SET_LEVEL" => SetLevel {
            /// The room's id.
            room: String,
            /// The new level.
            level: NotificationLevel,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Reports that the user is typing in a room, or has stopped.
        "TYPING" => Typing {
            /// The room's id.
            room: String,
            /// Whether the user is typing.
            typing: bool,
        },
        /// Reports that the user is away from this connection, or is back.
        "AWAY" => Away {
            /// Whether the user is away.
            away: bool,
        },
        /// Sets the user's status.
        "SET_STATUS" => SetStatus {
            /// The new status; none if absent.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            status: Option<String>,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Replaces a registered user's settings, on all devices.
        "SET_SETTINGS" => SetSettings {
            /// All settings.
            settings: Settings,
            /// The key of the request.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            key: Option<String>,
        },
        /// Requests a `PONG`, which the server sends after everything that was in the user's rooms by then.
        "PING" => Ping,
        /// Announces that the client closes the connection.
        "CLOSE_CONNECTION" => Goodbye,
    }
}

impl ClientFrame {
    /// Returns the key of the request, if it has one.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::SendMessage(SendMessage { key, .. })
            | Self::CreateRoom(CreateRoom { key, .. })
            | Self::EditRoom(EditRoom { key, .. })
            | Self::OpenDirect { key, .. }
            | Self::JoinRoom { key, .. }
            | Self::LeaveRoom { key, .. }
            | Self::DeleteMessage { key, .. }
            | Self::AddMember { key, .. }
            | Self::RemoveMember { key, .. }
            | Self::MarkRead { key, .. }
            | Self::Block { key, .. }
            | Self::SetLevel { key, .. }
            | Self::SetStatus { key, .. }
            | Self::SetSettings { key, .. } => key.as_deref(),
            Self::Hello(_)
            | Self::SyncRoom { .. }
            | Self::Typing { .. }
            | Self::Away { .. }
            | Self::Ping
            | Self::Goodbye => None,
        }
    }
}

/// The fields of the first frame.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// The requested `chatId`; the session's user, or a new guest, if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_id: Option<String>,
    /// The user's nickname.
    pub name: String,
    /// The user's avatar; drawn from `chatId` if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub avatar: Option<String>,
    /// The proof that `chatId` belongs to the user, from an earlier `WELCOME`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// The user's status, unless it was set on another connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// Whether the user is away from this connection.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub away: bool,
    /// The epoch to which the cursors belong.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epoch: Option<String>,
    /// The last position that the client has, for each room that it reads. The user's other rooms are delivered from now on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub cursors: BTreeMap<String, Position>,
}

/// A message to post.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SendMessage {
    /// The text of the message.
    pub text: String,
    /// The room's id; the lobby if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<String>,
    /// The client's key of the message: the same key again is the same message. Generated by the server if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

/// A room to create.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateRoom {
    /// The room's id, a UUID that the client generates: the same one again is the same room.
    pub room: String,
    /// The room's name.
    pub name: String,
    /// The room's topic.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub topic: String,
    /// Whether the room is private: its members are only those whom a member adds.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub private: bool,
    /// The key of the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

/// The changes of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditRoom {
    /// The room's id.
    pub room: String,
    /// The new name; unchanged if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The new topic; unchanged if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// Whether the room is archived, so that nothing more is posted in it; unchanged if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub archived: Option<bool>,
    /// The key of the request.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

coded! {
    /// A frame from the server.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(tag = "code")]
    pub enum ServerFrame {
        /// The answer to the first frame.
        "WELCOME" => Welcome(Welcome),
        /// People came online in a room, or changed their profiles.
        "SAVE_USER_INFO" => UsersJoined(Joined),
        /// A message was posted and is on disk.
        "RECEIVE_MESSAGE" => MessageReceived(MessageReceived),
        /// A message was deleted, or an entry contains no message any more.
        "DELETED" => Deleted(Deleted),
        /// People went offline in a room.
        "CLOSE_CONNECTION" => UsersLeft(Left),
        /// A fresh page in place of everything that the client has of a room.
        "PAGE" => Page(Page),
        /// The user is a member of this room and receives its messages from now on.
        "ROOM" => Room(RoomInfo),
        /// The user is no longer a member of this room.
        "LEFT_ROOM" => LeftRoom {
            /// The room's id.
            room: RoomId,
            /// Whether another person removed the user.
            #[serde(rename = "removedByOther", skip_serializing_if = "Not::not", default)]
            removed_by_other: bool,
        },
        /// The people who are typing in a room.
        "TYPING" => Typing(Typing),
        /// The user's settings were changed, on whatever device.
        "SETTINGS" => Settings(Settings),
        /// A security event of the user's account, caused on another device.
        "SECURITY_NOTICE" => SecurityNotice(SecurityNotice),
        /// The user is muted from now on, or no longer.
        "MUTED" => Muted {
            /// The milliseconds for which the mute lasts; 0 if the user may send messages again.
            #[serde(rename = "for")]
            ms: u64,
        },
        /// The answer to a request that had a `key` and was carried out, after the frames that show its effect.
        "DONE" => Done(Done),
        /// A refusal.
        "ERROR" => Error(Refusal),
        /// The answer to `PING`.
        "PONG" => Pong,
    }
}

/// The answer to a request that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The key of the request.
    pub key: String,
    /// The id of the room that the request has created or opened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<RoomId>,
}

/// A message in the form in which the server delivers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageReceived {
    /// The message itself.
    #[serde(flatten)]
    pub message: Message,
    /// The number of people who are online in its room.
    pub count: usize,
}

/// The answer to the first frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// The identity of the user.
    pub you: You,
    /// The rooms that the user is in; the server delivers their messages.
    pub rooms: Vec<RoomInfo>,
    /// The epoch to which the user's cursors belong.
    pub epoch: Epoch,
    /// The limits of this server.
    pub limits: Limits,
    /// The server's version.
    pub version: String,
}

/// The identity of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct You {
    /// The user's id.
    pub chat_id: ChatId,
    /// The nickname, as the server parsed it.
    pub name: Nickname,
    /// The avatar, as the server parsed or chose it.
    pub avatar: Avatar,
    /// The user's role.
    #[serde(skip_serializing_if = "Role::is_guest", default)]
    pub role: Role,
    /// The milliseconds for which the user is still muted; 0 for a user who is not.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub muted_for: u64,
    /// The proof that `chatId` belongs to the user; it is secret. Absent in a session, which its cookie proves.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(it: &u64) -> bool {
    *it == 0
}
