//! Whether this device gives notice: asked for where one looks for it, and never by itself.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    browser::{Permission, ask, permission},
    quiet,
};
use crate::{
    client::saving::{self, Notices},
    prefs::use_words,
};

/// From ten in the evening to eight.
const NIGHT: (u16, u16) = (22 * 60, 8 * 60);

#[derive(PartialEq, Properties)]
pub(crate) struct SettingProps {
    /// Also when it is to be quiet.
    #[prop_or_default]
    pub(crate) hours: bool,
}

/// A line with a button, or why there is none.
#[component(NoticeSetting)]
pub(crate) fn notice_setting(props: &SettingProps) -> Html {
    let (_, words) = use_words();
    let notices = use_state_eq(saving::notices);
    let allowed = use_state_eq(permission);
    let keep = {
        let notices = notices.clone();
        Callback::from(move |new: Notices| {
            saving::keep_notices(&new);
            notices.set(new);
        })
    };
    let on = notices.on && *allowed == Permission::Granted;
    let turn = {
        let (keep, allowed, quiet) = (keep.clone(), allowed.clone(), notices.quiet);
        Callback::from(move |_: MouseEvent| {
            let (keep, allowed) = (keep.clone(), allowed.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let granted = if on { permission() } else { ask().await };
                allowed.set(granted);
                let on = !on && granted == Permission::Granted;
                keep.emit(Notices { on, quiet });
            });
        })
    };
    let instead = match *allowed {
        Permission::Never => Some(words.notify_never),
        Permission::Denied => Some(words.notify_denied),
        Permission::Unasked | Permission::Granted => None,
    };
    let label = if on { words.turn_off } else { words.turn_on };
    html! {
        <section class="notices">
            <div class="notices-line">
                <p id="notices-label">{ words.notify }</p>
                if instead.is_none() {
                    <button type="button" class="small" aria-describedby="notices-label" onclick={turn}>{ label }</button>
                }
            </div>
            if let Some(instead) = instead {
                <p class="instead">{ instead }</p>
            }
            if props.hours && on {
                <Hours notices={(*notices).clone()} {keep} />
            }
        </section>
    }
}

#[derive(PartialEq, Properties)]
struct HoursProps {
    notices: Notices,
    keep: Callback<Notices>,
}

#[component(Hours)]
fn hours(props: &HoursProps) -> Html {
    let (_, words) = use_words();
    let hours = props.notices.quiet;
    let set = {
        let keep = props.keep.clone();
        move |quiet: Option<(u16, u16)>| keep.emit(Notices { on: true, quiet })
    };
    let toggle = {
        let set = set.clone();
        Callback::from(move |_: Event| set(if hours.is_none() { Some(NIGHT) } else { None }))
    };
    let time = |label: &'static str, minute: u16, with: fn((u16, u16), u16) -> (u16, u16)| {
        let set = set.clone();
        let onchange = Callback::from(move |event: Event| {
            let field = event
                .target()
                .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            if let (Some(minute), Some(hours)) = (field.and_then(|it| quiet::read(&it.value())), hours) {
                set(Some(with(hours, minute)));
            }
        });
        html! {
            <label><span>{ label }</span><input type="time" value={quiet::written(minute)} disabled={hours.is_none()} {onchange} /></label>
        }
    };
    let (from, to) = hours.unwrap_or(NIGHT);
    html! {
        <fieldset class="quiet-hours">
            <legend class="unseen">{ words.quiet_hours }</legend>
            <label><input type="checkbox" checked={hours.is_some()} onchange={toggle} /><span>{ words.quiet_hours }</span></label>
            { time(words.quiet_from, from, |(_, to), from| (from, to)) }
            { time(words.quiet_to, to, |(from, _), to| (from, to)) }
        </fieldset>
    }
}
