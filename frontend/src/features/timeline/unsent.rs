//! Renders messages that were refused because their room was left or deleted: no timeline shows them any more.

use snug_shared::replica::{Pending, PendingState};
use yew::prelude::*;

use crate::{
    browser,
    prefs::use_words,
    store::{use_selected, use_store},
};

/// Renders the oldest of them, to copy or to delete, or nothing.
#[component(Unsent)]
pub(crate) fn unsent() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let oldest = use_selected(|state| {
        let replica = &state.replica;
        let is_lost =
            |it: &&Pending| matches!(it.state, PendingState::Refused(_)) && replica.room(&it.room).is_none();
        let lost = replica.outbox().pending().iter().find(is_lost);
        // Before the server has sent the user's rooms, none is known.
        lost.filter(|_| replica.is_live()).cloned()
    });
    let Some(Pending { key, text, .. }) = oldest else {
        return html! {};
    };
    let copy = {
        let text = text.clone();
        Callback::from(move |_: MouseEvent| {
            let text = text.as_str().to_owned();
            wasm_bindgen_futures::spawn_local(async move {
                // Where the browser forbids the page to copy, the user can select the text.
                browser::copy(&text).await;
            });
        })
    };
    let discard = Callback::from(move |_: MouseEvent| store.discard(&key));
    html! {
        <section class="notice-offer" role="alert">
            <p>{ words.not_sent_left_room }</p>
            <blockquote dir="auto" tabindex="0">{ text.as_str() }</blockquote>
            <div>
                <button type="button" class="small" onclick={copy}>{ words.copy_text }</button>
                <button type="button" class="small quiet" onclick={discard}>{ words.delete_now }</button>
            </div>
        </section>
    }
}
