//! Shows the progress of a jump in place of the messages, until the message is loaded.

use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{JumpState, use_selected, use_store},
    ui::Logo,
};

/// Renders the progress of a jump: the message is being loaded, or loading it has failed.
#[component(JumpBanner)]
pub(super) fn jump_banner() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let failed = use_selected(|state| state.jump_state() == Some(JumpState::Failed));
    let again = Callback::from(move |_: MouseEvent| store.retry_jump());
    html! {
        <div class="nothing-yet">
            <Logo />
            if failed {
                <p>{ words.message_failed }</p>
                <button type="button" class="small" onclick={again}>{ words.try_again }</button>
            } else {
                <p>{ words.searching }</p>
            }
        </div>
    }
}
