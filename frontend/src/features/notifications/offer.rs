//! Offers notifications once on a device, after the first message that is addressed to the user. The browser
//! asks for its permission only after the user has accepted.

use yew::prelude::*;

use super::browser::{Permission, permission, request_permission};
use crate::{client::storage, prefs::use_words, store::use_selected};

/// Renders the offer as a bar, or nothing.
#[component(NotificationOffer)]
pub(crate) fn notification_offer() -> Html {
    let (_, words) = use_words();
    let was_addressed = use_selected(|state| state.was_addressed);
    let answered = use_state_eq(storage::offer_dismissed);
    if !was_addressed || *answered || permission() != Permission::Unasked {
        return html! {};
    }
    let yes = {
        let answered = answered.clone();
        Callback::from(move |_: MouseEvent| {
            let answered = answered.clone();
            wasm_bindgen_futures::spawn_local(async move {
                storage::save_notifications_enabled(request_permission().await == Permission::Granted);
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
                <button type="button" class="small" onclick={yes}>{ words.turn_on }</button>
                <button type="button" class="small quiet" onclick={no}>{ words.not_now }</button>
            </div>
        </section>
    }
}
