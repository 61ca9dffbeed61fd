//! Renders where the user is signed in, and a way to sign another device in.

use std::rc::Rc;

use snug_shared::{
    api::Proof,
    error_code::ErrorCode,
    people::{Device, Password},
};
use yew::prelude::*;

use super::{confirm::ConfirmPassword, register::focus};
use crate::{
    client::{link_secrets, people},
    features::request::{sentence, use_request},
    i18n::{Style, ago, format},
    prefs::use_words,
    ui::{CopyField, QrPicture},
};

/// Renders the user's devices. The list has the same height in every state.
#[component(Devices)]
pub(super) fn devices() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let devices = use_state(|| None::<Rc<[Device]>>);
    let (loading, ending) = (use_request(), use_request());
    let load = {
        let (devices, loading) = (devices.clone(), loading.clone());
        Callback::from(move |()| {
            let devices = devices.clone();
            loading.send_latest(people::devices(), move |them| devices.set(Some(them.into())));
        })
    };
    {
        let load = load.clone();
        use_effect_with((), move |()| load.emit(()));
    }
    let row = |device: &Device| {
        let name = if device.name.is_empty() {
            said.unknown_device
        } else {
            &device.name
        };
        let when = match ago(device.last_seen, lang) {
            _ if device.current => said.this_device.to_owned(),
            Some(ago) => (said.last_active)(&ago),
            None => said.active_within_hour.to_owned(),
        };
        let since = (said.signed_in_on)(&format(device.signed_in_at, Style::Moment, lang));
        let sign_out = {
            let (ending, load, session) = (ending.clone(), load.clone(), device.session.clone());
            Callback::from(move |_: MouseEvent| {
                let load = load.clone();
                ending.send(people::sign_out_device(session.clone()), move |()| load.emit(()));
            })
        };
        html! {
            <li key={device.session.as_str()}>
                <div>
                    <b>{ name }</b>
                    <small>{ when }</small>
                    <small>{ since }</small>
                </div>
                if !device.current {
                    <button type="button" class="small" aria-label={(said.sign_out_device)(name)} onclick={sign_out}>{ said.sign_out }</button>
                }
            </li>
        }
    };
    let again = load.reform(|_: MouseEvent| ());
    html! {
        <>
            <div class="devices" aria-busy={loading.busy().to_string()}>
                if let Some(devices) = &*devices {
                    <ul aria-label={said.devices}>{ for devices.iter().map(row) }</ul>
                } else if loading.failure().is_some() {
                    <p>{ said.devices_failed }</p>
                    <button type="button" class="small" onclick={again}>{ words.try_again }</button>
                }
            </div>
            <p class="form-note" role="alert">{ ending.failure().map(|failure| sentence(failure, lang)) }</p>
        </>
    }
}

/// Renders a link that signs another device in, to be scanned by its camera or sent to it.
#[component(AnotherDevice)]
pub(super) fn another_device() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let link = use_state_eq(|| None::<String>);
    let request = use_request();
    // The field that had the focus is removed then.
    let how = use_node_ref();
    {
        let how = how.clone();
        use_effect_with(link.is_some(), move |_| focus(&how));
    }
    let on_password = {
        let (link, request) = (link.clone(), request.clone());
        Callback::from(move |password: Password| {
            let link = link.clone();
            request.send(people::sign_in_link(Proof { password }), move |it| {
                link.set(Some(link_secrets::link_to("sign-in", &it.secret)));
            });
        })
    };
    let on_input = {
        let request = request.clone();
        Callback::from(move |()| request.clear_failure())
    };
    let wrong = request.refused() == Some(ErrorCode::WrongPassword);
    let other = request.failure().filter(|_| !wrong);
    html! {
        <div class="another-device">
            if let Some(link) = &*link {
                <p ref={how} tabindex="-1">{ said.another_device_how }</p>
                <div class="qr-place">
                    <QrPicture text={link.clone()} label={said.sign_in_code} />
                </div>
                <CopyField label={said.sign_in_link} text={link.clone()} copy={said.copy} copied={said.copied} />
            } else {
                <ConfirmPassword id="link-password" busy={request.busy()} {wrong} {on_password} {on_input} />
                <p class="form-note" role="alert">{ other.map(|failure| sentence(failure, lang)) }</p>
            }
        </div>
    }
}
