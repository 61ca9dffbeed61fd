//! Informs a banned user, in place of any other page.

use snug_shared::{error_code::ErrorCode, ids::Millis};
use yew::prelude::*;

use super::sign_in::SignInForm;
use crate::{
    browser,
    client::{
        http::{self, Failure},
        people, storage,
    },
    features::request::{sentence, use_request},
    i18n::{LATEST, Style, format},
    prefs::use_words,
    store::{use_selected, use_store},
    ui::Logo,
};

#[derive(PartialEq, Properties)]
pub(crate) struct BannedProps {
    /// The address to open after another user has signed in here.
    pub(crate) to: AttrValue,
}

/// Renders the reason, when the ban ends, and what the user can do. The page does not retry by itself.
#[component(Banned)]
pub(crate) fn banned(props: &BannedProps) -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let request = use_request();
    let leaving = use_request();
    let until = use_state_eq(|| None::<Millis>);
    let signing_in = use_state_eq(|| false);
    let member = use_selected(|state| state.person.as_ref().is_some_and(|it| it.member));
    {
        let until = until.clone();
        use_effect_with((), move |()| {
            browser::document().set_title("Snug");
            wasm_bindgen_futures::spawn_local(async move {
                until.set(http::banned_until().await);
            });
        });
    }
    let again = {
        let request = request.clone();
        Callback::from(move |_: MouseEvent| {
            let store = store.clone();
            let may = async {
                match http::check_access().await {
                    // Joining reports any other refusal.
                    Err(Failure::Refused(it)) if it.error != ErrorCode::Banned => Ok(()),
                    answer => answer,
                }
            };
            request.send(may, move |()| store.join());
        })
    };
    let other = {
        let (leaving, signing_in) = (leaving.clone(), signing_in.clone());
        Callback::from(move |_: MouseEvent| {
            if !member {
                return signing_in.set(true);
            }
            leaving.send(people::sign_out(), |()| {
                storage::forget_person();
                browser::go_home();
            });
        })
    };
    let sentence = match request.failure().or(leaving.failure()) {
        Some(failure) if request.refused() != Some(ErrorCode::Banned) => sentence(failure, lang),
        _ => ErrorCode::Banned.sentence(lang),
    };
    let until = until.map(|until| match until.0 {
        LATEST.. => said.banned_permanently.to_owned(),
        _ => (said.banned_until)(&format(until, Style::Moment, lang)),
    });
    if *signing_in {
        return html! {
            <main class="join">
                <div class="join-card">
                    <header><Logo /><h1>{ "Snug" }</h1></header>
                    <div class="join-body steady"><SignInForm to={props.to.clone()} /></div>
                </div>
            </main>
        };
    }
    html! {
        <main class="alone put-out">
            <Logo />
            <div role="alert"><h1>{ sentence }</h1></div>
            <p role="status">{ until }</p>
            <div class="put-out-ways">
                <button type="button" class="small" onclick={again}>
                    { if request.busy() { said.please_wait } else { words.try_again } }
                </button>
                <button type="button" class="small quiet" disabled={leaving.busy()} onclick={other}>
                    { if member { said.sign_out } else { said.sign_in } }
                </button>
            </div>
        </main>
    }
}
