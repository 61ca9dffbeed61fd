//! Signs in with a passkey: at a button, and at the field for the name.

use gloo_timers::callback::Timeout;
use serde_json::Value;
use web_sys::AbortController;
use yew::prelude::*;

use crate::{
    client::{
        passkeys::{self, Trouble},
        people::switch_to,
        webauthn::{self, Asks},
    },
    features::passkeys::sentence,
    prefs::use_words,
    ui::{Icon, IconPicture},
};

/// The time after which a field's challenge is renewed, in milliseconds: the server accepts it for five minutes.
const ASK_AGAIN_MS: u32 = 4 * 60 * 1000;

#[derive(PartialEq, Properties)]
pub(super) struct PasskeyProps {
    /// The address to open after signing in.
    pub(super) to: AttrValue,
}

/// Renders the sign-in with a passkey, or nothing where there can be no passkeys.
#[component(PasskeySignIn)]
pub(super) fn passkey_sign_in(props: &PasskeyProps) -> Html {
    let (lang, words) = use_words();
    let possible = use_memo((), |()| passkeys::possible().is_ok());
    let busy = use_state_eq(|| false);
    let round = use_state_eq(|| 0_u32);
    let offers = use_state_eq(|| true);
    let trouble = use_state_eq(|| None::<Trouble>);
    let bring = {
        let (trouble, offers, to) = (trouble.clone(), offers.clone(), props.to.clone());
        async move |signed: Value| match passkeys::sign_in(signed).await {
            Ok(session) => switch_to(&session, &to),
            Err(failure) => {
                // The field would offer the same passkey again.
                offers.set(false);
                trouble.set(Some(failure.into()));
            }
        }
    };
    {
        let (busy, round, trouble) = (busy.clone(), round.clone(), trouble.clone());
        let bring = bring.clone();
        // The browser serves one request for a signature at a time: the field's is suspended during the button's.
        use_effect_with((*possible && *offers && !*busy, *round), move |(free, at)| {
            let offer = free.then(|| {
                let (abort, next) = (AbortController::new().ok(), at + 1);
                let signal = abort.as_ref().map(AbortController::signal);
                wasm_bindgen_futures::spawn_local(async move {
                    if !webauthn::fills_in().await {
                        return;
                    }
                    // The user has not asked for it yet: its failure is not reported.
                    if let Ok(signed) = passkeys::sign(Asks::Field, signal.as_ref()).await {
                        busy.set(true);
                        trouble.set(None);
                        bring(signed).await;
                        busy.set(false);
                    }
                });
                (abort, Timeout::new(ASK_AGAIN_MS, move || round.set(next)))
            });
            move || {
                if let Some((Some(abort), _)) = offer {
                    abort.abort();
                }
            }
        });
    }
    if !*possible {
        return html! {};
    }
    let onclick = {
        let (busy, trouble) = (busy.clone(), trouble.clone());
        Callback::from(move |_: MouseEvent| {
            if *busy {
                return;
            }
            let (busy, trouble, bring) = (busy.clone(), trouble.clone(), bring.clone());
            busy.set(true);
            trouble.set(None);
            wasm_bindgen_futures::spawn_local(async move {
                match passkeys::sign(Asks::Dialog, None).await {
                    Ok(signed) => bring(signed).await,
                    Err(why) => trouble.set(Some(why)),
                }
                busy.set(false);
            });
        })
    };
    let said = trouble
        .as_ref()
        .map(|it| sentence(it, words.passkeys.not_signed, lang));
    html! {
        <div class="passkey">
            <button type="button" class="passkey-button" aria-disabled={busy.then_some("true")} {onclick}>
                <IconPicture icon={Icon::Key} />
                { if *busy { words.people.please_wait } else { words.passkeys.sign_in } }
            </button>
            <p class="form-note" role="alert">{ said }</p>
        </div>
    }
}
