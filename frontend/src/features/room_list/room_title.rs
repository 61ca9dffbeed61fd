//! The title of a room: its name, or the names of the other participants of a direct conversation.

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

/// The title of a room, as its members see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RoomTitle {
    Room(RoomName),
    /// The other participants of a direct conversation.
    People(Vec<ChatUser>),
    /// A room whose address is an id, and which the user is not in.
    Unknown,
}

impl RoomTitle {
    /// Returns the title of a room.
    pub(crate) fn of(room: &Room, me: Option<&ChatId>) -> Self {
        match &room.info {
            Some(info) if info.kind == Kind::Direct => {
                let others = info.participants.iter().filter(|it| me != Some(&it.chat_id));
                Self::People(others.cloned().collect())
            }
            _ => Self::Room(name_of(room)),
        }
    }

    /// Returns the title of the room that is shown. If the user is not in it, that is its address.
    pub(crate) fn of_current(state: &State) -> Self {
        let me = state.replica.you().map(|you| &you.chat_id);
        let here = state.current_room().map(|room| Self::of(room, me));
        here.unwrap_or_else(|| state.addressed_name().cloned().map_or(Self::Unknown, Self::Room))
    }

    /// Formats the title to stand by itself.
    pub(crate) fn plain(&self, words: &Words) -> String {
        match self {
            // The participants are not known yet, and the address tells the user nothing.
            Self::Room(name) if name.is_direct() => words.directs.to_owned(),
            Self::Room(name) if *name == RoomName::lobby() => words.lobby.to_owned(),
            Self::Room(name) => name.to_string(),
            Self::People(others) => names(others, words),
            Self::Unknown => words.rooms.to_owned(),
        }
    }

    /// Formats the title to stand in a sentence, with `#` before a room's name.
    pub(crate) fn marked(&self, words: &Words) -> String {
        match self {
            Self::Room(name) if !name.is_direct() => format!("#{}", isolated(&self.plain(words))),
            _ => self.plain(words),
        }
    }

    /// Formats the text above the first message.
    pub(crate) fn beginning(&self, words: &Words) -> String {
        match self {
            Self::Room(_) => (words.beginning)(&self.marked(words)),
            Self::People(others) => (words.beginning_direct)(&names(others, words)),
            Self::Unknown => String::new(),
        }
    }

    /// Returns the key by which rooms of one kind are sorted.
    pub(super) fn sort_key(&self) -> String {
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

/// Joins the names of users.
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

/// Returns the title of the room that is shown.
#[hook]
pub(crate) fn use_room_title() -> RoomTitle {
    use_selected(RoomTitle::of_current)
}

/// Returns the title of the room that is shown, formatted to stand in a sentence.
#[hook]
pub(crate) fn use_marked_title() -> String {
    let (_, words) = use_words();
    use_room_title().marked(words)
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
        let title = |info: RoomInfo| {
            let mut replica = Replica::new(info.room.clone(), Vec::new());
            replica.apply(ServerFrame::Room(info.clone()));
            RoomTitle::of(replica.room(&info.room).expect("the room"), Some(&me))
        };
        let talk = title(RoomInfo {
            kind: Kind::Direct,
            participants: ["ann", "bob", "me"].map(person).to_vec(),
            ..info("talk", 0)
        });
        assert_eq!(
            (talk.marked(en), talk.plain(zh)),
            ("ann, bob".into(), "ann、bob".into())
        );
        let tea = title(info("tea", 0));
        assert_eq!((tea.marked(en), tea.plain(en)), ("#tea".into(), "tea".into()));
    }

    #[test]
    fn nobody_sees_the_address_of_a_conversation() {
        let address = format!("@{}", "0a".repeat(16));
        let unknown = RoomTitle::Room(address.as_str().try_into().expect("a name"));
        assert_eq!(unknown.marked(words(Lang::En)), "Direct messages");
    }
}
