//! A conversation that one wants to begin or to take up, and how far that is. The newest wish counts.
//!
//! Which room it is only the server knows; it is known here by its people.

use std::collections::BTreeSet;

use snug_shared::{
    code::Code,
    ids::{ChatId, RoomId},
    replica::{Ask, Replica},
    rooms::{Kind, RoomInfo},
    wire::{ClientFrame, ServerFrame},
};

use super::Store;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Talk {
    #[default]
    Nothing,
    UnderWay(Vec<ChatId>),
    Refused(Code),
    /// It is this room, where one wants to go now.
    Found(RoomId),
}

impl Talk {
    /// Takes up the conversation with these people, or asks for it.
    fn with(people: Vec<ChatId>, replica: &Replica) -> Self {
        let me = replica.you().map(|you| &you.chat_id);
        let mut infos = replica.rooms().filter_map(|(_, room)| room.info.as_ref());
        match infos.find(|info| is_of(info, &people, me)) {
            Some(info) => Self::Found(info.room.clone()),
            None => Self::UnderWay(people),
        }
    }

    pub(crate) fn refused(&self) -> Option<Code> {
        match self {
            Self::Refused(code) => Some(*code),
            _ => None,
        }
    }

    /// What the server is asked, as long as it has not answered.
    fn wish(&self) -> Option<ClientFrame> {
        let Self::UnderWay(people) = self else { return None };
        let people = people.iter().map(ToString::to_string).collect();
        Some(ClientFrame::OpenDirect { people })
    }

    /// Takes in a frame from the server; what is to be sent again.
    pub(super) fn apply(&mut self, frame: &ServerFrame, me: Option<&ChatId>) -> Option<ClientFrame> {
        let Self::UnderWay(people) = self else { return None };
        let (infos, me) = match frame {
            ServerFrame::Room(info) => (std::slice::from_ref(info), me),
            ServerFrame::Welcome(welcome) => (&welcome.rooms[..], Some(&welcome.you.chat_id)),
            ServerFrame::Error(refusal) => {
                // The key is the first of them.
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
        self.wish().filter(|_| matches!(frame, ServerFrame::Welcome(_)))
    }
}

/// Whether a room is the conversation with exactly these people.
fn is_of(info: &RoomInfo, people: &[ChatId], me: Option<&ChatId>) -> bool {
    let theirs: BTreeSet<&ChatId> = info.people.iter().map(|it| &it.chat_id).collect();
    let wanted: BTreeSet<&ChatId> = people.iter().chain(me).collect();
    info.kind == Kind::Direct && theirs == wanted
}

impl Store {
    /// Begins a conversation with these people, or takes it up.
    pub(crate) fn talk_with(&self, people: Vec<ChatId>) {
        self.ask(|state| {
            state.talk = Talk::with(people, &state.replica);
            let wish = state.talk.wish().filter(|_| state.replica.is_live());
            wish.map(Ask::Send).into_iter().collect()
        });
    }

    /// One has gone there, or has read why not.
    pub(crate) fn forget_talk(&self) {
        if self.state().talk != Talk::Nothing {
            self.change(|state| state.talk = Talk::Nothing);
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
            people: people.iter().map(person).collect(),
            ..info("talk", 0)
        }
    }

    fn begun() -> Talk {
        Talk::UnderWay(vec![id("bob"), id("ann")])
    }

    fn asked() -> ClientFrame {
        let people = ["bob", "ann"].map(str::to_owned).to_vec();
        ClientFrame::OpenDirect { people }
    }

    fn refusal(key: &str) -> ServerFrame {
        ServerFrame::Error(Refusal {
            error: Code::NotFound,
            message: String::new(),
            retry: false,
            after: None,
            key: Some(key.to_owned()),
        })
    }

    #[test]
    fn it_is_the_room_of_exactly_these_people() {
        let me = id("me");
        let mut talk = begun();
        for others in [&["ann", "me"][..], &["ann", "bob", "cem", "me"], &["ann", "bob"]] {
            talk.apply(&ServerFrame::Room(conversation(others)), Some(&me));
            assert_eq!(talk, begun(), "{others:?}");
        }
        talk.apply(&ServerFrame::Room(conversation(&["me", "ann", "bob"])), Some(&me));
        assert_eq!(talk, Talk::Found("talk".try_into().expect("an id")));
    }

    #[test]
    fn what_one_is_in_already_is_not_asked_for() {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        replica.apply(welcome(&["lobby"]));
        assert_eq!(
            Talk::with(vec![id("ann")], &replica),
            Talk::UnderWay(vec![id("ann")])
        );
        replica.apply(ServerFrame::Room(conversation(&["ann", "me"])));
        assert!(matches!(Talk::with(vec![id("ann")], &replica), Talk::Found(_)));
    }

    #[test]
    fn a_refusal_is_known_by_the_first_of_them_and_a_new_connection_asks_again() {
        let mut talk = begun();
        talk.apply(&refusal("ann"), None);
        assert_eq!(talk.apply(&welcome(&["lobby"]), None), Some(asked()));
        talk.apply(&refusal("bob"), None);
        assert_eq!(talk.refused(), Some(Code::NotFound));
        assert_eq!(talk.apply(&welcome(&["lobby"]), None), None);
    }
}
