//! Shows which users are typing, and reports that the user is.

mod throttle;

use snug_shared::ids::RoomId;
use yew::prelude::*;

use self::throttle::Throttle;
use crate::{
    browser,
    i18n::Words,
    prefs::use_words,
    store::{use_selected, use_store},
};

/// The callbacks of a room's composer.
pub(crate) struct TypingReporter {
    /// The callback that is called when the text has changed, with whether there is any.
    pub(crate) typed: Callback<bool>,
    /// The callback that is called when the text was sent.
    pub(crate) sent: Callback<()>,
}

/// Reports that the user is typing in a room, and when the component unmounts, that they have stopped.
#[hook]
pub(crate) fn use_typing_reporter(room: &RoomId) -> TypingReporter {
    let store = use_store();
    let throttle = use_mut_ref(Throttle::default);
    let typed = {
        let (throttle, room) = (throttle.clone(), room.clone());
        Callback::from(move |some: bool| {
            if let Some(is) = throttle.borrow_mut().typed(some, browser::elapsed()) {
                store.set_typing(&room, is);
            }
        })
    };
    {
        let typed = typed.clone();
        use_effect_with((), move |()| move || typed.emit(false));
    }
    let sent = Callback::from(move |()| throttle.borrow_mut().sent());
    TypingReporter { typed, sent }
}

/// Renders which users are typing in the room. The space beside the connection's line is reserved. It is no
/// live region: a screen reader would announce each beginning and end.
#[component(TypingLine)]
pub(crate) fn typing_line() -> Html {
    let (_, words) = use_words();
    let (names, count) = use_selected(|state| {
        let Some(room) = state.current_room() else {
            return (Vec::new(), 0);
        };
        let known = room.typing.known(&room.roster);
        let names: Vec<_> = known.map(|person| person.name.to_string()).collect();
        (names, room.typing.count())
    });
    html! {
        <div class="typing">
            if let Some(sentence) = sentence(words, &names, count) {
                <span class="dots" aria-hidden="true"><i /><i /><i /></span>
                <span class="writers">{ sentence }</span>
            }
        </div>
    }
}

fn sentence(words: &Words, names: &[String], count: usize) -> Option<String> {
    Some(match (names, count) {
        (_, 0) => return None,
        ([ann], 1) => (words.typing_one)(ann),
        ([ann, bob], 2) => (words.typing_two)(ann, bob),
        ([ann, bob, cem], 3) => (words.typing_three)(ann, bob, cem),
        ([ann, ..], count) => (words.typing_more)(ann, count - 1),
        // The roster of a large room arrives a moment later.
        ([], count) => (words.typing_some)(count),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::words;
    use snug_shared::lang::Lang;

    #[test]
    fn up_to_three_are_named_and_more_are_counted() {
        let people = ["Ann", "Bob", "Cem"].map(str::to_owned);
        let said = |lang, known: usize, count| sentence(words(lang), &people[..known], count);
        let en = |known, count| said(Lang::En, known, count).expect("somebody");
        assert_eq!(said(Lang::En, 0, 0), None);
        assert_eq!(en(1, 1), "Ann is typing");
        assert_eq!(en(2, 2), "Ann and Bob are typing");
        assert_eq!(en(3, 3), "Ann, Bob and Cem are typing");
        assert_eq!(en(3, 4), "Ann and 3 others are typing");
        assert_eq!(en(1, 2), "Ann and 1 other are typing");
        assert_eq!(en(0, 1), "Someone is typing");
        assert_eq!(en(0, 7), "7 people are typing");
        assert_eq!(said(Lang::Zh, 3, 12).as_deref(), Some("Ann 等 12 人正在输入"));
    }
}
