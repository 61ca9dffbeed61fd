//! Registers a guest's name as an account.

use snug_shared::{api::NewAccount, error_code::ErrorCode, limits::PASSWORD_CHARS, people::Password};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::{
    client::{
        people,
        storage::{self, Profile},
    },
    features::{
        profile::shows,
        request::{sentence, use_request},
    },
    prefs::use_words,
    store::use_store,
    ui::PasswordField,
};

#[derive(PartialEq, Properties)]
pub(super) struct CreateAccountProps {
    pub(super) on_created: Callback<()>,
}

/// Renders the form for the password of the new account.
#[component(CreateAccountForm)]
pub(super) fn create_account_form(props: &CreateAccountProps) -> Html {
    let (lang, words) = use_words();
    let people = words.people;
    let store = use_store();
    let request = use_request();
    let short = use_state_eq(|| false);
    let field = use_node_ref();
    let profile = use_memo((), |()| storage::profile());
    {
        let field = field.clone();
        use_effect_with((), move |()| focus(&field));
    }
    let Some(Profile { name, avatar }) = (*profile).clone() else {
        return html! {};
    };
    let oninput = {
        let (request, short) = (request.clone(), short.clone());
        Callback::from(move |_: InputEvent| {
            request.clear_failure();
            short.set(false);
        })
    };
    let onsubmit = {
        let (request, short, field, on_created) = (
            request.clone(),
            short.clone(),
            field.clone(),
            props.on_created.clone(),
        );
        let name = name.clone();
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Ok(password) = Password::chosen(&value(&field)) else {
                short.set(true);
                return focus(&field);
            };
            let account = NewAccount {
                name: name.to_string(),
                avatar: Some(avatar.to_string()),
                password,
                invite: None,
                owner: None,
            };
            let (store, on_created) = (store.clone(), on_created.clone());
            request.send(people::create_account(account), move |session| {
                store.set_session(&session);
                on_created.emit(());
            });
        })
    };
    let bad = short.then(|| AttrValue::from(ErrorCode::BadPassword.sentence(lang)));
    html! {
        <form class="account-form" novalidate=true {onsubmit}>
            <p>{ people.create_account_about }</p>
            // The user name, for the password manager.
            <input type="text" class="unseen" autocomplete="username" value={name.to_string()} readonly=true tabindex="-1" aria-hidden="true" />
            <PasswordField node={field} id="kept-password" label={people.password} autocomplete="new-password"
                show={shows(people)} note={(people.password_at_least)(PASSWORD_CHARS)} {bad} {oninput} />
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            <button type="submit" class="primary" aria-disabled={request.busy().then_some("true")}>
                { if request.busy() { people.please_wait.to_owned() } else { (people.create_account_as)(name.as_str()) } }
            </button>
        </form>
    }
}

/// Returns the value of a field.
pub(super) fn value(field: &NodeRef) -> String {
    let input = field.cast::<HtmlInputElement>();
    input.map(|it| it.value()).unwrap_or_default()
}

/// Focuses an element.
pub(super) fn focus(field: &NodeRef) {
    if let Some(element) = field.cast::<web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}
