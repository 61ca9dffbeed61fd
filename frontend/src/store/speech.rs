//! When one may send messages: until when one is muted, and when the next turn in a room in slow mode is.
//!
//! All times are in milliseconds since the page began, so that neither a wrong clock nor one that is set matters.

use std::collections::BTreeMap;

use snug_shared::{ids::RoomId, wire::ServerFrame};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Speech {
    muted_until: Option<f64>,
    /// When the last message of this page was taken in each room.
    spoke: BTreeMap<RoomId, f64>,
}

impl Speech {
    /// Takes in what the server says at this time.
    pub(super) fn hear(&mut self, frame: &ServerFrame, now: f64) {
        let ms = match frame {
            ServerFrame::Welcome(welcome) => welcome.you.muted_for,
            ServerFrame::Muted { ms } => *ms,
            _ => return,
        };
        self.muted_until = (ms > 0).then_some(now + ms as f64);
    }

    /// A message of one's own was taken at this time.
    pub(super) fn spoke(&mut self, room: &RoomId, now: f64) {
        self.spoke.insert(room.clone(), now);
    }

    /// When the mute ends, that is not yet known to be over.
    pub(crate) fn muted_until(&self) -> Option<f64> {
        self.muted_until
    }

    /// When one may send the next message where everybody waits for so many seconds. Unknown, if none was sent since the page began.
    pub(super) fn next_turn(&self, room: &RoomId, slow: u32) -> Option<f64> {
        let spoke = self.spoke.get(room).filter(|_| slow > 0)?;
        Some(spoke + f64::from(slow) * 1_000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;

    #[test]
    fn a_mute_is_set_prolonged_and_lifted_and_known_after_each_welcome() {
        let mut speech = Speech::default();
        speech.hear(&ServerFrame::Muted { ms: 60_000 }, 5_000.0);
        assert_eq!(speech.muted_until(), Some(65_000.0));
        speech.hear(&ServerFrame::Pong, 6_000.0);
        assert_eq!(speech.muted_until(), Some(65_000.0));
        speech.hear(&ServerFrame::Muted { ms: 0 }, 7_000.0);
        assert_eq!(speech.muted_until(), None);

        let ServerFrame::Welcome(mut again) = welcome(&["lobby"]) else {
            unreachable!("it is a welcome")
        };
        again.you.muted_for = 1_000;
        speech.hear(&ServerFrame::Welcome(again), 8_000.0);
        assert_eq!(speech.muted_until(), Some(9_000.0));
        speech.hear(&welcome(&["lobby"]), 10_000.0);
        assert_eq!(speech.muted_until(), None);
    }

    #[test]
    fn the_next_turn_is_so_long_after_the_last_message() {
        let (lobby, mut speech) = (RoomId::lobby(), Speech::default());
        assert_eq!(speech.next_turn(&lobby, 30), None);
        speech.spoke(&lobby, 2_000.0);
        assert_eq!(speech.next_turn(&lobby, 30), Some(32_000.0));
        assert_eq!(speech.next_turn(&lobby, 0), None, "slow mode is off");
    }
}
