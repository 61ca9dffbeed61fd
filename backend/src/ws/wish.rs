//! What a client's frame wants of the log. Each field is parsed here, and by nobody after.

use snug_shared::{
    code::Code,
    ids::{Key, RoomId},
    presence::ChatUser,
    text::{MessageBody, RoomName, Topic},
    wire::{ClientFrame, OpenRoom, Say},
};
use uuid::Uuid;

use crate::features::{Command, messages, rooms};

/// A command, or why it is none; and the key by which the client knows what was refused.
pub struct Wish {
    pub key: Option<String>,
    pub command: Result<Command, Code>,
}

/// What somebody wants with a frame, if that is for the log.
pub fn of(user: &ChatUser, frame: ClientFrame) -> Option<Wish> {
    let in_room = |room: String, command: fn(RoomId) -> Command| Wish {
        command: RoomId::try_from(room.as_str()).map(command),
        key: Some(room),
    };
    Some(match frame {
        ClientFrame::ReceiveMessage(said) => Wish {
            key: said.key.clone(),
            command: say(user, said),
        },
        ClientFrame::OpenRoom(wanted) => Wish {
            key: Some(wanted.room.clone()),
            command: open(wanted),
        },
        ClientFrame::JoinRoom { room } => in_room(room, |room| Command::Join(rooms::Join { room })),
        ClientFrame::LeaveRoom { room } => in_room(room, |room| Command::Leave(rooms::Leave { room })),
        ClientFrame::Read { room, n } => Wish {
            command: RoomId::try_from(room.as_str()).map(|room| Command::Read(rooms::Read { room, n })),
            key: Some(room),
        },
        ClientFrame::SaveUserInfo(_)
        | ClientFrame::ReadOn { .. }
        | ClientFrame::Typing { .. }
        | ClientFrame::Away { .. }
        | ClientFrame::SetStatus { .. }
        | ClientFrame::Ping
        | ClientFrame::CloseConnection => return None,
    })
}

fn say(user: &ChatUser, say: Say) -> Result<Command, Code> {
    let key = match say.key {
        Some(key) => Key::try_from(key)?,
        None => Key::try_from(Uuid::now_v7().to_string())?,
    };
    Ok(Command::Say(messages::Say {
        room: say.room.map_or_else(|| Ok(RoomId::lobby()), RoomId::try_from)?,
        key,
        name: user.name.clone(),
        avatar: user.avatar.clone(),
        text: MessageBody::try_from(say.text)?,
    }))
}

fn open(open: OpenRoom) -> Result<Command, Code> {
    // Nobody makes up an id that somebody else will: the lobby's, for example.
    let room = Uuid::try_parse(&open.room).map_err(|_| Code::BadId)?;
    Ok(Command::Open(rooms::Open {
        room: RoomId::try_from(room.to_string())?,
        name: Some(RoomName::try_from(open.name)?),
        topic: Topic::try_from(open.topic)?,
    }))
}
