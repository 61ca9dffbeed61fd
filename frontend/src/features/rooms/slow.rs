//! Sets a room's slow mode: for moderators.

use snug_shared::{ids::RoomId, people::ModerationAction};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::{
    client::admin,
    features::request::{sentence, use_request},
    prefs::use_words,
    store::use_selected,
};

/// The seconds between two messages of one user that are offered.
const TIMES: [u32; 7] = [0, 5, 30, 60, 300, 900, 3_600];

#[derive(PartialEq, Properties)]
pub(super) struct SlowProps {
    pub(super) room: RoomId,
}

/// Renders a menu of times; another one that was set elsewhere is among them.
#[component(SlowDown)]
pub(super) fn slow_down(props: &SlowProps) -> Html {
    let (lang, words) = use_words();
    let request = use_request();
    let slow = use_selected(|state| {
        let info = state.current_room().and_then(|room| room.info.as_ref());
        info.map_or(0, |info| info.slow_mode)
    });
    let mut times = TIMES.to_vec();
    if let Err(at) = times.binary_search(&slow) {
        times.insert(at, slow);
    }
    let menu = use_node_ref();
    let show = {
        let menu = menu.clone();
        move || {
            if let Some(menu) = menu.cast::<HtmlSelectElement>() {
                menu.set_value(&slow.to_string());
            }
        }
    };
    {
        let show = show.clone();
        use_effect_with(slow, move |_| show());
    }
    use_effect_with(request.failure().is_some(), move |&failed| {
        if failed {
            show();
        }
    });
    let onchange = {
        let (request, room) = (request.clone(), props.room.clone());
        Callback::from(move |event: Event| {
            let menu = event
                .target()
                .and_then(|it| it.dyn_into::<HtmlSelectElement>().ok());
            if let Some(seconds) = menu.and_then(|it| it.value().parse().ok()) {
                let room = room.clone();
                request.send(
                    admin::act(ModerationAction::SetSlowMode { room, seconds }),
                    |()| (),
                );
            }
        })
    };
    let option = |seconds: u32| {
        let name = match seconds {
            0 => words.slow_off.to_owned(),
            seconds => (words.slow_time)(seconds),
        };
        html! { <option key={seconds} value={seconds.to_string()}>{ name }</option> }
    };
    html! {
        <section class="slow-down">
            <label class="menu">
                <span>{ words.slow_mode }</span>
                <select ref={menu} aria-describedby="slow-note" {onchange}>{ for times.into_iter().map(option) }</select>
            </label>
            <p id="slow-note" class="about">{ words.slow_about }</p>
            if let Some(failure) = request.failure() {
                <p class="bad" role="alert">{ sentence(failure, lang) }</p>
            }
        </section>
    }
}
