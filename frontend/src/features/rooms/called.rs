//! What a room is called by somebody who is in it: its name, or whom one talks with there.

use snug_shared::{
    ids::ChatId,
    presence::ChatUser,
    replica::Room,
    rooms::Kind,
    text::{Nickname, RoomName},
};
use yew::prelude::*;

use crate::{
    i18n::{Words, isolated},
    prefs::use_words,
    store::{State, name_of, use_selected},
};

/// See the module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Called {
    Room(RoomName),
    /// The others of a direct conversation.
    People(Vec<ChatUser>),
    /// What is at an address that says nothing to anybody.
    Unknown,
}

impl Called {
    pub(crate) fn of(room: &Room, me: Option<&ChatId>) -> Self {
        match &room.info {
            Some(info) if info.kind == Kind::Direct => {
                let others = info.people.iter().filter(|it| me != Some(&it.chat_id));
                Self::People(others.cloned().collect())
            }
            _ => Self::Room(name_of(room)),
        }
    }

    /// What is shown. What is at an address is called as the address, if one is not in it.
    pub(crate) fn here(state: &State) -> Self {
        let me = state.replica.you().map(|you| &you.chat_id);
        let here = state.here().map(|room| Self::of(room, me));
        here.unwrap_or_else(|| state.name_outside().cloned().map_or(Self::Unknown, Self::Room))
    }

    /// By itself.
    pub(crate) fn plain(&self, words: &Words) -> String {
        match self {
            // Not known yet. The address says nothing to anybody.
            Self::Room(name) if name.is_direct() => words.directs.to_owned(),
            Self::Room(name) if *name == RoomName::lobby() => words.lobby.to_owned(),
            Self::Room(name) => name.to_string(),
            Self::People(others) => names(others, words),
            Self::Unknown => words.rooms.to_owned(),
        }
    }

    /// Among other words.
    pub(crate) fn marked(&self, words: &Words) -> String {
        match self {
            Self::Room(name) if !name.is_direct() => format!("#{}", isolated(&self.plain(words))),
            _ => self.plain(words),
        }
    }

    /// What is said above the first message.
    pub(crate) fn beginning(&self, words: &Words) -> String {
        match self {
            Self::Room(_) => (words.beginning)(&self.plain(words)),
            Self::People(others) => (words.beginning_direct)(&names(others, words)),
            Self::Unknown => String::new(),
        }
    }

    /// Where it stands among others of its kind.
    pub(super) fn order(&self) -> String {
        match self {
            Self::Room(name) => name.to_string(),
            Self::People(others) => {
                let names = others.iter().map(|it| it.name.as_str());
                names.collect::<Vec<_>>().join("\n")
            }
            Self::Unknown => String::new(),
        }
    }
}

/// Names, one after another.
pub(crate) fn names(people: &[ChatUser], words: &Words) -> String {
    let names = people.iter().map(|it| {
        if it.name == Nickname::nobody() {
            words.deleted_account.to_owned()
        } else {
            isolated(it.name.as_str()).to_string()
        }
    });
    names.collect::<Vec<_>>().join(words.name_separator)
}

/// What is shown.
#[hook]
pub(crate) fn use_called() -> Called {
    use_selected(Called::here)
}

/// The same, as it stands among other words.
#[hook]
pub(crate) fn use_marked() -> String {
    let (_, words) = use_words();
    use_called().marked(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{i18n::words, store::fixture::info};
    use snug_shared::{lang::Lang, replica::Replica, rooms::RoomInfo, wire::ServerFrame};

    fn person(name: &str) -> ChatUser {
        ChatUser::guest(name.try_into().expect("an id"), name.try_into().expect("a name"))
    }

    #[test]
    fn a_conversation_is_called_as_the_others_and_a_room_by_its_name() {
        let [en, zh] = [Lang::En, Lang::Zh].map(words);
        let me = "me".try_into().expect("an id");
        let called = |info: RoomInfo| {
            let mut replica = Replica::new(info.room.clone(), Vec::new());
            replica.apply(ServerFrame::Room(info.clone()));
            Called::of(replica.room(&info.room).expect("the room"), Some(&me))
        };
        let talk = called(RoomInfo {
            kind: Kind::Direct,
            people: ["ann", "bob", "me"].map(person).to_vec(),
            ..info("talk", 0)
        });
        assert_eq!(
            (talk.marked(en), talk.plain(zh)),
            ("ann, bob".into(), "ann、bob".into())
        );
        let tea = called(info("tea", 0));
        assert_eq!((tea.marked(en), tea.plain(en)), ("#tea".into(), "tea".into()));
    }

    #[test]
    fn nobody_sees_the_address_of_a_conversation() {
        let address = format!("@{}", "0a".repeat(16));
        let unknown = Called::Room(address.as_str().try_into().expect("a name"));
        assert_eq!(unknown.marked(words(Lang::En)), "Direct messages");
    }
}
