//! Renders the button that leads to the first unread message, if more is unread than is loaded.

use yew::prelude::*;

use crate::{
    history::use_navigator,
    prefs::use_words,
    store::{use_selected, use_store},
    ui::{Icon, IconPicture},
};

#[component(Missed)]
pub(super) fn missed() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let navigator = use_navigator();
    let missed = use_selected(|state| {
        let n = state.missed()?;
        Some((n, state.unread(state.room.as_ref()?)))
    });
    let Some((n, unread)) = missed else {
        return html! {};
    };
    let go = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| {
            let route = store.state().link(n);
            if store.state().is_at_message(n) {
                store.retry_jump();
            } else {
                navigator.push(route);
            }
        })
    };
    let mark_read = Callback::from(move |_: MouseEvent| store.mark_read());
    html! {
        <div class="jump missed">
            <button type="button" class="new-count" title={words.jump_to_first_unread} onclick={go}>
                { (words.unread_count)(unread) }<IconPicture icon={Icon::Up} />
            </button>
            <button type="button" onclick={mark_read}>{ words.mark_read }</button>
        </div>
    }
}
