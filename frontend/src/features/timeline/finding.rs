//! In the place of what was said, until the message that the address names is there.

use yew::prelude::*;

use crate::{
    prefs::use_words,
    store::{JumpState, use_selected, use_store},
    ui::Logo,
};

#[component(Finding)]
pub(super) fn finding() -> Html {
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
                <p>{ words.looking }</p>
            }
        </div>
    }
}
