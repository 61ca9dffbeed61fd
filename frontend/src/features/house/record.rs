//! What was done to keep order, the newest first.

use std::rc::Rc;

use snug_shared::{limits::RECORDS, people::Record as Entry};
use yew::prelude::*;

use crate::{
    client::house,
    features::asking::{sentence, use_asking},
    i18n::{Style, format},
    prefs::use_words,
};

#[component(Record)]
pub(super) fn record() -> Html {
    let (lang, words) = use_words();
    let said = words.house;
    let entries = use_state(|| None::<Rc<[Entry]>>);
    // Whether there is more before it.
    let more = use_state_eq(|| false);
    let asking = use_asking();
    let load = {
        let (entries, more, asking) = (entries.clone(), more.clone(), asking.clone());
        Callback::from(move |()| {
            let known: Vec<Entry> = entries.as_ref().map(|it| it.to_vec()).unwrap_or_default();
            let (entries, more) = (entries.clone(), more.clone());
            let before = known.last().map(|it| it.n);
            asking.ask(house::record(before), move |older| {
                more.set(older.len() == RECORDS);
                entries.set(Some(known.into_iter().chain(older).collect()));
            });
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let row = |it: &Entry| {
        html! {
            <li key={it.n.0}>
                <span dir="auto">{ (said.recorded)(it) }</span>
                <time title={format(it.at, Style::Exact, lang)}>{ format(it.at, Style::Moment, lang) }</time>
            </li>
        }
    };
    html! {
        <>
            <p class="form-note" role="alert">{ asking.failure().map(|failure| sentence(failure, lang)) }</p>
            { match &*entries {
                None => html! { <p class="about">{ said.loading }</p> },
                Some(entries) if entries.is_empty() => html! { <p class="about">{ said.nothing_recorded }</p> },
                Some(entries) => html! { <ol class="record" aria-label={said.record}>{ for entries.iter().map(row) }</ol> },
            } }
            if *more {
                <button type="button" class="small" onclick={load.reform(|_: MouseEvent| ())}>{ said.more }</button>
            }
        </>
    }
}
