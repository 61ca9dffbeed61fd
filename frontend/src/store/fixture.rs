//! Creates rooms for tests.

use snug_shared::{
    avatar::Avatar,
    ids::{Epoch, Millis, Position, RoomId},
    limits::Limits,
    mentions::Mentions,
    messages::{Message, Page},
    people::Role,
    replica::{Replica, Room, Timeline},
    rooms::RoomInfo,
    wire::{ServerFrame, Welcome, You},
};

/// Returns the `n`th message of the lobby.
pub(crate) fn message(n: u64, author: &str, at: i64) -> Message {
    Message {
        room: RoomId::lobby(),
        n: Position(n),
        key: format!("k{n}").as_str().try_into().expect("a key"),
        chat_id: author.try_into().expect("an id"),
        name: author.try_into().expect("a name"),
        avatar: Avatar::Face(0),
        text: format!("message {n}").as_str().try_into().expect("a text"),
        mentions: Mentions::default(),
        at: Millis(at),
    }
}

/// Returns a room whose log ends at `n`, with its id as its name.
pub(crate) fn info(room: &str, n: u64) -> RoomInfo {
    RoomInfo {
        n: Position(n),
        ..RoomInfo::open(room.try_into().expect("an id"), room.try_into().expect("a name"))
    }
}

/// Returns the welcome of a user who is in these rooms.
pub(crate) fn welcome(rooms: &[&str]) -> ServerFrame {
    ServerFrame::Welcome(Welcome {
        you: You {
            chat_id: "me".try_into().expect("an id"),
            name: "me".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            role: Role::Guest,
            muted_for: 0,
            token: None,
        },
        rooms: rooms.iter().map(|room| info(room, 0)).collect(),
        epoch: Epoch::try_from("e").expect("an epoch"),
        limits: Limits::CURRENT,
        version: String::new(),
    })
}

fn lobby(frame: ServerFrame) -> Room {
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(welcome(&["lobby"]));
    replica.apply(frame);
    replica.room(&RoomId::lobby()).cloned().expect("the lobby")
}

/// Returns a lobby with one message of each of these authors, from position 1 on.
pub(crate) fn timeline(authors: &[&str]) -> Timeline {
    let messages = (1..).zip(authors).map(|(n, author)| message(n, author, 0));
    part(0, messages.collect())
}

/// Returns a lobby with messages of Ann, loaded from after one position up to another.
pub(crate) fn stretch(after: u64, upto: u64) -> Timeline {
    part(after, (after + 1..=upto).map(|n| message(n, "ann", 0)).collect())
}

/// Returns a lobby of which only these messages are loaded; they follow a position.
pub(crate) fn part(after: u64, messages: Vec<Message>) -> Timeline {
    let page = ServerFrame::Page(Page {
        room: RoomId::lobby(),
        after: Position(after),
        upto: Position(after + messages.len() as u64),
        messages,
        deleted: Vec::new(),
    });
    lobby(page).timeline
}
