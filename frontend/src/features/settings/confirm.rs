//! Asks for the password again before access is granted: a device that was left open for a moment does not suffice for that.

use snug_shared::{error_code::ErrorCode, people::Password};
use yew::prelude::*;

use super::register::{focus, value};
use crate::{features::profile::shows, prefs::use_words, ui::PasswordField};

#[derive(PartialEq, Properties)]
pub(super) struct ConfirmProps {
    /// The id of the field; unique on the page.
    pub(super) id: AttrValue,
    pub(super) busy: bool,
    /// Whether the password that was sent is wrong.
    pub(super) wrong: bool,
    pub(super) on_password: Callback<Password>,
    /// The callback for new input: the refusal of the former input no longer matters.
    pub(super) on_input: Callback<()>,
}

/// Renders the field, and the button that continues.
#[component(ConfirmPassword)]
pub(super) fn confirm_password(props: &ConfirmProps) -> Html {
    let (lang, words) = use_words();
    let said = words.people;
    let short = use_state_eq(|| false);
    let field = use_node_ref();
    let wrong = *short || props.wrong;
    {
        let field = field.clone();
        use_effect_with(wrong, move |_| focus(&field));
    }
    let oninput = {
        let (short, on_input) = (short.clone(), props.on_input.clone());
        Callback::from(move |_: InputEvent| {
            short.set(false);
            on_input.emit(());
        })
    };
    let onsubmit = {
        let (field, on_password) = (field.clone(), props.on_password.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match Password::chosen(&value(&field)) {
                Ok(password) => on_password.emit(password),
                Err(_) => short.set(true),
            }
        })
    };
    let bad = wrong.then(|| AttrValue::from(ErrorCode::WrongPassword.sentence(lang)));
    html! {
        <form class="account-form" novalidate=true {onsubmit}>
            <p>{ said.password_again }</p>
            <PasswordField node={field} id={props.id.clone()} label={said.password} autocomplete="current-password"
                show={shows(said)} {bad} {oninput} />
            <button type="submit" class="primary" aria-disabled={props.busy.then_some("true")}>
                { if props.busy { said.please_wait } else { said.next } }
            </button>
        </form>
    }
}
