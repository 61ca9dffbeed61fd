//! Opens a direct conversation: an existing one, or a new one. Only the newest request counts.
//!
//! Only the server knows the id of a new conversation's room; the page recognises the room by its
//! participants.

use std::collections::BTreeSet;

use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, RoomId},
    replica::{Effect, Replica},
    rooms::{Kind, RoomInfo},
    wire::{ClientFrame, ServerFrame},
};

use super::Store;

/// The state of a request to open a direct conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OpenDirect {
    #[default]
    Idle,
    /// The server has yet to answer a request for the conversation with these users.
    Pending(Vec<ChatId>),
    Refused(ErrorCode),
    /// The conversation is this room. The page has yet to open it.
    Found(RoomId),
}

impl OpenDirect {
    /// Finds the conversation with these users, or else starts a request for it.
    fn new(people: Vec<ChatId>, replica: &Replica) -> Self {
        let me = replica.you().map(|you| &you.chat_id);
        let mut infos = replica.rooms().filter_map(|(_, room)| room.info.as_ref());
        match infos.find(|info| is_of(info, &people, me)) {
            Some(info) => Self::Found(info.room.clone()),
            None => Self::Pending(people),
        }
    }

    /// Returns why the request was refused.
    pub(crate) fn refused(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(code) => Some(*code),
            _ => None,
        }
    }

    /// Returns the frame of a pending request.
    fn frame(&self) -> Option<ClientFrame> {
        let Self::Pending(people) = self else { return None };
        let people = people.iter().map(ToString::to_string).collect();
        Some(ClientFrame::OpenDirect { chat_ids: people })
    }

    /// Applies a frame from the server. Returns the frame to send again.
    pub(super) fn apply(&mut self, frame: &ServerFrame, me: Option<&ChatId>) -> Option<ClientFrame> {
        let Self::Pending(people) = self else { return None };
        let (infos, me) = match frame {
            ServerFrame::Room(info) => (std::slice::from_ref(info), me),
            ServerFrame::Welcome(welcome) => (&welcome.rooms[..], Some(&welcome.you.chat_id)),
            ServerFrame::Error(refusal) => {
                // The refusal's key is the first user's id.
                if refusal.key.as_deref() == people.first().map(ChatId::as_str) {
                    *self = Self::Refused(refusal.error);
                }
                return None;
            }
            _ => return None,
        };
        if let Some(info) = infos.iter().find(|info| is_of(info, people, me)) {
            *self = Self::Found(info.room.clone());
        }
        self.frame().filter(|_| matches!(frame, ServerFrame::Welcome(_)))
    }
}

/// Returns whether a room is the direct conversation with exactly these users.
fn is_of(info: &RoomInfo, people: &[ChatId], me: Option<&ChatId>) -> bool {
    let theirs: BTreeSet<&ChatId> = info.participants.iter().map(|it| &it.chat_id).collect();
    let wanted: BTreeSet<&ChatId> = people.iter().chain(me).collect();
    info.kind == Kind::Direct && theirs == wanted
}

impl Store {
    /// Opens the direct conversation with these users.
    pub(crate) fn open_direct(&self, people: Vec<ChatId>) {
        self.update_with_effects(|state| {
            state.open_direct = OpenDirect::new(people, &state.replica);
            let frame = state.open_direct.frame().filter(|_| state.replica.is_live());
            frame.map(Effect::Send).into_iter().collect()
        });
    }

    /// Clears the state once the page has opened the room, or the refusal was read.
    pub(crate) fn clear_open_direct(&self) {
        if self.state().open_direct != OpenDirect::Idle {
            self.update(|state| state.open_direct = OpenDirect::Idle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{info, welcome};
    use snug_shared::{api::Refusal, presence::ChatUser};

    fn id(raw: &str) -> ChatId {
        raw.try_into().expect("an id")
    }

    fn conversation(people: &[&str]) -> RoomInfo {
        let person = |it: &&str| ChatUser::guest(id(it), (*it).try_into().expect("a name"));
        RoomInfo {
            kind: Kind::Direct,
            participants: people.iter().map(person).collect(),
            ..info("talk", 0)
        }
    }

    fn begun() -> OpenDirect {
        OpenDirect::Pending(vec![id("bob"), id("ann")])
    }

    fn asked() -> ClientFrame {
        let people = ["bob", "ann"].map(str::to_owned).to_vec();
        ClientFrame::OpenDirect { chat_ids: people }
    }

    fn refusal(key: &str) -> ServerFrame {
        ServerFrame::Error(Refusal {
            error: ErrorCode::NotFound,
            message: String::new(),
            retry: false,
            retry_after: None,
            key: Some(key.to_owned()),
        })
    }

    #[test]
    fn it_is_the_room_of_exactly_these_people() {
        let me = id("me");
        let mut open_direct = begun();
        for others in [&["ann", "me"][..], &["ann", "bob", "cem", "me"], &["ann", "bob"]] {
            open_direct.apply(&ServerFrame::Room(conversation(others)), Some(&me));
            assert_eq!(open_direct, begun(), "{others:?}");
        }
        open_direct.apply(&ServerFrame::Room(conversation(&["me", "ann", "bob"])), Some(&me));
        assert_eq!(open_direct, OpenDirect::Found("talk".try_into().expect("an id")));
    }

    #[test]
    fn what_one_is_in_already_is_not_asked_for() {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        replica.apply(welcome(&["lobby"]));
        assert_eq!(
            OpenDirect::new(vec![id("ann")], &replica),
            OpenDirect::Pending(vec![id("ann")])
        );
        replica.apply(ServerFrame::Room(conversation(&["ann", "me"])));
        assert!(matches!(
            OpenDirect::new(vec![id("ann")], &replica),
            OpenDirect::Found(_)
        ));
    }

    #[test]
    fn a_refusal_is_known_by_the_first_of_them_and_a_new_connection_asks_again() {
        let mut open_direct = begun();
        open_direct.apply(&refusal("ann"), None);
        assert_eq!(open_direct.apply(&welcome(&["lobby"]), None), Some(asked()));
        open_direct.apply(&refusal("bob"), None);
        assert_eq!(open_direct.refused(), Some(ErrorCode::NotFound));
        assert_eq!(open_direct.apply(&welcome(&["lobby"]), None), None);
    }
}
