//! The faces of a conversation.

use snug_shared::{
    ids::{ChatId, RoomId},
    presence::ChatUser,
};
use yew::prelude::*;

use crate::{i18n::Words, store::State, ui::AvatarPicture};

/// How somebody stands who is online.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Here,
    Away,
}

impl Presence {
    pub(super) fn of(person: &ChatUser) -> Self {
        if person.away { Self::Away } else { Self::Here }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Here => "here",
            Self::Away => "away",
        }
    }

    pub(super) fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Here => words.online,
            Self::Away => words.away,
        }
    }
}

/// Of these people, how those stand who are online.
pub(super) fn presence(
    state: &State,
    wanted: impl Fn(&ChatId) -> bool,
) -> impl Iterator<Item = (&ChatId, Presence)> {
    let lobby = state.replica.room(&RoomId::lobby());
    let people = lobby.map(|room| room.roster.people()).unwrap_or_default();
    let people = people.iter().filter(move |person| wanted(&person.chat_id));
    people.map(|person| (&person.chat_id, Presence::of(person)))
}

/// One's face with how its owner stands, or the first two of several.
pub(super) fn faces(others: &[ChatUser], presence: Option<Presence>) -> Html {
    let class = classes!(
        "portrait",
        (others.len() > 1).then_some("several"),
        presence.map(Presence::class)
    );
    let face = |person: &ChatUser| html! { <AvatarPicture avatar={person.avatar.clone()} /> };
    html! { <span {class}>{ for others.iter().take(2).map(face) }</span> }
}
