//! Renders what another device has changed in the user's account, until the user dismisses it.

use snug_shared::people::SecurityNotice;
use yew::prelude::*;

use super::devices::Devices;
use crate::{
    i18n::{Style, format},
    prefs::use_words,
    store::{use_selected, use_store},
    ui::Dialog,
};

/// Renders the newest of the notices, with a link to the devices, or nothing.
#[component(SecurityNotices)]
pub(crate) fn security_notices() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let newest = use_selected(|state| state.security.last().cloned());
    let devices = use_state_eq(|| false);
    let show = |to: bool| {
        let devices = devices.clone();
        move || devices.set(to)
    };
    let look = {
        let show = show(true);
        Callback::from(move |_: MouseEvent| show())
    };
    let on_close = {
        let show = show(false);
        Callback::from(move |()| show())
    };
    let dismiss = Callback::from(move |_: MouseEvent| store.dismiss_security_notice());
    let bar = newest.map(|SecurityNotice { event: what, device, at }| {
        let device = if device.is_empty() {
            said.unknown_device.to_owned()
        } else {
            device
        };
        html! {
            <section class="notice-offer" role="alert">
                <p>{ (said.security)(what, &device, &format(at, Style::Moment, lang)) }</p>
                <div>
                    <button type="button" class="small" aria-haspopup="dialog" onclick={look}>{ said.devices }</button>
                    <button type="button" class="small quiet" onclick={dismiss}>{ said.it_was_me }</button>
                </div>
            </section>
        }
    });
    html! {
        <>
            { for bar }
            if *devices {
                <Dialog label={said.devices} close={words.close} {on_close}>
                    <h2>{ said.devices }</h2>
                    <Devices />
                </Dialog>
            }
        </>
    }
}
