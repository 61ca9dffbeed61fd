//! Where one is signed in, and a way for another device to be.

use std::rc::Rc;

use snug_shared::people::Device;
use yew::prelude::*;

use crate::{
    client::{links, people},
    features::asking::{sentence, use_asking},
    i18n::{Style, ago, format},
    prefs::use_words,
    ui::{CopyField, QrPicture},
};

/// One's devices. The list keeps its height whatever it says.
#[component(Devices)]
pub(super) fn devices() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let devices = use_state(|| None::<Rc<[Device]>>);
    let (loading, ending) = (use_asking(), use_asking());
    let load = {
        let (devices, loading) = (devices.clone(), loading.clone());
        Callback::from(move |()| {
            let devices = devices.clone();
            loading.ask_anew(people::devices(), move |them| devices.set(Some(them.into())));
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
        let when = match ago(device.seen, lang) {
            _ if device.here => said.this_device.to_owned(),
            Some(ago) => (said.last_here)(&ago),
            None => said.here_lately.to_owned(),
        };
        let since = (said.signed_in_on)(&format(device.since, Style::Moment, lang));
        let sign_out = {
            let (ending, load, session) = (ending.clone(), load.clone(), device.session.clone());
            Callback::from(move |_: MouseEvent| {
                let load = load.clone();
                ending.ask(people::sign_out_device(session.clone()), move |()| load.emit(()));
            })
        };
        html! {
            <li key={device.session.as_str()}>
                <div>
                    <b>{ name }</b>
                    <small>{ when }</small>
                    <small>{ since }</small>
                </div>
                if !device.here {
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

/// A link that signs another device in, to be seen by its camera or sent to it.
#[component(AnotherDevice)]
pub(super) fn another_device() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let link = use_state_eq(|| None::<String>);
    let asking = use_asking();
    {
        let (link, asking) = (link.clone(), asking.clone());
        use_effect_with((), move |()| {
            asking.ask(people::sign_in_link(), move |it| {
                link.set(Some(links::address("sign-in", &it.secret)));
            });
        });
    }
    html! {
        <div class="another-device">
            <p>{ said.another_device_how }</p>
            <div class="qr-place">
                if let Some(link) = &*link {
                    <QrPicture text={link.clone()} label={said.sign_in_code} />
                }
            </div>
            <CopyField label={said.sign_in_link} text={(*link).clone().unwrap_or_default()} copy={said.copy} copied={said.copied} />
            <p class="form-note" role="alert">{ asking.failure().map(|failure| sentence(failure, lang)) }</p>
        </div>
    }
}
