//! Choosing whom to talk with.

use snug_shared::{limits::DIRECT_PEOPLE, presence::ChatUser};
use yew::prelude::*;

use super::Chooser;
use crate::{
    prefs::use_words,
    store::{Talk, use_selected, use_store},
    ui::Dialog,
};

#[derive(PartialEq, Properties)]
pub(crate) struct NewProps {
    pub(crate) on_close: Callback<()>,
}

/// People; then one is there.
#[component(NewDirect)]
pub(crate) fn new_direct(props: &NewProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let chosen = use_state_eq(Vec::<ChatUser>::new);
    let (live, talk) = use_selected(|state| (state.replica.is_live(), state.talk.clone()));
    let under_way = matches!(talk, Talk::UnderWay(_));
    {
        let store = store.clone();
        use_effect_with((), move |()| move || store.forget_talk());
    }
    let on_change = {
        let (chosen, store) = (chosen.clone(), store.clone());
        Callback::from(move |people: Vec<ChatUser>| {
            store.forget_talk();
            chosen.set(people);
        })
    };
    let onsubmit = {
        let chosen = chosen.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if live && !under_way && !chosen.is_empty() {
                store.talk_with(chosen.iter().map(|it| it.chat_id.clone()).collect());
            }
        })
    };
    html! {
        <Dialog label={words.new_direct} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.new_direct }</h2>
            <form novalidate=true {onsubmit}>
                <Chooser most={DIRECT_PEOPLE - 1} chosen={(*chosen).clone()} {on_change} />
                <p class="field-note" role="alert">{ talk.refused().map(|code| code.sentence(lang)) }</p>
                <button type="submit" class="primary" disabled={!live || under_way || chosen.is_empty()}>
                    { if !live { words.waiting_for_connection } else if under_way { words.opening } else { words.start_direct } }
                </button>
            </form>
        </Dialog>
    }
}
