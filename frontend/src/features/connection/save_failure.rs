//! Warns once that this browser cannot save anything.

use std::rc::Rc;

use yew::prelude::*;

use crate::{client::storage, prefs::use_words};

/// Renders a bar until it is dismissed, if a value could not be saved.
#[component(SaveFailure)]
pub(crate) fn save_failure() -> Html {
    let (_, words) = use_words();
    let unsaved = use_state_eq(|| false);
    let read = use_state_eq(|| false);
    {
        let unsaved = unsaved.clone();
        use_effect_with((), move |()| {
            unsaved.set(storage::has_failed());
            storage::on_save_failure(Some(Rc::new(move || unsaved.set(true))));
            || storage::on_save_failure(None)
        });
    }
    let dismiss = {
        let read = read.clone();
        Callback::from(move |_: MouseEvent| read.set(true))
    };
    if !*unsaved || *read {
        return html! {};
    }
    html! {
        <section class="notice-offer" role="alert">
            <p>{ words.cannot_save }</p>
            <div><button type="button" class="small quiet" onclick={dismiss}>{ words.close }</button></div>
        </section>
    }
}
