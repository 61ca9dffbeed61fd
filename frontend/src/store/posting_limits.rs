//! Tracks when the user may send messages: the end of a mute, and the next message in a room in slow mode.
//!
//! All times are in milliseconds since the page was loaded, so that neither a wrong clock nor a clock that is
//! set matters.

use std::collections::BTreeMap;

use snug_shared::{ids::RoomId, wire::ServerFrame};

/// The times from which the user may send messages.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct PostingLimits {
    muted_until: Option<f64>,
    /// The time at which the server has accepted this page's last message in each room.
    last_message: BTreeMap<RoomId, f64>,
}

impl PostingLimits {
    /// Applies a frame that has arrived at this time.
    pub(super) fn apply(&mut self, frame: &ServerFrame, now: f64) {
        let ms = match frame {
            ServerFrame::Welcome(welcome) => welcome.you.muted_for,
            ServerFrame::Muted { ms } => *ms,
            _ => return,
        };
        self.muted_until = (ms > 0).then_some(now + ms as f64);
    }

    /// Records that the server has accepted an own message at this time.
    pub(super) fn on_own_message(&mut self, room: &RoomId, now: f64) {
        self.last_message.insert(room.clone(), now);
    }

    /// Returns when the user's mute ends, if one is known.
    pub(crate) fn muted_until(&self) -> Option<f64> {
        self.muted_until
    }

    /// Returns when the user may send the next message in a room with a slow mode of `slow` seconds, or
    /// `None` if this page has sent none there.
    pub(super) fn next_send_at(&self, room: &RoomId, slow: u32) -> Option<f64> {
        let last = self.last_message.get(room).filter(|_| slow > 0)?;
        Some(last + f64::from(slow) * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;

    #[test]
    fn a_mute_is_set_prolonged_and_lifted_and_known_after_each_welcome() {
        let mut limits = PostingLimits::default();
        limits.apply(&ServerFrame::Muted { ms: 60_000 }, 5_000.0);
        assert_eq!(limits.muted_until(), Some(65_000.0));
        limits.apply(&ServerFrame::Pong, 6_000.0);
        assert_eq!(limits.muted_until(), Some(65_000.0));
        limits.apply(&ServerFrame::Muted { ms: 0 }, 7_000.0);
        assert_eq!(limits.muted_until(), None);

        let ServerFrame::Welcome(mut again) = welcome(&["lobby"]) else {
            unreachable!("it is a welcome")
        };
        again.you.muted_for = 1_000;
        limits.apply(&ServerFrame::Welcome(again), 8_000.0);
        assert_eq!(limits.muted_until(), Some(9_000.0));
        limits.apply(&welcome(&["lobby"]), 10_000.0);
        assert_eq!(limits.muted_until(), None);
    }

    #[test]
    fn the_next_turn_is_so_long_after_the_last_message() {
        let (lobby, mut limits) = (RoomId::lobby(), PostingLimits::default());
        assert_eq!(limits.next_send_at(&lobby, 30), None);
        limits.on_own_message(&lobby, 2_000.0);
        assert_eq!(limits.next_send_at(&lobby, 30), Some(32_000.0));
        assert_eq!(limits.next_send_at(&lobby, 0), None, "slow mode is off");
    }
}
