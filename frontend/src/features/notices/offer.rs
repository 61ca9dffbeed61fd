//! Offering to give notice, when it is plain what for: something was said to one. Asked for once on a device, and never before
//! somebody has said yes here.

use yew::prelude::*;

use super::browser::{Permission, ask, permission};
use crate::{client::storage, prefs::use_words, store::use_selected};

/// A quiet bar, or nothing.
#[component(NoticeOffer)]
pub(crate) fn notice_offer() -> Html {
    let (_, words) = use_words();
    let said_to_me = use_selected(|state| state.said_to_me);
    let answered = use_state_eq(storage::offer_dismissed);
    if !said_to_me || *answered || permission() != Permission::Unasked {
        return html! {};
    }
    let yes = {
        let answered = answered.clone();
        Callback::from(move |_: MouseEvent| {
            let answered = answered.clone();
            wasm_bindgen_futures::spawn_local(async move {
                storage::save_notifications_enabled(ask().await == Permission::Granted);
                answered.set(true);
            });
        })
    };
    let no = Callback::from(move |_: MouseEvent| {
        storage::save_offer_dismissed();
        answered.set(true);
    });
    html! {
        <section class="notice-offer" aria-label={words.notify_offer}>
            <p>{ words.notify_offer }</p>
            <div>
                <button type="button" class="small" onclick={yes}>{ words.yes }</button>
                <button type="button" class="small quiet" onclick={no}>{ words.not_now }</button>
            </div>
        </section>
    }
}
