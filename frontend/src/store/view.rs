//! How one looks at a room: what is remembered of it while another one is shown.

use snug_shared::{
    ids::{Position, RoomId},
    rooms::RoomInfo,
};

use super::Reading;
use crate::client::saving;

/// How the loading of older messages stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Older {
    #[default]
    Idle,
    Loading,
    Failed,
}

/// A place in a timeline that is not its newest end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    /// The message at the upper edge.
    pub(crate) n: Position,
    /// How far below that edge it begins, in pixels.
    pub(crate) height: f64,
}

/// See the module.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    pub(super) reading: Reading,
    pub(super) older: Older,
    /// Where one has scrolled to; nowhere is the newest end.
    pub(super) spot: Option<Spot>,
}

impl View {
    /// Goes on from what an earlier visit has read.
    pub(super) fn resumed(room: &RoomId) -> Self {
        Self::read_up_to(saving::last_read(room))
    }

    /// A room that one has joined just now: nothing in it is new.
    pub(super) fn joined(info: &RoomInfo) -> Self {
        saving::keep_last_read(&info.room, info.n);
        Self::read_up_to(Some(info.n))
    }

    fn read_up_to(read: Option<Position>) -> Self {
        Self {
            reading: Reading::resumed(read),
            ..Self::default()
        }
    }

    /// The server says where the room's log ends.
    pub(super) fn heard_of(&mut self, info: &RoomInfo) {
        let read = self.reading.read();
        self.reading.heard_of(info.n);
        self.keep_if_not(&info.room, read);
    }

    /// Keeps how far one has read, if that is not `before`.
    pub(super) fn keep_if_not(&self, room: &RoomId, before: Option<Position>) {
        if let (Some(read), true) = (self.reading.read(), self.reading.read() != before) {
            saving::keep_last_read(room, read);
        }
    }
}
