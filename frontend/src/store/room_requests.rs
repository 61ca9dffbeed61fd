//! Tracks requests about rooms that await an answer: requests to open, join, change or leave one.
//!
//! A request survives the connection: without an answer it is sent again after the next welcome.
//! Requests are idempotent, so the server carries out each one once.

use std::collections::BTreeMap;

use snug_shared::{
    error_code::ErrorCode,
    ids::RoomId,
    levels::NotificationLevel,
    rooms::RoomInfo,
    wire::{ClientFrame, ServerFrame, Welcome},
};

#[derive(Clone, Debug, PartialEq, Eq)]
enum RoomRequest {
    Pending(ClientFrame),
    Refused(ErrorCode),
}

impl RoomRequest {
    /// Returns whether the room is in the state that was requested.
    fn is_done(&self, info: &RoomInfo) -> bool {
        match self {
            Self::Pending(ClientFrame::SetLevel { level, .. }) => *level == info.level,
            Self::Pending(ClientFrame::EditRoom(wanted)) => {
                let is = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|it| it == is);
                is(&wanted.name, info.name.as_str())
                    && is(&wanted.topic, info.topic.as_str())
                    && wanted.archived.is_none_or(|it| it == info.archived)
            }
            Self::Pending(_) => true,
            // The refusal has not been read yet.
            Self::Refused(_) => false,
        }
    }
}

/// Holds at most one request for each room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RoomRequests(BTreeMap<RoomId, RoomRequest>);

impl RoomRequests {
    /// Starts a request. It replaces an earlier one about the same room.
    pub(super) fn start(&mut self, room: RoomId, frame: ClientFrame) {
        self.0.insert(room, RoomRequest::Pending(frame));
    }

    /// Returns whether a request about the room awaits an answer.
    pub(crate) fn is_pending(&self, room: &RoomId) -> bool {
        matches!(self.0.get(room), Some(RoomRequest::Pending(_)))
    }

    /// Returns why the last request about the room was refused, until that is dismissed.
    pub(crate) fn refused(&self, room: &RoomId) -> Option<ErrorCode> {
        match self.0.get(room)? {
            RoomRequest::Refused(code) => Some(*code),
            RoomRequest::Pending(_) => None,
        }
    }

    /// Returns the notification level that is requested and not confirmed yet.
    pub(crate) fn level(&self, room: &RoomId) -> Option<NotificationLevel> {
        match self.0.get(room)? {
            RoomRequest::Pending(ClientFrame::SetLevel { level, .. }) => Some(*level),
            _ => None,
        }
    }

    /// Dismisses a refusal. A pending request stays.
    pub(super) fn dismiss(&mut self, room: &RoomId) {
        if !self.is_pending(room) {
            self.0.remove(room);
        }
    }

    /// Applies a frame from the server. Returns the requests to send again.
    pub(super) fn apply(&mut self, frame: &ServerFrame) -> Vec<ClientFrame> {
        match frame {
            // The frame may have another cause than the request.
            ServerFrame::Room(info) if self.0.get(&info.room).is_some_and(|it| it.is_done(info)) => {
                self.remove(&info.room);
            }
            ServerFrame::LeftRoom { room, .. } => self.remove(room),
            ServerFrame::Error(refusal) => {
                let room = refusal.key.as_deref().and_then(|key| key.try_into().ok());
                if let Some(request) = room.and_then(|room: RoomId| self.0.get_mut(&room)) {
                    *request = RoomRequest::Refused(refusal.error);
                }
            }
            ServerFrame::Welcome(welcome) => return self.resend(welcome),
            _ => {}
        }
        Vec::new()
    }

    fn remove(&mut self, room: &RoomId) {
        self.0.remove(room);
    }

