//! Rooms for tests.

use snug_shared::{
    avatar::Avatar,
    ids::{Epoch, Millis, Position, RoomId},
    limits::Limits,
    messages::{Message, Page},
    replica::{Replica, Timeline},
    wire::{ServerFrame, Welcome, You},
};

/// The `n`th message of the lobby.
pub(crate) fn message(n: u64, author: &str, at: i64) -> Message {
    Message {
        room: RoomId::lobby(),
        n: Position(n),
        key: format!("k{n}").as_str().try_into().expect("a key"),
        chat_id: author.try_into().expect("an id"),
        name: author.try_into().expect("a name"),
        avatar: Avatar::Face(0),
        text: format!("message {n}").as_str().try_into().expect("a text"),
        at: Millis(at),
    }
}

/// A lobby in which these have spoken, one message each, from position 1 on.
pub(crate) fn timeline(authors: &[&str]) -> Timeline {
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(ServerFrame::Welcome(Welcome {
        you: You {
            chat_id: "me".try_into().expect("an id"),
            name: "me".try_into().expect("a name"),
            avatar: Avatar::Face(0),
            token: None,
        },
        rooms: Vec::new(),
        epoch: Epoch::try_from("e").expect("an epoch"),
        limits: Limits::HERE,
        version: String::new(),
    }));
    let messages = (1..)
        .zip(authors)
        .map(|(n, author)| message(n, author, 0))
        .collect();
    replica.apply(ServerFrame::Page(Page {
        room: RoomId::lobby(),
        after: Position::START,
        upto: Position(authors.len() as u64),
        messages,
    }));
    replica
        .room(&RoomId::lobby())
        .map(|room| room.timeline.clone())
        .unwrap_or_default()
}
