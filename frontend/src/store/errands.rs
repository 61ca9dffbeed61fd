//! What has been asked of the server about rooms, to open, to join, to change or to leave one, and how far that is.
//!
//! Nothing of it is lost with a connection: what has no answer is asked again after the next welcome.
//! The server does it once however often it hears of it.

use std::collections::BTreeMap;

use snug_shared::{
    code::Code,
    ids::RoomId,
    levels::Level,
    rooms::RoomInfo,
    wire::{ClientFrame, ServerFrame, Welcome},
};

#[derive(Clone, Debug, PartialEq, Eq)]
enum Errand {
    UnderWay(ClientFrame),
    Refused(Code),
}

impl Errand {
    /// Whether a room stands as one wanted it to.
    fn is_done(&self, info: &RoomInfo) -> bool {
        match self {
            Self::UnderWay(ClientFrame::SetLevel { level, .. }) => *level == info.level,
            Self::UnderWay(ClientFrame::EditRoom(wanted)) => {
                let is = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|it| it == is);
                is(&wanted.name, info.name.as_str())
                    && is(&wanted.topic, info.topic.as_str())
                    && wanted.archived.is_none_or(|it| it == info.archived)
            }
            Self::UnderWay(_) => true,
            // It has yet to be read.
            Self::Refused(_) => false,
        }
    }
}

/// At most one for each room.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Errands(BTreeMap<RoomId, Errand>);

impl Errands {
    /// Begins one, in place of what was asked about the room before.
    pub(super) fn begin(&mut self, room: RoomId, frame: ClientFrame) {
        self.0.insert(room, Errand::UnderWay(frame));
    }

    /// Whether the server has yet to answer.
    pub(crate) fn under_way(&self, room: &RoomId) -> bool {
        matches!(self.0.get(room), Some(Errand::UnderWay(_)))
    }

    /// Why the last one was refused.
    pub(crate) fn refused(&self, room: &RoomId) -> Option<Code> {
        match self.0.get(room)? {
            Errand::Refused(code) => Some(*code),
            Errand::UnderWay(_) => None,
        }
    }

    /// The level that one has asked for, and not heard of yet.
    pub(crate) fn level(&self, room: &RoomId) -> Option<Level> {
        match self.0.get(room)? {
            Errand::UnderWay(ClientFrame::SetLevel { level, .. }) => Some(*level),
            _ => None,
        }
    }

    /// A refusal has been read.
    pub(super) fn forget(&mut self, room: &RoomId) {
        if !self.under_way(room) {
            self.0.remove(room);
        }
    }

    /// Takes in a frame from the server; what is to be sent again.
    pub(super) fn apply(&mut self, frame: &ServerFrame) -> Vec<ClientFrame> {
        match frame {
            // It may be told for another reason.
            ServerFrame::Room(info) if self.0.get(&info.room).is_some_and(|it| it.is_done(info)) => {
                self.done(&info.room);
            }
            ServerFrame::LeftRoom { room, .. } => self.done(room),
            ServerFrame::Error(refusal) => {
                let room = refusal.key.as_deref().and_then(|key| key.try_into().ok());
                if let Some(errand) = room.and_then(|room: RoomId| self.0.get_mut(&room)) {
                    *errand = Errand::Refused(refusal.error);
                }
            }
            ServerFrame::Welcome(welcome) => return self.again(welcome),
            _ => {}
        }
        Vec::new()
    }

    fn done(&mut self, room: &RoomId) {
        self.0.remove(room);
    }

    fn again(&mut self, welcome: &Welcome) -> Vec<ClientFrame> {
        // What one wanted may have been done just before the connection broke.
        self.0.retain(|room, errand| {
            let info = welcome.rooms.iter().find(|info| info.room == *room);
            let inside = info.is_some();
            match errand {
                Errand::UnderWay(ClientFrame::SetLevel { .. } | ClientFrame::EditRoom(_)) => {
                    info.is_some_and(|info| !errand.is_done(info))
                }
                Errand::UnderWay(ClientFrame::LeaveRoom { .. }) => inside,
                Errand::UnderWay(_) => !inside,
                Errand::Refused(_) => true,
            }
        });
        let under_way = self.0.values().filter_map(|errand| match errand {
            Errand::UnderWay(frame) => Some(frame.clone()),
            Errand::Refused(_) => None,
        });
        under_way.collect()
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

    fn begun(frame: ClientFrame) -> Errands {
        let mut errands = Errands::default();
        errands.begin(den(), frame);
        errands
    }

    #[test]
    fn an_answer_ends_it() {
        let mut errands = begun(join());
        assert!(errands.under_way(&den()));
        errands.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(errands, Errands::default());
    }

    #[test]
    fn a_level_is_as_one_wants_it_until_the_server_has_it_so() {
        let level = Level::Mentions;
        let room = den().to_string();
        let frame = ClientFrame::SetLevel { room, level };
        let mut errands = begun(frame.clone());
        errands.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(
            errands.level(&den()),
            Some(level),
            "that was about something else"
        );
        assert_eq!(errands.apply(&welcome(&["den"])), [frame], "it is asked again");
        errands.apply(&ServerFrame::Room(RoomInfo {
            level,
            ..info("den", 3)
        }));
        assert_eq!(errands, Errands::default());
    }

    #[test]
    fn a_change_is_under_way_until_the_room_is_so() {
        let frame = ClientFrame::EditRoom(EditRoom {
            room: den().to_string(),
            archived: Some(true),
            ..EditRoom::default()
        });
        let mut errands = begun(frame.clone());
        errands.apply(&ServerFrame::Room(info("den", 3)));
        assert!(errands.under_way(&den()), "that was about something else");
        assert_eq!(errands.apply(&welcome(&["den"])), [frame], "it is asked again");
        errands.apply(&ServerFrame::Room(RoomInfo {
            archived: true,
            ..info("den", 3)
        }));
        assert_eq!(errands, Errands::default());
    }

    #[test]
    fn a_refusal_is_known_by_the_rooms_id_and_kept_until_it_is_read() {
        let mut errands = begun(join());
        let refusal = |key: &str| {
            ServerFrame::Error(Refusal {
                error: Code::TooManyRooms,
                message: String::new(),
                retry: false,
                after: None,
                key: Some(key.to_owned()),
            })
        };
        errands.apply(&refusal("another"));
        assert!(errands.under_way(&den()));
        errands.apply(&refusal("den"));
        errands.apply(&ServerFrame::Room(info("den", 3)));
        assert_eq!(errands.refused(&den()), Some(Code::TooManyRooms));
        assert_eq!(
            errands.apply(&welcome(&[])),
            [],
            "it is not asked again by itself"
        );
        errands.forget(&den());
        assert_eq!(errands.refused(&den()), None);
    }

    #[test]
    fn what_has_no_answer_is_asked_again_on_the_next_connection() {
        let mut joining = begun(join());
        assert_eq!(joining.apply(&welcome(&[])), [join()]);
        assert_eq!(joining.apply(&welcome(&["den"])), [], "it was done");
        assert!(!joining.under_way(&den()));

        let mut leaving = begun(leave());
        assert_eq!(leaving.apply(&welcome(&["den"])), [leave()]);
        assert_eq!(leaving.apply(&welcome(&[])), [], "it was done");
        assert!(!leaving.under_way(&den()));
    }
}
