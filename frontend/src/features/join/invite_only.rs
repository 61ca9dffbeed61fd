//! Renders parts of the join page: a field to paste an invitation into, and the greeting of a returning user.

use web_sys::{HtmlElement, HtmlInputElement};
use yew::prelude::*;

use crate::{
    client::{link_secrets::SecretLink, people::sign_out, storage},
    features::{
        profile::text,
        request::{sentence, use_request},
    },
    prefs::use_words,
    ui::AvatarPicture,
};

#[derive(PartialEq, Properties)]
pub(super) struct PasteInviteProps {
    pub(super) on_link: Callback<SecretLink>,
}

/// Renders a field for a pasted invitation link, since a link may open in another browser than the user's own.
#[component(PasteInvite)]
pub(super) fn paste_invite(props: &PasteInviteProps) -> Html {
    let (_, words) = use_words();
    let people = words.people;
    let open = use_state_eq(|| false);
    let bad = use_state_eq(|| false);
    let field = use_node_ref();
    {
        let field = field.clone();
        use_effect_with(*open, move |_| {
            if let Some(input) = field.cast::<HtmlInputElement>() {
                let _ = input.focus();
            }
        });
    }
    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let oninput = {
        let bad = bad.clone();
        Callback::from(move |_: InputEvent| bad.set(false))
    };
    let onsubmit = {
        let (bad, field, on_link) = (bad.clone(), field.clone(), props.on_link.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            match SecretLink::of(&text(&field)) {
                Some(link) => on_link.emit(link),
                None => bad.set(true),
            }
        })
    };
    if !*open {
        return html! { <button type="button" class="small quiet" onclick={show}>{ people.have_invite_link }</button> };
    }
    html! {
        <form class="paste" novalidate=true {onsubmit}>
            <label class="field">
                <span>{ people.invite_link }</span>
                <input ref={field} type="url" autocomplete="off" spellcheck="false" enterkeyhint="go"
                    aria-describedby="paste-note" aria-invalid={bad.then_some("true")} {oninput} />
            </label>
            <button type="submit" class="small">{ people.next }</button>
            <p id="paste-note" class="field-note" role="alert">{ bad.then_some(people.not_an_invite_link) }</p>
        </form>
    }
}

#[derive(PartialEq, Properties)]
pub(super) struct WelcomeBackProps {
    pub(super) on_in: Callback<()>,
}

/// Renders the greeting of a registered user, who need not enter their name again.
#[component(WelcomeBack)]
pub(super) fn welcome_back(props: &WelcomeBackProps) -> Html {
    let (lang, words) = use_words();
    let people = words.people;
    let request = use_request();
    let button = use_node_ref();
    let profile = use_memo((), |()| storage::profile());
    {
        let button = button.clone();
        use_effect_with((), move |()| {
            if let Some(button) = button.cast::<HtmlElement>() {
                let _ = button.focus();
            }
        });
    }
    let Some(profile) = &*profile else {
        return html! {};
    };
    let sign_out = {
        let request = request.clone();
        Callback::from(move |_: MouseEvent| {
            request.send(sign_out(), |()| {
                storage::forget_person();
                crate::browser::go_home();
            });
        })
    };
    let onclick = props.on_in.reform(|_: MouseEvent| ());
    html! {
        <div class="back">
            <AvatarPicture class="large" avatar={profile.avatar.clone()} />
            <p dir="auto">{ (people.welcome_back)(profile.name.as_str()) }</p>
            <button ref={button} type="button" class="primary" {onclick}>{ words.continue_button }</button>
            <p class="form-note" role="alert">{ request.failure().map(|failure| sentence(failure, lang)) }</p>
            <button type="button" class="small quiet" onclick={sign_out}>{ (people.not_you)(profile.name.as_str()) }</button>
        </div>
    }
}
