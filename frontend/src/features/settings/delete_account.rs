//! Deletes the user's account.

use snug_shared::{api::Proof, error_code::ErrorCode, people::Password};
use yew::prelude::*;

use super::register::{focus, value};
use crate::{
    browser,
    client::{people, storage},
    features::{
        profile::shows,
        request::{sentence, use_request},
    },
    prefs::use_words,
    store::use_store,
    ui::PasswordField,
};

#[component(DeleteAccount)]
pub(super) fn delete_account() -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let store = use_store();
    let request = use_request();
    let short = use_state_eq(|| false);
    let field = use_node_ref();
    let wrong = *short || request.refused() == Some(ErrorCode::WrongPassword);
    {
        let field = field.clone();
        use_effect_with(wrong, move |_| focus(&field));
    }
    let oninput = {
        let (request, short) = (request.clone(), short.clone());
        Callback::from(move |_: InputEvent| {
            request.clear_failure();
            short.set(false);
        })
    };
    let onsubmit = {
        let (request, field) = (request.clone(), field.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Ok(password) = Password::chosen(&value(&field)) else {
                return short.set(true);
            };
            // Otherwise the end of the session would reach the page before the answer.
            store.leave();
            let stays = store.clone();
            let erased = async move {
                let answer = people::delete_account(Proof { password }).await;
                if answer.is_err() {
                    stays.enter();
                }
                answer
            };
            request.send(erased, |()| {
                storage::forget_person();
                browser::go_home();
            });
        })
    };
    let bad = wrong.then(|| AttrValue::from(ErrorCode::WrongPassword.sentence(lang)));
    let other = request.failure().filter(|_| !wrong);
    html! {
        <form class="account-form" novalidate=true {onsubmit}>
            <p>{ said.delete_account_goes }</p>
            <p>{ said.delete_account_stays }</p>
            <PasswordField node={field} id="own-password" label={said.password} autocomplete="current-password"
                show={shows(said)} {bad} {oninput} />
            <p class="form-note" role="alert">{ other.map(|failure| sentence(failure, lang)) }</p>
            <button type="submit" class="leave" aria-disabled={request.busy().then_some("true")}>
                { if request.busy() { said.please_wait } else { said.delete_account_now } }
            </button>
        </form>
    }
}
