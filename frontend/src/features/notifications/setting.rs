//! Renders the setting of notifications on this device.

use snug_shared::settings::{Minute, Quiet};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    browser::{Permission, permission, request_permission},
    time_field,
};
use crate::{
    client::storage,
    prefs::{use_prefs, use_words},
    store::use_store,
};

/// The quiet hours that are offered first: from ten in the evening to eight.
const NIGHT: Quiet = Quiet {
    from: Minute::at(22, 0).expect("an hour"),
    to: Minute::at(8, 0).expect("an hour"),
};

#[derive(PartialEq, Properties)]
pub(crate) struct SettingProps {
    /// Whether the quiet hours are shown as well.
    #[prop_or_default]
    pub(crate) hours: bool,
}

/// Renders the button that turns notifications on and off, or why they are not possible.
#[component(NotificationSetting)]
pub(crate) fn notification_setting(props: &SettingProps) -> Html {
    let (_, words) = use_words();
    let enabled = use_state_eq(storage::notifications_enabled);
    let allowed = use_state_eq(permission);
    let on = *enabled && *allowed == Permission::Granted;
    let turn = {
        let (enabled, allowed) = (enabled.clone(), allowed.clone());
        Callback::from(move |_: MouseEvent| {
            let (enabled, allowed) = (enabled.clone(), allowed.clone());
            wasm_bindgen_futures::spawn_local(async move {
                let granted = if on {
                    permission()
                } else {
                    request_permission().await
                };
                allowed.set(granted);
                let on = !on && granted == Permission::Granted;
                storage::save_notifications_enabled(on);
                enabled.set(on);
            });
        })
    };
    let instead = match *allowed {
        Permission::Never => Some(words.notify_unsupported),
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
                <Hours />
            }
        </section>
    }
}

/// Renders the quiet hours, which a registered user has in common on all devices.
#[component(Hours)]
fn hours() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let hours = use_prefs().settings.quiet_hours;
    let set = move |quiet: Option<Quiet>| store.choose(|settings| settings.quiet_hours = quiet);
    let toggle = {
        let set = set.clone();
        Callback::from(move |_: Event| set(if hours.is_none() { Some(NIGHT) } else { None }))
    };
    let time = |label: &'static str, minute: Minute, with: fn(Quiet, Minute) -> Quiet| {
        let set = set.clone();
        let onchange = Callback::from(move |event: Event| {
            let field = event
                .target()
                .and_then(|it| it.dyn_into::<HtmlInputElement>().ok());
            if let (Some(minute), Some(hours)) = (field.and_then(|it| time_field::parse(&it.value())), hours)
            {
                set(Some(with(hours, minute)));
            }
        });
        html! {
            <label><span>{ label }</span><input type="time" value={time_field::format(minute)} disabled={hours.is_none()} {onchange} /></label>
        }
    };
    let Quiet { from, to } = hours.unwrap_or(NIGHT);
    html! {
        <fieldset class="quiet-hours">
            <legend class="unseen">{ words.quiet_hours }</legend>
            <label><input type="checkbox" checked={hours.is_some()} onchange={toggle} /><span>{ words.quiet_hours }</span></label>
            { time(words.quiet_from, from, |hours, from| Quiet { from, ..hours }) }
            { time(words.quiet_to, to, |hours, to| Quiet { to, ..hours }) }
        </fieldset>
    }
}
