//! Renders the lower end of a stretch after a jump: there are more messages. Its height is the same in every state.

use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{LoadState, use_selected, use_store},
};

#[component(LowerEnd)]
pub(super) fn lower_end() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let newer = use_selected(|state| state.newer());
    let again = Callback::from(move |_: MouseEvent| store.load_newer());
    html! {
        <div class="lower-end">
            if newer == LoadState::Failed {
                <p>{ words.newer_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            } else {
                <p>{ words.loading_newer }</p>
            }
        </div>
    }
}
