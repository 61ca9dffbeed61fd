//! Opens the direct conversation with a user from the roster.

use snug_shared::ids::ChatId;
use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{State, use_selected, use_store},
    ui::{Icon, IconPicture},
};

#[derive(PartialEq, Properties)]
pub(crate) struct ButtonProps {
    pub(crate) person: ChatId,
    pub(crate) name: AttrValue,
}

/// Renders the button that opens the direct conversation.
#[component(DirectButton)]
pub(crate) fn direct_button(props: &ButtonProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let label = (words.message_person)(&props.name);
    let onclick = {
        let person = props.person.clone();
        Callback::from(move |_: MouseEvent| store.open_direct(vec![person.clone()]))
    };
    html! {
        <button type="button" class="plain talk" aria-label={label.clone()} title={label} {onclick}>
            <IconPicture icon={Icon::Talk} />
        </button>
    }
}

/// Renders why a direct conversation was refused. The refusal is cleared when the component unmounts.
#[component(DirectRefused)]
pub(crate) fn direct_refused() -> Html {
    let (lang, _) = use_words();
    let store = use_store();
    let refused = use_selected(State::open_direct_refused);
    use_effect_with((), move |()| move || store.clear_open_direct());
    match refused {
        Some(code) => html! { <p class="talk-refused" role="alert">{ code.sentence(lang) }</p> },
        None => html! {},
    }
}
