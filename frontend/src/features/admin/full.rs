//! Informs owners on every page that the disk is full.

use gloo_timers::callback::Interval;
use snug_shared::people::Role;
use yew::prelude::*;

use super::link::RouteLink;
use crate::{
    client::admin,
    i18n::storage::words as storage_words,
    prefs::use_words,
    route::{AdminTab, Route},
    store::use_selected,
};

/// The interval at which the sizes are requested, in milliseconds.
const ASK_MS: u32 = 60_000;

/// Renders a bar for owners while the server accepts no messages for want of space, or nothing.
#[component(DiskFull)]
pub(crate) fn disk_full() -> Html {
    let (lang, _) = use_words();
    let full = use_state_eq(|| false);
    let owner = use_selected(|state| state.replica.you().is_some_and(|you| you.role == Role::Owner));
    {
        let full = full.clone();
        use_effect_with(owner, move |owner| {
            let ask = move || {
                let full = full.clone();
                wasm_bindgen_futures::spawn_local(async move {
                    // Without an answer the bar stays as it is.
                    if let Ok(sizes) = admin::storage_sizes().await {
                        full.set(sizes.full);
                    }
                });
            };
            let interval = owner.then(|| {
                ask();
                Interval::new(ASK_MS, ask)
            });
            move || drop(interval)
        });
    }
    if !*full || !owner {
        return html! {};
    }
    let said = storage_words(lang);
    html! {
        <section class="storage-full" role="status">
            <p><b>{ said.full }</b>{ " " }<RouteLink to={Route::AdminTab(AdminTab::Storage)}>{ said.full_link }</RouteLink></p>
        </section>
    }
}
