//! Tells once that this browser does not save anything.

use std::rc::Rc;

use yew::prelude::*;

use crate::{client::saving, prefs::use_words};

/// A bar until it is dismissed, or nothing.
#[component(CannotSave)]
pub(crate) fn cannot_save() -> Html {
    let (_, words) = use_words();
    let unsaved = use_state_eq(|| false);
    let read = use_state_eq(|| false);
    {
        let unsaved = unsaved.clone();
        use_effect_with((), move |()| {
            unsaved.set(saving::cannot_save());
            saving::tell_when_it_cannot_save(Some(Rc::new(move || unsaved.set(true))));
            || saving::tell_when_it_cannot_save(None)
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
