//! Stores the view of each room while another room is shown.

use snug_shared::{ids::Position, replica::Room};

use super::Reading;

/// The state of loading messages at an end of the view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LoadState {
    #[default]
    Idle,
    Loading,
    Failed,
}

/// A scroll position in a timeline, away from its newest end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Spot {
    /// The message at the upper edge.
    pub(crate) n: Position,
    /// The distance from that edge down to the message's beginning, in pixels.
    pub(crate) height: f64,
}

/// The state of a jump.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JumpState {
    /// The page around the message is requested as soon as the user is in the room and connected, unless the
    /// message is loaded.
    Pending,
    /// The page around the message was requested.
    Loading,
    /// The request has failed.
    Failed,
    /// The room has no such message.
    Missing,
    /// The message is loaded.
    Found,
}

/// The message that the address names.
#[derive(Clone, Debug)]
pub(crate) struct JumpTarget {
    pub(crate) n: Position,
    pub(crate) state: JumpState,
    /// The position that the user has scrolled to since. The room's own scroll position stays in its view.
    pub(super) spot: Option<Spot>,
}

impl JumpTarget {
    pub(super) fn new(n: Position) -> Self {
        Self {
            n,
            state: JumpState::Pending,
            spot: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        !matches!(self.state, JumpState::Missing | JumpState::Found)
    }
}

/// The target that the view is to scroll to next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ScrollTarget {
    Newest,
    Spot(Spot),
    Message(Position),
}

/// The view of one room: what was read, what is loading, and the scroll position.
#[derive(Clone, Debug, Default)]
pub(super) struct View {
    pub(super) reading: Reading,
    /// The state of loading at the upper end.
    pub(super) older: LoadState,
    /// The state of loading at the lower end.
    pub(super) newer: LoadState,
    /// The scroll position; `None` is the newest end.
    pub(super) spot: Option<Spot>,
}

impl View {
    /// Applies the end of the room's log and the read position of the user's other devices.
    pub(super) fn on_room(&mut self, room: &Room) {
        self.reading.read_elsewhere(room.read);
        self.reading.on_head(room.head());
    }
}
