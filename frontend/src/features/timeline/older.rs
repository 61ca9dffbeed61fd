//! Renders the upper end of what is loaded: there are more messages, or the room begins. Its height is the same
//! in every state, so that nothing below it moves.

use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{LoadState, use_selected, use_store},
    ui::Logo,
};

#[derive(PartialEq, Properties)]
pub(super) struct OlderProps {
    /// Whether the room's beginning is loaded.
    pub(super) complete: bool,
    /// The text above the first message.
    pub(super) beginning: AttrValue,
}

#[component(UpperEnd)]
pub(super) fn upper_end(props: &OlderProps) -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let older = use_selected(|state| state.older());
    let again = Callback::from(move |_: MouseEvent| store.load_older());
    html! {
        <div class="upper-end">
            if props.complete {
                <Logo />
                <b>{ &props.beginning }</b>
                <p>{ words.beginning_more }</p>
            } else if older == LoadState::Failed {
                <p>{ words.older_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            } else {
                <p>{ words.loading_older }</p>
            }
        </div>
    }
}
