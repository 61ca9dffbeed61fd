//! Renders the form for a new direct conversation.

use snug_shared::{limits::DIRECT_PEOPLE, presence::ChatUser};
use yew::prelude::*;

use super::Chooser;
use crate::{
    prefs::use_words,
    store::{use_selected, use_store},
    ui::Dialog,
};

#[derive(PartialEq, Properties)]
pub(crate) struct NewProps {
    pub(crate) on_close: Callback<()>,
}

/// Renders the chooser of participants; then the conversation opens.
#[component(NewDirect)]
pub(crate) fn new_direct(props: &NewProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let chosen = use_state_eq(Vec::<ChatUser>::new);
    let (live, pending, refused) = use_selected(|state| {
        let (pending, refused) = (state.is_opening_direct(), state.open_direct_refused());
        (state.replica.is_live(), pending, refused)
    });
    {
        let store = store.clone();
        use_effect_with((), move |()| move || store.clear_open_direct());
    }
    let on_change = {
        let (chosen, store) = (chosen.clone(), store.clone());
        Callback::from(move |people: Vec<ChatUser>| {
            store.clear_open_direct();
            chosen.set(people);
        })
    };
    let onsubmit = {
        let chosen = chosen.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if live && !pending && !chosen.is_empty() {
                store.open_direct(chosen.iter().map(|it| it.chat_id.clone()).collect());
            }
        })
    };
    html! {
        <Dialog label={words.new_direct} close={words.close} on_close={props.on_close.clone()}>
            <h2>{ words.new_direct }</h2>
            <form novalidate=true {onsubmit}>
                <Chooser most={DIRECT_PEOPLE - 1} chosen={(*chosen).clone()} {on_change} />
                <p class="field-note" role="alert">{ refused.map(|code| code.sentence(lang)) }</p>
                <button type="submit" class="primary" disabled={!live || pending || chosen.is_empty()}>
                    { if !live { words.waiting_for_connection } else if pending { words.loading } else { words.start_direct } }
                </button>
            </form>
        </Dialog>
    }
}
