//! Opens a direct conversation: an existing one, or a new one. Only the newest request counts.

use std::collections::BTreeSet;

use snug_shared::{
    ids::{ChatId, Key, RoomId},
    replica::Replica,
    rooms::{Kind, RoomInfo},
    wire::ClientFrame,
};

use super::Store;

/// The state of a request to open a direct conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum OpenDirect {
    #[default]
    Idle,
    /// The server has yet to carry out this request, or has refused it.
    Requested(Key),
    /// The conversation is this room. The page has yet to open it.
    Found(RoomId),
}

/// Returns the room of the direct conversation with exactly these users, if the user has one.
fn existing(people: &[ChatId], replica: &Replica) -> Option<RoomId> {
    let me = replica.you().map(|you| &you.chat_id);
    let mut infos = replica.rooms().filter_map(|(_, room)| room.info.as_ref());
    let info = infos.find(|info| is_of(info, people, me))?;
    Some(info.room.clone())
}

fn is_of(info: &RoomInfo, people: &[ChatId], me: Option<&ChatId>) -> bool {
    let theirs: BTreeSet<&ChatId> = info.participants.iter().map(|it| &it.chat_id).collect();
    let wanted: BTreeSet<&ChatId> = people.iter().chain(me).collect();
    info.kind == Kind::Direct && theirs == wanted
}

impl Store {
    /// Opens the direct conversation with these users.
    pub(crate) fn open_direct(&self, people: Vec<ChatId>) {
        self.clear_open_direct();
        let existing = existing(&people, &self.state().replica);
        let open = existing.map_or_else(
            || {
                let chat_ids = people.iter().map(ToString::to_string).collect();
                OpenDirect::Requested(self.request(|key| ClientFrame::OpenDirect { chat_ids, key }))
            },
            OpenDirect::Found,
        );
        self.update(|state| state.open_direct = open);
    }

    /// Clears the state once the page has opened the room, or the refusal was read.
    pub(crate) fn clear_open_direct(&self) {
        if self.state().open_direct == OpenDirect::Idle {
            return;
        }
        self.update(|state| {
            if let OpenDirect::Requested(key) = std::mem::take(&mut state.open_direct) {
                state.requests.forget(&key);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::fixture::{info, welcome};
    use snug_shared::{presence::ChatUser, wire::ServerFrame};

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

    #[test]
    fn an_existing_conversation_is_the_one_with_exactly_these_people() {
        let mut replica = Replica::new(RoomId::lobby(), Vec::new());
        replica.apply(welcome(&["lobby"]));
        replica.apply(ServerFrame::Room(conversation(&["ann", "bob", "me"])));
        let talk = RoomId::try_from("talk").expect("an id");
        assert_eq!(existing(&[id("bob"), id("ann")], &replica), Some(talk));
        for others in [&["ann"][..], &["ann", "bob", "cem"], &[]] {
            let others: Vec<_> = others.iter().map(|it| id(it)).collect();
            assert_eq!(existing(&others, &replica), None, "{others:?}");
        }
    }
}
