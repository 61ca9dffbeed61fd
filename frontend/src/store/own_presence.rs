//! Tracks the user's own presence: the away flag, the status, and which of both the server has.

use snug_shared::{
    presence::ChatUser,
    status::Status,
    wire::{ClientFrame, Hello, ServerFrame},
};

/// Holds the user's own away flag and status, and builds the frames that update the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnPresence {
    status: Option<Status>,
    /// The status was set here, and the roster does not show it yet.
    unconfirmed: bool,
    away: bool,
    /// The away flag that was last sent on this connection.
    sent_away: bool,
}

impl OwnPresence {
    pub(super) fn new(status: Option<Status>) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// Returns the user's status.
    pub(crate) fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    pub(super) fn set_status(&mut self, status: Option<Status>) -> ClientFrame {
        self.status = status;
        self.unconfirmed = true;
        self.frame()
    }

    pub(super) fn is_away(&self) -> bool {
        self.away
    }

    /// Sets the away flag. Returns the frame to send, if the connection is `live` and has sent another value
    /// last.
    pub(super) fn set_away(&mut self, away: bool, live: bool) -> Option<ClientFrame> {
        self.away = away;
        if !live || self.sent_away == away {
            return None;
        }
        self.sent_away = away;
        Some(ClientFrame::Away { away })
    }

    /// Adds the status and the away flag to a connection's first frame.
    pub(super) fn fill_hello(&mut self, hello: &mut Hello) {
        hello.status = self.status.as_ref().map(ToString::to_string);
        hello.away = self.away;
        self.sent_away = self.away;
    }

    /// Applies a frame from the server. Returns the frames to send in reply.
    pub(super) fn apply(&mut self, frame: &ServerFrame) -> Vec<ClientFrame> {
        if !matches!(frame, ServerFrame::Welcome(_)) {
            return Vec::new();
        }
        // The server ignores the first frame's status if another device has set one; this one is newer.
        let status = self.unconfirmed.then(|| self.frame());
        let away = self.set_away(self.away, true);
        status.into_iter().chain(away).collect()
    }

    /// Applies the user's own entry in a roster. Returns whether another device has changed the status.
    pub(super) fn on_roster(&mut self, me: &ChatUser) -> bool {
        if me.status == self.status {
            self.unconfirmed = false;
            return false;
        }
        // The status on its way to the server is newer.
        if self.unconfirmed {
            return false;
        }
        self.status.clone_from(&me.status);
        true
    }

    fn frame(&self) -> ClientFrame {
        ClientFrame::SetStatus {
            status: self.status.as_ref().map(ToString::to_string),
            key: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::welcome;
    use snug_shared::avatar::Avatar;

    fn status(text: &str) -> Option<Status> {
        Some(text.try_into().expect("a status"))
    }

    fn me(status: Option<Status>) -> ChatUser {
        ChatUser {
            avatar: Avatar::Face(0),
            status,
            ..ChatUser::guest("me".try_into().expect("an id"), "me".try_into().expect("a name"))
        }
    }

    fn set(status: &str) -> ClientFrame {
        let status = Some(status.to_owned());
        ClientFrame::SetStatus { status, key: None }
    }

    #[test]
    fn what_another_device_says_is_taken_over_unless_this_one_has_said_something_since() {
        let mut presence = OwnPresence::new(status("one"));
        assert!(!presence.on_roster(&me(status("one"))));
        assert!(presence.on_roster(&me(status("two"))));
        assert_eq!(presence.status(), status("two").as_ref());

        assert_eq!(presence.set_status(status("three")), set("three"));
        assert!(!presence.on_roster(&me(status("two"))), "overtaken on the way");
        assert!(!presence.on_roster(&me(status("three"))));
        assert!(presence.on_roster(&me(None)));
        assert_eq!(presence.status(), None);
    }

    #[test]
    fn what_was_said_without_a_connection_is_told_after_the_next_welcome() {
        let mut presence = OwnPresence::default();
        presence.set_status(status("one"));
        assert_eq!(presence.set_away(true, false), None);
        let mut hello = Hello::default();
        presence.fill_hello(&mut hello);
        assert_eq!((hello.status.as_deref(), hello.away), (Some("one"), true));
        assert_eq!(presence.set_away(false, false), None, "not welcomed yet");
        let back = ClientFrame::Away { away: false };
        assert_eq!(presence.apply(&welcome(&["lobby"])), [set("one"), back]);
        presence.on_roster(&me(status("one")));
        assert_eq!(presence.apply(&welcome(&["lobby"])), []);
    }
}