    fn resend(&mut self, welcome: &Welcome) -> Vec<ClientFrame> {
        // The server may have carried out a request just before the connection broke.
        self.0.retain(|room, request| {
            let info = welcome.rooms.iter().find(|info| info.room == *room);
            let inside = info.is_some();
            match request {
                RoomRequest::Pending(ClientFrame::SetLevel { .. } | ClientFrame::EditRoom(_)) => {
                    info.is_some_and(|info| !request.is_done(info))
                }
                RoomRequest::Pending(ClientFrame::LeaveRoom { .. }) => inside,
                RoomRequest::Pending(_) => !inside,
                RoomRequest::Refused(_) => true,
            }
        });
        let pending = self.0.values().filter_map(|request| match request {
            RoomRequest::Pending(frame) => Some(frame.clone()),
            RoomRequest::Refused(_) => None,
        });
        pending.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{info, welcome};
    use snug_shared::{api::Refusal, wire::EditRoom};

    fn den() -> RoomId {
        "den".try_into().expect("an id")
    }

    fn join() -> ClientFrame {
        ClientFrame::JoinRoom {
            room: den().to_string(),
        }
    }

    fn leave() -> ClientFrame {
        ClientFrame::LeaveRoom {
            room: den().to_string(),
        }
    }

    fn started(frame: ClientFrame) -> RoomRequests {
        let mut requests = RoomRequests::default();
        requests.start(den(), frame);
        requests
    }

    #[test]
    fn an_answer_ends_it() {
        let mut requests = started(join());
        assert!(requests.is_pending(&den()));
        requests.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(requests, RoomRequests::default());
    }

    #[test]
    fn a_level_is_as_one_wants_it_until_the_server_has_it_so() {
        let level = NotificationLevel::Mentions;
        let room = den().to_string();
        let frame = ClientFrame::SetLevel { room, level };
        let mut requests = started(frame.clone());
        requests.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(
            requests.level(&den()),
            Some(level),
            "that was about something else"
        );
        assert_eq!(requests.apply(&welcome(&["den"])), [frame], "it is asked again");
        requests.apply(&ServerFrame::Room(RoomInfo {
            level,
            ..info("den", 3)
        }));
        assert_eq!(requests, RoomRequests::default());
    }

    #[test]
    fn a_change_is_under_way_until_the_room_is_so() {
        let frame = ClientFrame::EditRoom(EditRoom {
            room: den().to_string(),
            archived: Some(true),
            ..EditRoom::default()
        });
        let mut requests = started(frame.clone());
        requests.apply(&ServerFrame::Room(info("den", 3)));
        assert!(requests.is_pending(&den()), "that was about something else");
        assert_eq!(requests.apply(&welcome(&["den"])), [frame], "it is asked again");
        requests.apply(&ServerFrame::Room(RoomInfo {
            archived: true,
            ..info("den", 3)
        }));
        assert_eq!(requests, RoomRequests::default());
    }

    #[test]
    fn a_refusal_is_known_by_the_rooms_id_and_kept_until_it_is_read() {
        let mut requests = started(join());
        let refusal = |key: &str| {
            ServerFrame::Error(Refusal {
                error: ErrorCode::TooManyRooms,
                message: String::new(),
                retry: false,
                retry_after: None,
                key: Some(key.to_owned()),
            })
        };
        requests.apply(&refusal("another"));
        assert!(requests.is_pending(&den()));
        requests.apply(&refusal("den"));
        requests.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(requests.refused(&den()), Some(ErrorCode::TooManyRooms));
        assert_eq!(
            requests.apply(&welcome(&[])),
            [],
            "it is not asked again by itself"
        );
        requests.dismiss(&den());
        assert_eq!(requests.refused(&den()), None);
    }

    #[test]
    fn what_has_no_answer_is_asked_again_on_the_next_connection() {
        let mut joining = started(join());
        assert_eq!(joining.apply(&welcome(&[])), [join()]);
        assert_eq!(joining.apply(&welcome(&["den"])), [], "it was done");
        assert!(!joining.is_pending(&den()));

        let mut leaving = started(leave());
        assert_eq!(leaving.apply(&welcome(&["den"])), [leave()]);
        assert_eq!(leaving.apply(&welcome(&[])), [], "it was done");
        assert!(!leaving.is_pending(&den()));
    }
}
