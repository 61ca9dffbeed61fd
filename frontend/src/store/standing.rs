//! How one stands oneself, away or here and with which status, and what the server knows of it.

use snug_shared::{
    presence::ChatUser,
    status::Status,
    wire::{ClientFrame, Hello, ServerFrame},
};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    status: Option<Status>,
    /// It was set here, and the roster does not show it yet.
    unseen: bool,
    away: bool,
    /// What this connection was told last.
    told_away: bool,
}

impl Standing {
    pub(super) fn new(status: Option<Status>) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// What one says of oneself.
    pub(crate) fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }

    pub(super) fn set_status(&mut self, status: Option<Status>) -> ClientFrame {
        self.status = status;
        self.unseen = true;
        self.frame()
    }

    pub(super) fn is_away(&self) -> bool {
        self.away
    }

    /// What a connection is to be told that has welcomed one.
    pub(super) fn look_away(&mut self, away: bool, live: bool) -> Option<ClientFrame> {
        self.away = away;
        if !live || self.told_away == away {
            return None;
        }
        self.told_away = away;
        Some(ClientFrame::Away { away })
    }

    /// Adds it to a connection's first frame.
    pub(super) fn introduce(&mut self, hello: &mut Hello) {
        hello.status = self.status.as_ref().map(ToString::to_string);
        hello.away = self.away;
        self.told_away = self.away;
    }

    /// Takes in a frame from the server; what that is to be told.
    pub(super) fn apply(&mut self, frame: &ServerFrame) -> Vec<ClientFrame> {
        if !matches!(frame, ServerFrame::Welcome(_)) {
            return Vec::new();
        }
        // The first frame's status was passed over if one is here on another device; this one is newer.
        let status = self.unseen.then(|| self.frame());
        let away = self.look_away(self.away, true);
        status.into_iter().chain(away).collect()
    }

    /// How the roster shows one. Whether the status is another one, set on another device.
    pub(super) fn seen(&mut self, me: &ChatUser) -> bool {
        if me.status == self.status {
            self.unseen = false;
            return false;
        }
        // What is on its way is newer.
        if self.unseen {
            return false;
        }
        self.status.clone_from(&me.status);
        true
    }

    fn frame(&self) -> ClientFrame {
        ClientFrame::SetStatus {
            status: self.status.as_ref().map(ToString::to_string),
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
        ClientFrame::SetStatus { status }
    }

    #[test]
    fn what_another_device_says_is_taken_over_unless_this_one_has_said_something_since() {
        let mut standing = Standing::new(status("one"));
        assert!(!standing.seen(&me(status("one"))));
        assert!(standing.seen(&me(status("two"))));
        assert_eq!(standing.status(), status("two").as_ref());

        assert_eq!(standing.set_status(status("three")), set("three"));
        assert!(!standing.seen(&me(status("two"))), "overtaken on the way");
        assert!(!standing.seen(&me(status("three"))));
        assert!(standing.seen(&me(None)));
        assert_eq!(standing.status(), None);
    }

    #[test]
    fn what_was_said_without_a_connection_is_told_after_the_next_welcome() {
        let mut standing = Standing::default();
        standing.set_status(status("one"));
        assert_eq!(standing.look_away(true, false), None);
        let mut hello = Hello::default();
        standing.introduce(&mut hello);
        assert_eq!((hello.status.as_deref(), hello.away), (Some("one"), true));
        assert_eq!(standing.look_away(false, false), None, "not welcomed yet");
        let back = ClientFrame::Away { away: false };
        assert_eq!(standing.apply(&welcome(&["lobby"])), [set("one"), back]);
        standing.seen(&me(status("one")));
        assert_eq!(standing.apply(&welcome(&["lobby"])), []);
    }
}
