//! Renders, in place of the composer, that the user is muted, and until when.

use gloo_timers::callback::Interval;
use snug_shared::{ids::Millis, lang::Lang};
use yew::prelude::*;

use crate::{
    browser,
    i18n::{Style, format},
    prefs::use_words,
    store::use_selected,
};

const SECOND_MS: u32 = 1_000;
const DAY_MS: f64 = 86_400_000.0;

/// Returns when the user's mute ends, in milliseconds since the page was loaded.
#[hook]
pub(crate) fn use_muted() -> Option<f64> {
    let until = use_selected(|state| state.posting_limits.muted_until());
    let over = use_state_eq(|| false);
    {
        let over = over.clone();
        use_effect_with(until, move |&until| {
            over.set(false);
            // A timer for the whole time would be late by as long as the machine sleeps.
            let watch =
                until.map(|until| Interval::new(SECOND_MS, move || over.set(browser::elapsed() >= until)));
            move || drop(watch)
        });
    }
    until.filter(|_| !*over)
}

/// Formats a time since the page was loaded as a time of day, with its date unless it is within a day.
pub(crate) fn at_what_time(elapsed: f64, lang: Lang) -> String {
    let left = elapsed - browser::elapsed();
    let style = if left < DAY_MS { Style::Time } else { Style::Moment };
    format(Millis((browser::now() + left) as i64), style, lang)
}

#[derive(PartialEq, Properties)]
pub(crate) struct MutedProps {
    pub(crate) until: f64,
}

/// Renders the notice as one unobtrusive line.
#[component(Muted)]
pub(crate) fn muted(props: &MutedProps) -> Html {
    let (lang, words) = use_words();
    html! {
        <div class="no-composer" aria-live="polite">
            <p>{ (words.you_are_muted)(&at_what_time(props.until, lang)) }</p>
        </div>
    }
}
