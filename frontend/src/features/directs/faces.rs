//! Renders the avatars of a conversation.

use snug_shared::presence::ChatUser;
use yew::prelude::*;

use crate::{
    i18n::{Words, isolated},
    ui::AvatarPicture,
};

/// The presence of a user who is online.
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

    fn word(self, words: &Words) -> &'static str {
        match self {
            Self::Here => words.online,
            Self::Away => words.away,
        }
    }
}

/// The participants of a conversation who are online, by their names.
pub(super) type Online = Vec<(String, Presence)>;

/// Renders the avatar of one participant with the presence, or the first two of several: at least one is present, or only away.
pub(super) fn faces(others: &[ChatUser], online: &Online) -> Html {
    let several = others.len() > 1;
    let presence = [Presence::Here, Presence::Away]
        .into_iter()
        .find(|presence| online.iter().any(|it| it.1 == *presence));
    let class = classes!(
        "portrait",
        several.then_some("several"),
        presence.map(Presence::class)
    );
    let face = |person: &ChatUser| html! { <AvatarPicture avatar={person.avatar.clone()} /> };
    html! { <span {class}>{ for others.iter().take(2).map(face) }</span> }
}

/// Returns the presence in words; for several participants, with their names.
pub(super) fn said(others: &[ChatUser], online: &Online, words: &Words) -> Vec<String> {
    let said = |presence: Presence| {
        let names = online
            .iter()
            .filter(|it| it.1 == presence)
            .map(|it| isolated(&it.0).to_string());
        let names: Vec<_> = names.collect();
        let word = presence.word(words);
        match names[..] {
            [] => None,
            _ if others.len() == 1 => Some(word.to_owned()),
            _ => Some(format!("{} {word}", names.join(words.name_separator))),
        }
    };
    [Presence::Here, Presence::Away]
        .into_iter()
        .filter_map(said)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::words;
    use snug_shared::lang::Lang;

    #[test]
    fn of_one_it_is_said_how_they_stand_and_of_several_who_they_are_too() {
        let people = ["Ann", "Bob", "Cem"]
            .map(|name| ChatUser::guest(name.try_into().expect("an id"), name.try_into().expect("a name")));
        let online = |stand: &[(&str, Presence)]| -> Online {
            stand
                .iter()
                .map(|(name, presence)| ((*name).to_owned(), *presence))
                .collect()
        };
        let (here, away) = (Presence::Here, Presence::Away);
        let (en, zh) = (words(Lang::En), words(Lang::Zh));
        assert_eq!(said(&people[..1], &online(&[("Ann", away)]), en), ["away"]);
        assert_eq!(said(&people, &online(&[]), en), [""; 0]);
        let some = online(&[("Ann", here), ("Bob", away), ("Cem", here)]);
        assert_eq!(said(&people, &some, en), ["Ann, Cem online", "Bob away"]);
        assert_eq!(said(&people, &some, zh), ["Ann、Cem 在线", "Bob 暂时离开"]);
    }
}
