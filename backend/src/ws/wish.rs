//! What a client's frame wants of the log. Each field is parsed here, and by nobody after.

use snug_shared::{
    code::Code,
    ids::{ChatId, Key, RoomId},
    limits::DIRECT_PEOPLE,
    mentions::Mentions,
    presence::ChatUser,
    text::{MessageBody, RoomName, Topic},
    wire::{ClientFrame, EditRoom, OpenRoom, Say},
};
use uuid::Uuid;

use crate::{
    app::App,
    features::{Command, blocks, directs, levels, members, messages, rooms},
    hub::{Seat, names::room_look},
};

/// A command, or why it is none; and the key by which the client knows what was refused.
pub struct Wish {
    pub key: Option<String>,
    pub command: Result<Command, Code>,
}

/// What somebody wants with a frame, if that is for the log.
pub fn of(app: &App, seat: &Seat, frame: ClientFrame) -> Option<Wish> {
    let in_room = |room: String, command: fn(RoomId) -> Command| Wish {
        command: RoomId::try_from(room.as_str()).map(command),
        key: Some(room),
    };
    Some(match frame {
        ClientFrame::ReceiveMessage(said) => Wish {
            key: said.key.clone(),
            command: say(seat, said),
        },
        ClientFrame::OpenRoom(wanted) => Wish {
            key: Some(wanted.room.clone()),
            command: open(wanted),
        },
        ClientFrame::OpenDirect { people } => Wish {
            key: people.first().cloned(),
            command: open_direct(app, &seat.user, people),
        },
        ClientFrame::EditRoom(wanted) => Wish {
            key: Some(wanted.room.clone()),
            command: edit(wanted),
        },
        ClientFrame::JoinRoom { room } => in_room(room, |room| Command::Join(members::Join { room })),
        ClientFrame::LeaveRoom { room } => in_room(room, |room| Command::Leave(members::Leave { room })),
        ClientFrame::Read { room, n } => Wish {
            command: RoomId::try_from(room.as_str()).map(|room| Command::Read(members::Read { room, n })),
            key: Some(room),
        },
        ClientFrame::Block { chat_id, blocked } => Wish {
            command: block(app, &chat_id, blocked),
            key: Some(chat_id),
        },
        ClientFrame::SetLevel { room, level } => Wish {
            command: RoomId::try_from(room.as_str())
                .map(|room| Command::SetLevel(levels::SetLevel { room, level })),
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

fn say(seat: &Seat, say: Say) -> Result<Command, Code> {
    let key = match say.key {
        Some(key) => Key::try_from(key)?,
        None => Key::try_from(Uuid::now_v7().to_string())?,
    };
    let room = say.room.map_or_else(|| Ok(RoomId::lobby()), RoomId::try_from)?;
    let text = MessageBody::try_from(say.text)?;
    Ok(Command::Say(messages::Say {
        mentions: mentions(seat, &room, text.as_str()),
        room,
        key,
        name: seat.user.name.clone(),
        avatar: seat.user.avatar.clone(),
        text,
    }))
}

/// Found now, since only now it is known who is here: the entry says who was meant, and nobody asks again.
fn mentions(seat: &Seat, room: &RoomId, text: &str) -> Mentions {
    match seat.memberships.room(room) {
        Some(membership) if text.contains('@') => Mentions::find_among(text, &membership.room.mentionable()),
        _ => Mentions::default(),
    }
}

fn open(open: OpenRoom) -> Result<Command, Code> {
    // Nobody makes up an id that somebody else will: the lobby's, for example.
    let room = Uuid::try_parse(&open.room).map_err(|_| Code::BadId)?;
    let name = RoomName::try_from(open.name)?;
    Ok(Command::Open(rooms::Open {
        room: RoomId::try_from(room.to_string())?,
        look: Some(room_look(&name)),
        name: Some(name),
        topic: Topic::try_from(open.topic)?,
        private: open.private,
    }))
}

/// Nobody talks with whom nobody knows: they have to be here, or to keep a name.
fn open_direct(app: &App, user: &ChatUser, people: Vec<String>) -> Result<Command, Code> {
    if people.len() >= DIRECT_PEOPLE {
        return Err(Code::TooLarge);
    }
    let mut talkers = vec![talker(user.clone())];
    for person in people {
        let person = ChatId::try_from(person)?;
        if talkers.iter().all(|it| it.person != person) {
            talkers.push(talker(app.shown(&person).ok_or(Code::NotFound)?));
        }
    }
    let room = app.identities.conversation(talkers.iter().map(|it| &it.person))?;
    Ok(Command::OpenDirect(directs::OpenDirect {
        room: Some(room),
        people: talkers,
    }))
}

/// Nobody blocks whom nobody knows: they have to be here, or to be registered. Ending it asks for nothing.
pub fn block(app: &App, person: &str, blocked: bool) -> Result<Command, Code> {
    let person = ChatId::try_from(person)?;
    if blocked {
        app.shown(&person).ok_or(Code::NotFound)?;
    }
    Ok(Command::Block(blocks::Block { person, blocked }))
}

fn talker(user: ChatUser) -> directs::Talker {
    directs::Talker {
        person: user.chat_id,
        name: user.name,
        avatar: user.avatar,
    }
}

fn edit(edit: EditRoom) -> Result<Command, Code> {
    let name = edit.name.map(RoomName::try_from).transpose()?;
    Ok(Command::Edit(rooms::Edit {
        room: RoomId::try_from(edit.room)?,
        look: name.as_ref().map(room_look),
        name,
        topic: edit.topic.map(Topic::try_from).transpose()?,
        archived: edit.archived,
    }))
}
