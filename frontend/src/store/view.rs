//! How one looks at a room: what is remembered of it while another one is shown.

use snug_shared::{ids::Position, replica::Room};

use super::Reading;

/// How the loading of more messages stands at an end of what is shown.
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
    pub(super) newer: Older,
    /// Where one has scrolled to; nowhere is the newest end.
    pub(super) spot: Option<Spot>,
}

impl View {
    /// The server has told of the room: where its log ends, and how far one has read it on whatever device.
    pub(super) fn heard_of(&mut self, room: &Room) {
        self.reading.read_elsewhere(room.read);
        self.reading.heard_of(room.head());
    }
}
