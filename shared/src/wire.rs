//! The frames of `GET /ws`: JSON text, one object each, `code` tells what it is. PROTOCOL.md shows each.

use std::{collections::BTreeMap, ops::Not};

use serde::{Deserialize, Serialize};

use crate::{
    api::Refusal,
    avatar::Avatar,
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

/// What a client sends. What people wrote is still raw here: the server parses it and refuses each
/// field with a code of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientFrame {
    /// The first frame: who I am.
    SaveUserInfo(Hello),
    /// I say this.
    ReceiveMessage(Say),
    /// Read this room to me from there: mends a gap.
    ReadOn {
        /// The room.
        room: String,
        /// The last position that I have.
        after: Position,
    },
    /// I open a room, and am in it.
    OpenRoom(OpenRoom),
    /// I talk with these people, and nobody else.
    OpenDirect {
        /// The others.
        people: Vec<String>,
    },
    /// A room is otherwise from now on.
    EditRoom(EditRoom),
    /// I join an open room.
    JoinRoom {
        /// The room.
        room: String,
    },
    /// I leave a room.
    LeaveRoom {
        /// The room.
        room: String,
    },
    /// I have read this room up to there, or want to read it again from there.
    Read {
        /// The room.
        room: String,
        /// The last position that I have read.
        n: Position,
    },
    /// I want nothing of this person any more, or do again: they begin no conversation with me, do not speak in the one of the two of
    /// us, and bring me into no room.
    Block {
        /// The person.
        #[serde(rename = "chatId")]
        chat_id: String,
        /// Whether I block them.
        blocked: bool,
    },
    /// I want to hear so much of this room while I am not there.
    SetLevel {
        /// The room.
        room: String,
        /// How much.
        level: NotificationLevel,
    },
    /// I am writing in this room, or have stopped.
    Typing {
        /// The room.
        room: String,
        /// Whether I am.
        typing: bool,
    },
    /// I look away from this connection, or am back.
    Away {
        /// Whether I do.
        away: bool,
    },
    /// What I say of myself from now on.
    SetStatus {
        /// Nothing if absent.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        status: Option<String>,
    },
    /// Are you there? Answered with `PONG`, after everything that was in my rooms by then.
    Ping,
    /// I am leaving.
    CloseConnection,
}

impl ClientFrame {
    /// Every `code` of a client.
    pub const CODES: [&str; 16] = [
        "SAVE_USER_INFO",
        "RECEIVE_MESSAGE",
        "READ_ON",
        "OPEN_ROOM",
        "OPEN_DIRECT",
        "EDIT_ROOM",
        "JOIN_ROOM",
        "LEAVE_ROOM",
        "READ",
        "BLOCK",
        "SET_LEVEL",
        "TYPING",
        "AWAY",
        "SET_STATUS",
        "PING",
        "CLOSE_CONNECTION",
    ];
}

/// The first frame's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Hello {
    /// Who I want to be; the session's person, or somebody new, if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub chat_id: Option<String>,
    /// My nickname.
    pub name: String,
    /// My avatar; drawn from `chatId` if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub avatar: Option<String>,
    /// The proof that `chatId` is mine, from an earlier `WELCOME`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
    /// What I say of myself, unless I have said otherwise on another connection.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub status: Option<String>,
    /// I look away from this connection.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub away: bool,
    /// The epoch that the cursors belong to.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub epoch: Option<String>,
    /// The last position that I have of each room that I read. My other rooms are heard from now on.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", default)]
    pub cursors: BTreeMap<String, Position>,
}

/// A message on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Say {
    /// The words.
    pub text: String,
    /// Where; the lobby if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<String>,
    /// My key for it: the same key again is the same message. Made up by the server if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

/// A room that is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenRoom {
    /// Its id, a UUID that I make up: the same one again is the same room.
    pub room: String,
    /// What it is called.
    pub name: String,
    /// What it is for.
    #[serde(skip_serializing_if = "String::is_empty", default)]
    pub topic: String,
    /// Whether only those are in it whom a member brings in.
    #[serde(skip_serializing_if = "Not::not", default)]
    pub private: bool,
}

/// What is to be different of a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EditRoom {
    /// Which.
    pub room: String,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub topic: Option<String>,
    /// Whether nothing more is said in it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub archived: Option<bool>,
}

/// What the server sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ServerFrame {
    /// The answer to the first frame.
    Welcome(Welcome),
    /// People came.
    SaveUserInfo(Joined),
    /// A message was said and is on disk.
    ReceiveMessage(Said),
    /// A message was deleted, or there is none at this place any more.
    Deleted(Deleted),
    /// People left.
    CloseConnection(Left),
    /// A fresh page in place of everything that the client has of a room.
    Page(Page),
    /// You are in this room and hear it from now on.
    Room(RoomInfo),
    /// You are not in this room any more.
    LeftRoom {
        /// The room.
        room: RoomId,
        /// Somebody else took you out.
        #[serde(rename = "takenOut", skip_serializing_if = "Not::not", default)]
        taken_out: bool,
    },
    /// Who is writing in a room.
    Typing(Typing),
    /// Your settings are these now, set on whatever device.
    Settings(Settings),
    /// Something happened to your account from another device.
    SecurityNotice(SecurityNotice),
    /// You are muted from now on, or no longer.
    Muted {
        /// For how many milliseconds more; 0 if you may send messages again.
        #[serde(rename = "for")]
        ms: u64,
    },
    /// Refused.
    Error(Refusal),
    /// The answer to `PING`.
    Pong,
}

/// A message as it is delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// How many people are online in its room.
    pub count: usize,
}

/// The answer to the first frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Welcome {
    /// Who you are here.
    pub you: You,
    /// The rooms that you are in, and hear.
    pub rooms: Vec<RoomInfo>,
    /// What your cursors belong to.
    pub epoch: Epoch,
    /// What this server takes.
    pub limits: Limits,
    /// The server's version.
    pub version: String,
}

/// Who one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct You {
    /// The person.
    pub chat_id: ChatId,
    /// As the server parsed it.
    pub name: Nickname,
    /// As the server parsed or chose it.
    pub avatar: Avatar,
    /// What you may do.
    #[serde(skip_serializing_if = "Role::is_guest", default)]
    pub role: Role,
    /// For how many milliseconds more you are muted; 0 if you are not.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub muted_for: u64,
    /// The proof that `chatId` is yours. Keep it secret. A session, whose cookie proves it, gets none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(it: &u64) -> bool {
    *it == 0
}
