//! Observes whether a media query matches.

use gloo_events::EventListener;
use yew::prelude::*;

use crate::browser;

#[hook]
pub(crate) fn use_media(query: &'static str) -> bool {
    let list = use_memo(query, |query| browser::window().match_media(query).ok().flatten());
    let holds = use_state_eq(|| list.as_ref().as_ref().is_some_and(|list| list.matches()));
    {
        let holds = holds.clone();
        use_effect_with(query, move |_| {
            let listener = list.as_ref().clone().map(|list| {
                let now = list.clone();
                EventListener::new(&list, "change", move |_| holds.set(now.matches()))
            });
            move || drop(listener)
        });
    }
    *holds
}
