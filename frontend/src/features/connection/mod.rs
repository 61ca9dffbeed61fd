//! Describes the state of the connection in words, unless it is connected.

mod save_failure;

use gloo_timers::callback::Timeout;
use yew::prelude::*;

pub(crate) use self::save_failure::SaveFailure;
use crate::{
    browser,
    client::{ConnectionState, Obstacle, StopReason},
    prefs::use_words,
    store::{use_selected, use_store},
    ui::use_countdown,
};

/// The duration below which a disturbance is not shown, in milliseconds: it would be over before it is read.
const WORTH_MENTIONING_MS: u32 = 1_000;

#[derive(PartialEq, Properties)]
pub(crate) struct ConnectionProps {
    /// The text that is shown unobtrusively while the connection is live.
    #[prop_or_default]
    pub(crate) otherwise: AttrValue,
}

/// Renders one unobtrusive line. Its space is always reserved, so that its appearance moves nothing.
#[component(ConnectionLine)]
pub(crate) fn connection_line(props: &ConnectionProps) -> Html {
    let (lang, words) = use_words();
    let store = use_store();
    let (connection, obstacle, online, welcomed) = use_selected(|state| {
        (
            state.connection,
            state.obstacle,
            state.online,
            state.replica.you().is_some(),
        )
    });
    let well = matches!(connection, ConnectionState::Live | ConnectionState::Off);
    let shown = use_long_since(!well);
    let left = use_countdown(match connection {
        ConnectionState::Waiting(until) if online => Some(until),
        _ => None,
    });
    let try_now = {
        let store = store.clone();
        Callback::from(move |_: MouseEvent| store.reconnect_now())
    };
    let try_now = html! { <button type="button" class="small" onclick={try_now}>{ words.try_now }</button> };
    let reload = html! { <button type="button" class="small" onclick={reload()}>{ words.reload }</button> };
    let counted = (left > 0).then(|| (words.reconnecting_in)(left));
    let (sentence, counted, way_on) = match connection {
        _ if well => (props.otherwise.to_string(), None, html! {}),
        _ if !shown => (String::new(), None, html! {}),
        ConnectionState::Stopped(StopReason::Outdated) => (words.outdated.to_owned(), None, reload),
        ConnectionState::Stopped(StopReason::Refused(code)) => (code.sentence(lang), None, try_now),
        _ if !online => (words.offline.to_owned(), None, html! {}),
        _ => match obstacle {
            // Another attempt would find the same gate.
            Some(Obstacle::Gate) => (words.captive_portal.to_owned(), None, reload),
            Some(Obstacle::Sockets) => (words.sockets_blocked.to_owned(), counted, try_now),
            Some(Obstacle::Unreachable) => (words.server_unreachable.to_owned(), counted, try_now),
            Some(Obstacle::Away) => (words.server_down.to_owned(), counted, try_now),
            Some(Obstacle::Refused(code)) => (code.sentence(lang), counted, try_now),
            None if counted.is_some() => (String::new(), counted, try_now),
            None if welcomed => (words.reconnecting.to_owned(), None, html! {}),
            None => (words.connecting.to_owned(), None, html! {}),
        },
    };
    let trouble = !well && shown;
    let class = classes!("connection", trouble.then_some("trouble"));
    // The seconds are visible only: a screen reader must not announce each of them.
    html! {
        <div {class} role="status" aria-atomic="false">
            <span>{ sentence }{ for counted.map(|it| html! { <span aria-hidden="true">{ " " }{ it }</span> }) }</span>
            { way_on }
        </div>
    }
}

/// Returns a callback that reloads the page.
fn reload() -> Callback<MouseEvent> {
    Callback::from(|_: MouseEvent| {
        let _ = browser::window().location().reload();
    })
}

/// Renders a bar that offers the server's version of the page, until the user postpones it.
#[component(NewVersion)]
pub(crate) fn new_version() -> Html {
    let (_, words) = use_words();
    let other = use_selected(|state| state.other_version);
    let later = use_state_eq(|| false);
    let put_off = {
        let later = later.clone();
        Callback::from(move |_: MouseEvent| later.set(true))
    };
    if !other || *later {
        return html! {};
    }
    html! {
        <section class="notice-offer" aria-live="polite">
            <p>{ words.new_version }</p>
            <div>
                <button type="button" class="small" onclick={reload()}>{ words.reload }</button>
                <button type="button" class="small quiet" onclick={put_off}>{ words.not_now }</button>
            </div>
        </section>
    }
}

/// Returns whether `is` has been true for long enough to be shown.
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
