//! The way from somebody in the roster to the conversation with them.

use snug_shared::ids::ChatId;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ButtonProps {
    pub(crate) person: ChatId,
    pub(crate) name: AttrValue,
}

#[component(TalkButton)]
pub(crate) fn talk_button(props: &ButtonProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let label = (words.message_person)(&props.name);
    let onclick = {
        let person = props.person.clone();
        Callback::from(move |_: MouseEvent| store.talk_with(vec![person.clone()]))
    };
    html! {
        <button type="button" class="plain talk" aria-label={label.clone()} title={label} {onclick}>
            <IconPicture icon={Icon::Talk} />
        </button>
    }
}

/// Why one does not talk with whom one wanted to, until one has read it and goes on.
#[component(TalkRefused)]
pub(crate) fn talk_refused() -> Html {
    let (lang, _) = use_words();
    let store = use_store();
    let refused = use_selected(|state| state.talk.refused());
    use_effect_with((), move |()| move || store.forget_talk());
    match refused {
        Some(code) => html! { <p class="talk-refused" role="alert">{ code.sentence(lang) }</p> },
        None => html! {},
    }
}
