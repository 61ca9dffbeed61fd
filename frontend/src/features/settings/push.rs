//! Being told of what is said while no page is open: asked for by a button only, and ended by it.

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;
use yew_router::prelude::*;

use crate::{
    browser,
    client::push::{self, Failed, Push},
    prefs::use_words,
    route::Route,
};

/// What is known of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    /// Somebody looks, or the browser asks.
    Nothing,
    Is(Push),
    Failed,
}

/// How it stands, and what can be done about it.
#[component(PushChoice)]
pub(super) fn push_choice() -> Html {
    let (_, words) = use_words();
    let known = use_state_eq(|| Known::Nothing);
    {
        let known = known.setter();
        use_effect_with((), move |()| {
            spawn_local(async move { known.set(Known::Is(push::look().await)) });
        });
    }
    let is_on = *known == Known::Is(Push::On);
    let can = matches!(*known, Known::Failed | Known::Is(Push::Off | Push::On));
    let onclick = {
        let known = known.setter();
        Callback::from(move |_: MouseEvent| {
            if !can {
                return;
            }
            let known = known.clone();
            known.set(Known::Nothing);
            spawn_local(async move {
                if is_on {
                    push::end().await;
                    return known.set(Known::Is(Push::Off));
                }
                known.set(match push::begin().await {
                    Ok(push) => Known::Is(push),
                    Err(Failed) => Known::Failed,
                });
            });
        })
    };
    let note = match *known {
        Known::Nothing => "",
        Known::Failed => words.push_failed,
        Known::Is(Push::Insecure) => words.push_insecure,
        Known::Is(Push::Unknown) => words.push_unknown,
        Known::Is(Push::NotInstalled) => words.push_install,
        Known::Is(Push::Denied) => words.push_denied,
        Known::Is(Push::Off) => words.push_off,
        Known::Is(Push::On) => words.push_on,
    };
    let action = if is_on {
        words.push_turn_off
    } else {
        words.push_turn_on
    };
    html! {
        <section class="push" aria-labelledby="push-title">
            <h3 id="push-title">{ words.push_title }</h3>
            // Not `disabled`, which would take the focus away from who has just pressed it.
            <button type="button" class="small" aria-describedby="push-note" aria-disabled={(!can).to_string()} {onclick}>
                { action }
            </button>
            <p id="push-note" role="status">{ note }</p>
        </section>
    }
}

/// Goes where whoever has pressed a notification wants to go.
#[component(PushPresses)]
pub(crate) fn push_presses() -> Html {
    let navigator = use_navigator();
    use_effect_with(navigator, |navigator| {
        let navigator = navigator.clone();
        let listener = push::on_press(move |path| {
            let here = browser::window().location().pathname().ok();
            if let (Some(navigator), Some(route @ Route::Room { .. })) = (&navigator, Route::at(&path))
                && here.as_ref() != Some(&path)
            {
                navigator.push(&route);
            }
        });
        move || drop(listener)
    });
    html! {}
}
