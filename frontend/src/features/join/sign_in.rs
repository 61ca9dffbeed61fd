//! Signs in with a password, or with a link from another device.

use snug_shared::{
    api::SignIn,
    error_code::ErrorCode,
    people::{Account, Password},
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::passkey::PasskeySignIn;
use crate::{
    client::{
        link_secrets,
        people::{self, sign_in, switch_to},
    },
    features::{
        profile::{shows, text},
        request::{sentence, use_request},
    },
    history::use_layer,
    prefs::use_words,
    ui::{AvatarPicture, PasswordField},
};

#[derive(PartialEq, Properties)]
pub(super) struct SignInProps {
    /// The address to open after signing in.
    pub(super) to: AttrValue,
    /// The callback that returns to the form before, if there is one.
    #[prop_or_default]
    pub(super) on_back: Option<Callback<()>>,
}

/// Renders the form for name and password.
#[component(SignInForm)]
pub(super) fn sign_in_form(props: &SignInProps) -> Html {
    let (lang, words) = use_words();
    let people = words.people;
    let request = use_request();
    // A text that cannot be a password belongs to no account.
    let hopeless = use_state_eq(|| false);
    let (name, password) = (use_node_ref(), use_node_ref());
    use_layer(props.on_back.is_some(), props.on_back.clone().unwrap_or_default());
    {
        let name = name.clone();
        use_effect_with((), move |()| focus(&name));
    }
    let wrong = *hopeless || request.refused() == Some(ErrorCode::WrongPassword);
    {
        let password = password.clone();
        use_effect_with((wrong, request.busy()), move |(wrong, busy)| {
            if *wrong && !busy {
                focus(&password);
                if let Some(input) = password.cast::<HtmlInputElement>() {
                    input.select();
                }
            }
        });
    }
    let oninput = {
        let (request, hopeless) = (request.clone(), hopeless.clone());
        Callback::from(move |_: InputEvent| {
            request.clear_failure();
            hopeless.set(false);
        })
    };
    let onsubmit = {
        let (request, to) = (request.clone(), props.to.clone());
        let (name, password) = (name.clone(), password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let called = text(&name);
            if called.trim().is_empty() {
                return focus(&name);
            }
            match Password::chosen(&text(&password)) {
                Ok(secret) => {
                    let by = SignIn::Password {
                        name: called,
                        password: secret,
                    };
                    let to = to.clone();
                    request.send(sign_in(by), move |session| switch_to(&session, &to));
                }
                Err(_) if text(&password).is_empty() => focus(&password),
                Err(_) => hopeless.set(true),
            }
        })
    };
    let other = request.failure().filter(|_| !wrong);
    let bad = wrong.then(|| AttrValue::from(ErrorCode::WrongPassword.sentence(lang)));
    html! {
        <form class="sign-in" novalidate=true {onsubmit}>
            <label class="field">
                <span>{ people.display_name }</span>
                <input ref={name} type="text" name="username" autocomplete="username webauthn" autocapitalize="words"
                    spellcheck="false" dir="auto" enterkeyhint="next" aria-describedby="password-note"
                    aria-invalid={wrong.then_some("true")} oninput={oninput.clone()} />
            </label>
            <PasswordField node={password} id="password" label={people.password} autocomplete="current-password"
                show={shows(people)} {bad} {oninput} />
            <p class="form-note" role="alert">{ other.map(|failure| sentence(failure, lang)) }</p>
            <button type="submit" class="primary" aria-disabled={request.busy().then_some("true")}>
                { if request.busy() { people.please_wait } else { people.sign_in } }
            </button>
            <PasskeySignIn to={props.to.clone()} />
        </form>
    }
}

fn focus(field: &NodeRef) {
    if let Some(input) = field.cast::<HtmlInputElement>() {
        let _ = input.focus();
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct LinkProps {
    pub(super) secret: String,
    pub(super) to: AttrValue,
    /// The callback that is called when the link is no longer valid.
    pub(super) on_spent: Callback<ErrorCode>,
    /// The callback that is called when the user declines to use the link.
    pub(super) on_cancel: Callback<()>,
}

/// Renders whose account it is, and a button: a page that is merely opened, by a preview for example, spends no link.
#[component(SignInByLink)]
pub(super) fn sign_in_by_link(props: &LinkProps) -> Html {
    let (lang, words) = use_words();
    let (looking, request) = (use_request(), use_request());
    let account = use_state_eq(|| None::<Account>);
    let button = use_node_ref();
    {
        let button = button.clone();
        use_effect_with((), move |()| {
            if let Some(button) = button.cast::<web_sys::HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    {
        let (looking, account) = (looking.clone(), account.clone());
        use_effect_with(props.secret.clone(), move |secret| {
            looking.send(people::link_account(secret.clone()), move |it| {
                account.set(Some(it))
            });
        });
    }
    {
        let on_spent = props.on_spent.clone();
        use_effect_with((looking.refused(), request.refused()), move |(looked, asked)| {
            if let Some(code @ ErrorCode::LinkExpired) = looked.or(*asked) {
                on_spent.emit(code);
            }
        });
    }
    let onclick = {
        let (request, secret, to) = (request.clone(), props.secret.clone(), props.to.clone());
        Callback::from(move |_: MouseEvent| {
            let (by, to) = (
                SignIn::Link {
                    secret: secret.clone(),
                },
                to.clone(),
            );
            request.send(sign_in(by), move |session| {
                link_secrets::clear();
                switch_to(&session, &to);
            });
        })
    };
    let said = if request.busy() {
        words.people.please_wait
    } else {
        words.people.sign_in_here
    };
    let cancel = props.on_cancel.reform(|_: MouseEvent| ());
    let failure = request.failure().or_else(|| looking.failure());
    html! {
        <div class="sign-in">
            // The space is reserved before the account is known.
            <div class="link-account" aria-live="polite">
                if let Some(account) = &*account {
                    <AvatarPicture avatar={account.avatar.clone()} />
                    <p>{ (words.people.sign_in_as)(account.name.as_str()) }</p>
                }
            </div>
            <p class="form-note" role="alert">{ failure.map(|failure| sentence(failure, lang)) }</p>
            <button ref={button} type="button" class="primary" {onclick}>{ said }</button>
            <button type="button" class="small quiet" onclick={cancel}>{ words.people.cancel }</button>
        </div>
    }
}
