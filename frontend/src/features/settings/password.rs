//! Changes the user's password.

use snug_shared::{api::NewPassword, error_code::ErrorCode, limits::PASSWORD_CHARS, people::Password};
use yew::prelude::*;

use super::register::{focus, value};
use crate::{
    client::people::set_password,
    features::{
        profile::shows,
        request::{sentence, use_request},
    },
    prefs::use_words,
    ui::PasswordField,
};

#[derive(PartialEq, Properties)]
pub(super) struct ChangeProps {
    pub(super) on_changed: Callback<()>,
}

/// Renders the form for the old password and the new one.
#[component(ChangePassword)]
pub(super) fn change_password(props: &ChangeProps) -> Html {
    let (lang, words) = use_words();
    let people = words.people;
    let request = use_request();
    // Whether the old and the new text cannot be passwords at all.
    let short = use_state_eq(|| (false, false));
    let (old, new) = (use_node_ref(), use_node_ref());
    {
        let old = old.clone();
        use_effect_with((), move |()| focus(&old));
    }
    let wrong = short.0 || request.refused() == Some(ErrorCode::WrongPassword);
    {
        let old = old.clone();
        use_effect_with(wrong, move |wrong| {
            if *wrong {
                focus(&old);
            }
        });
    }
    let oninput = {
        let (request, short) = (request.clone(), short.clone());
        Callback::from(move |_: InputEvent| {
            request.clear_failure();
            short.set((false, false));
        })
    };
    let onsubmit = {
        let (request, short, on_changed) = (request.clone(), short.clone(), props.on_changed.clone());
        let (old, new) = (old.clone(), new.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let chosen = |field: &NodeRef| Password::chosen(&value(field));
            match (chosen(&old), chosen(&new)) {
                (Ok(old), Ok(new)) => {
                    let on_changed = on_changed.clone();
                    request.send(set_password(NewPassword { old, new }), move |()| {
                        on_changed.emit(())
                    });
                }
                (is, to_be) => {
                    short.set((is.is_err(), is.is_ok() && to_be.is_err()));
                    if is.is_ok() {
                        focus(&new);
                    }
                }
            }
        })
    };
    let sentence_of = |is: bool, code: ErrorCode| is.then(|| AttrValue::from(code.sentence(lang)));
    let other = request.failure().filter(|_| !wrong);
    html! {
        <form class="account-form" novalidate=true {onsubmit}>
            <PasswordField node={old} id="old-password" label={people.current_password} autocomplete="current-password"
                show={shows(people)} bad={sentence_of(wrong, ErrorCode::WrongPassword)} oninput={oninput.clone()} />
            <PasswordField node={new} id="new-password" label={people.new_password} autocomplete="new-password"
                show={shows(people)} note={(people.password_at_least)(PASSWORD_CHARS)}
                bad={sentence_of(short.1, ErrorCode::BadPassword)} {oninput} />
            <p>{ people.others_will_be_signed_out }</p>
            <p class="form-note" role="alert">{ other.map(|failure| sentence(failure, lang)) }</p>
            <button type="submit" class="primary" aria-disabled={request.busy().then_some("true")}>
                { if request.busy() { people.please_wait } else { people.change_password } }
            </button>
        </form>
    }
}
