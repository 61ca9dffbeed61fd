//! Parses client frames into commands for the log. Each field is parsed here, once.

use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, Key, RoomId},
    limits::DIRECT_PEOPLE,
    mentions::Mentions,
    people::ModerationAction,
    presence::ChatUser,
    text::{MessageBody, RoomName, Topic},
    wire::{ClientFrame, CreateRoom, EditRoom, SendMessage},
};
use uuid::Uuid;

use crate::{
    app::App,
    features::{
        Command, blocks, directs, levels, members, messages, moderation, rooms, settings::SetSettings,
    },
    hub::{ConnectionGuard, names::room_skeleton},
};

/// Parses a frame into a command, or the code of its refusal. Returns `None` for a frame that is not for the log.
pub fn parse(app: &App, guard: &ConnectionGuard, frame: ClientFrame) -> Option<Result<Command, ErrorCode>> {
    let in_room = |room: String, command: fn(RoomId) -> Command| RoomId::try_from(room.as_str()).map(command);
    Some(match frame {
        ClientFrame::SendMessage(said) => say(guard, said),
        ClientFrame::CreateRoom(wanted) => open(wanted),
        ClientFrame::OpenDirect { chat_ids, .. } => open_direct(app, &guard.user, chat_ids),
        ClientFrame::EditRoom(wanted) => edit(wanted),
        ClientFrame::JoinRoom { room, .. } => {
            in_room(room, |room| Command::JoinRoom(members::JoinRoom { room }))
        }
        ClientFrame::LeaveRoom { room, .. } => {
            in_room(room, |room| Command::LeaveRoom(members::LeaveRoom { room }))
        }
        ClientFrame::DeleteMessage { room, n, .. } => RoomId::try_from(room).map(|room| {
            Command::Moderate(moderation::Moderate::of(ModerationAction::DeleteMessage {
                room,
                n,
            }))
        }),
        ClientFrame::AddMember { room, chat_id, .. } => add_member(app, room, chat_id),
        ClientFrame::RemoveMember { room, chat_id, .. } => remove_member(room, chat_id),
        ClientFrame::MarkRead { room, n, .. } => {
            RoomId::try_from(room).map(|room| Command::MarkRead(members::MarkRead { room, n }))
        }
        ClientFrame::Block { chat_id, blocked, .. } => block(app, &chat_id, blocked),
        ClientFrame::SetLevel { room, level, .. } => {
            RoomId::try_from(room).map(|room| Command::SetLevel(levels::SetLevel { room, level }))
        }
        ClientFrame::SetSettings { settings, .. } => Ok(Command::SetSettings(SetSettings { settings })),
        ClientFrame::Hello(_)
        | ClientFrame::SyncRoom { .. }
        | ClientFrame::Typing { .. }
        | ClientFrame::Away { .. }
        | ClientFrame::SetStatus { .. }
        | ClientFrame::Ping
        | ClientFrame::Goodbye => return None,
    })
}

fn say(guard: &ConnectionGuard, say: SendMessage) -> Result<Command, ErrorCode> {
    let key = match say.key {
        Some(key) => Key::try_from(key)?,
        None => Key::try_from(Uuid::now_v7().to_string())?,
    };
    let room = say.room.map_or_else(|| Ok(RoomId::lobby()), RoomId::try_from)?;
    let text = MessageBody::try_from(say.text)?;
    Ok(Command::PostMessage(messages::PostMessage {
        mentions: mentions(guard, &room, text.as_str()),
        room,
        key,
        name: guard.user.name.clone(),
        avatar: guard.user.avatar.clone(),
        text,
    }))
}

/// Resolves the mentions of a text among the users in the room now. The entry stores the result.
fn mentions(guard: &ConnectionGuard, room: &RoomId, text: &str) -> Mentions {
    match guard.memberships.room(room) {
        Some(membership) if text.contains('@') => Mentions::find_among(text, &membership.room.mentionable()),
        _ => Mentions::default(),
    }
}

fn open(open: CreateRoom) -> Result<Command, ErrorCode> {
    // The id has to be a UUID, so that no client chooses one that another client could choose too, or the lobby's.
    let room = Uuid::try_parse(&open.room).map_err(|_| ErrorCode::BadId)?;
    let name = RoomName::try_from(open.name)?;
    Ok(Command::CreateRoom(rooms::CreateRoom {
        room: RoomId::try_from(room.to_string())?,
        skeleton: Some(room_skeleton(&name)),
        name: Some(name),
        topic: Topic::try_from(open.topic)?,
        private: open.private,
    }))
}

/// Parses a request for a direct conversation. Its people have to be online or registered.
///
/// # Errors
/// [`ErrorCode::TooLarge`] for too many people, [`ErrorCode::NotFound`] for an unknown one.
fn open_direct(app: &App, user: &ChatUser, people: Vec<String>) -> Result<Command, ErrorCode> {
    if people.len() >= DIRECT_PEOPLE {
        return Err(ErrorCode::TooLarge);
    }
    let mut talkers = vec![talker(user.clone())];
    for person in people {
        let person = ChatId::try_from(person)?;
        if talkers.iter().all(|it| it.user != person) {
            talkers.push(talker(app.shown(&person).ok_or(ErrorCode::NotFound)?));
        }
    }
    let room = app.identities.conversation(talkers.iter().map(|it| &it.user))?;
    Ok(Command::OpenDirect(directs::OpenDirect {
        room,
        participants: talkers,
    }))
}

/// Parses the addition of a member. The person has to be online or registered.
///
/// # Errors
/// [`ErrorCode::NotFound`] for an unknown room or person.
fn add_member(app: &App, room: String, person: String) -> Result<Command, ErrorCode> {
    let (room, person) = member(room, person)?;
    app.shown(&person).ok_or(ErrorCode::NotFound)?;
    Ok(Command::AddMember(members::AddMember { room, user: person }))
}

fn remove_member(room: String, person: String) -> Result<Command, ErrorCode> {
    let (room, person) = member(room, person)?;
    Ok(Command::RemoveMember(members::RemoveMember {
        room,
        user: person,
    }))
}

fn member(room: String, person: String) -> Result<(RoomId, ChatId), ErrorCode> {
    let room = RoomId::try_from(room).map_err(|_| ErrorCode::NotFound)?;
    let person = ChatId::try_from(person).map_err(|_| ErrorCode::NotFound)?;
    Ok((room, person))
}

/// Parses a block of a person, or its end. A person to block has to be online or registered.
///
/// # Errors
/// [`ErrorCode::NotFound`] if a person to block is unknown.
fn block(app: &App, person: &str, blocked: bool) -> Result<Command, ErrorCode> {
    let person = ChatId::try_from(person)?;
    if blocked {
        app.shown(&person).ok_or(ErrorCode::NotFound)?;
    }
    Ok(Command::Block(blocks::Block {
        user: person,
        blocked,
    }))
}

fn talker(user: ChatUser) -> directs::Participant {
    directs::Participant {
        user: user.chat_id,
        name: user.name,
        avatar: user.avatar,
    }
}

fn edit(edit: EditRoom) -> Result<Command, ErrorCode> {
    let name = edit.name.map(RoomName::try_from).transpose()?;
    Ok(Command::EditRoom(rooms::EditRoom {
        room: RoomId::try_from(edit.room)?,
        skeleton: name.as_ref().map(room_skeleton),
        name,
        topic: edit.topic.map(Topic::try_from).transpose()?,
        archived: edit.archived,
    }))
}
