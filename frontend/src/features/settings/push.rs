//! Turns push notifications on and off in this browser.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::{
    browser,
    client::push::{self, Failed, PushStatus},
    history::use_navigator,
    prefs::use_words,
    route::{Route, at},
};

/// The state that the setting shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// The status is being read, or the browser asks the user.
    Pending,
    /// The status is known.
    Status(PushStatus),
    /// Push notifications could not be turned on.
    Failed,
}

/// Renders the status of push notifications and the button that changes it.
#[component(PushChoice)]
pub(super) fn push_choice() -> Html {
    let (_, words) = use_words();
    let shown = use_state_eq(|| Shown::Pending);
    {
        let shown = shown.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { shown.set(Shown::Status(push::status().await)) });
        });
    }
    let is_on = *shown == Shown::Status(PushStatus::On);
    let can = matches!(
        *shown,
        Shown::Failed | Shown::Status(PushStatus::Off | PushStatus::On)
    );
    let onclick = {
        let shown = shown.setter();
        Callback::from(move |_: MouseEvent| {
            if !can {
                return;
            }
            let shown = shown.clone();
            shown.set(Shown::Pending);
            spawn_local(async move {
                if is_on {
                    push::turn_off().await;
                    return shown.set(Shown::Status(PushStatus::Off));
                }
                shown.set(match push::turn_on().await {
                    Ok(push) => Shown::Status(push),
                    Err(Failed) => Shown::Failed,
                });
            });
        })
    };
    let note = match *shown {
        Shown::Pending => "",
        Shown::Failed => words.push_failed,
        Shown::Status(PushStatus::Insecure) => words.push_insecure,
        Shown::Status(PushStatus::Unknown) => words.push_unsupported,
        Shown::Status(PushStatus::NotInstalled) => words.push_install,
        Shown::Status(PushStatus::Denied) => words.push_denied,
        Shown::Status(PushStatus::Off) => words.push_off,
        Shown::Status(PushStatus::On) => words.push_on,
    };
    let action = if is_on {
        words.push_turn_off
    } else {
        words.push_turn_on
    };
    html! {
        <section class="push" aria-labelledby="push-title">
            <h3 id="push-title">{ words.push_title }</h3>
            // Not `disabled`, which would take the focus away from the user who has just pressed it.
            <button type="button" class="small" aria-describedby="push-note" aria-disabled={(!can).to_string()} {onclick}>
                { action }
            </button>
            <p id="push-note" role="status">{ note }</p>
        </section>
    }
}

/// Opens the room of a notification that the user has pressed.
#[component(PushPresses)]
pub(crate) fn push_presses() -> Html {
    let navigator = use_navigator();
    use_effect_with(navigator, |navigator| {
        let navigator = navigator.clone();
        let listener = push::on_press(move |path| {
            let here = browser::window().location().pathname().ok();
            if let Some(route @ Route::Room { .. }) = at(&path)
                && here.as_ref() != Some(&path)
            {
                navigator.push(route);
            }
        });
        move || drop(listener)
    });
    html! {}
}
