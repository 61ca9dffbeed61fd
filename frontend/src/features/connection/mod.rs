//! How the connection stands, in words, when it does not stand well.

mod saving;

use gloo_timers::callback::{Interval, Timeout};
use yew::prelude::*;

pub(crate) use self::saving::CannotSave;
use crate::{
    browser,
    client::{Link, Stop},
    prefs::use_words,
    store::{use_selected, use_store},
};

/// Shorter troubles are over before they are read.
const WORTH_MENTIONING_MS: u32 = 1_000;

#[derive(PartialEq, Properties)]
pub(crate) struct ConnectionProps {
    /// What else is to be said quietly, while the connection stands well.
    #[prop_or_default]
    pub(crate) otherwise: AttrValue,
}

/// One quiet line. Its place is always there, so that its coming and going moves nothing.
#[component(ConnectionLine)]
pub(crate) fn connection_line(props: &ConnectionProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let (link, online, welcomed) =
        use_selected(|state| (state.link, state.online, state.replica.you().is_some()));
    let well = matches!(link, Link::Live | Link::Off);
    let shown = use_long_since(!well);
    let left = use_countdown(match link {
        Link::Waiting(until) if online => Some(until),
        _ => None,
    });
    let try_now = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.hurry())
    };
    let reload = Callback::from(|_: MouseEvent| {
        let _ = browser::window().location().reload();
    });
    let try_now = html! { <button type="button" class="small" onclick={try_now}>{ words.try_now }</button> };
    let (sentence, way_on) = match link {
        _ if well => (props.otherwise.to_string(), html! {}),
        _ if !shown => (String::new(), html! {}),
        Link::Stopped(Stop::Outdated) => (
            words.outdated.to_owned(),
            html! { <button type="button" class="small" onclick={reload}>{ words.reload }</button> },
        ),
        Link::Stopped(Stop::Refused(code)) => (code.sentence(lang), try_now),
        _ if !online => (words.offline.to_owned(), html! {}),
        Link::Waiting(_) if left > 0 => ((words.reconnecting_in)(left), try_now),
        _ if welcomed => (words.reconnecting.to_owned(), html! {}),
        _ => (words.connecting.to_owned(), html! {}),
    };
    let trouble = !well && !sentence.is_empty();
    let class = classes!("connection", trouble.then_some("trouble"));
    // The seconds are for the eye; to hear each of them would be torture.
    html! {
        <div {class} role="status" aria-atomic="false">
            <span>{ sentence }</span>
            { way_on }
        </div>
    }
}

/// Whether it has been so for long enough to be worth mentioning.
#[hook]
fn use_long_since(is: bool) -> bool {
    let long = use_state_eq(|| false);
    {
        let long = long.clone();
        use_effect_with(is, move |&is| {
            let timer = is.then(|| {
                let long = long.clone();
                Timeout::new(WORTH_MENTIONING_MS, move || long.set(true))
            });
            if !is {
                long.set(false);
            }
            move || drop(timer)
        });
    }
    *long && is
}

/// Whole seconds until then.
#[hook]
fn use_countdown(until: Option<f64>) -> u32 {
    let seconds = |until: f64| ((until - browser::elapsed()) / 1000.0).ceil().max(0.0) as u32;
    let left = use_state_eq(|| 0);
    {
        let left = left.clone();
        use_effect_with(until, move |&until| {
            let timer = until.map(|until| {
                left.set(seconds(until));
                Interval::new(250, move || left.set(seconds(until)))
            });
            move || drop(timer)
        });
    }
    *left
}
