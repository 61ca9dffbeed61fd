//! Nickname and picture.

use snug_shared::{avatar::Avatar, code::Code, people::Role, text::Nickname};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::picture::{PictureChooser, another_face};
use crate::{
    client::saving::{self, Profile},
    features::settings::UploadPicture,
    prefs::use_words,
    store::use_selected,
};

#[derive(PartialEq, Properties)]
pub(crate) struct ProfileProps {
    /// What the button says.
    pub(crate) action: AttrValue,
    /// The profile is kept; whether it is another one than before.
    pub(crate) on_done: Callback<bool>,
}

/// Asks who one is, and keeps it.
#[component(ProfileForm)]
pub(crate) fn profile_form(props: &ProfileProps) -> Html {
    let (lang, words) = use_words();
    let remembered = use_memo((), |()| saving::profile());
    let field = use_node_ref();
    let avatar = use_state_eq(|| match &*remembered {
        Some(profile) => profile.avatar.clone(),
        None => another_face(),
    });
    let refused = use_state_eq(|| None::<Code>);
    let keeps_a_name =
        use_selected(|state| (state.replica.you()).is_some_and(|you| you.role >= Role::Member));

    {
        let (field, remembered) = (field.clone(), remembered.clone());
        use_effect_with((), move |()| {
            let Some(input) = field.cast::<HtmlInputElement>() else {
                return;
            };
            if let Some(profile) = &*remembered {
                input.set_value(profile.name.as_str());
            }
            let _ = input.focus();
        });
    }
    let oninput = {
        let (field, refused) = (field.clone(), refused.clone());
        Callback::from(move |_: InputEvent| {
            let text = field
                .cast::<HtmlInputElement>()
                .map(|it| it.value())
                .unwrap_or_default();
            // Nobody is told off for a field that they have not filled in yet.
            let code = Nickname::try_from(text).err();
            refused.set(code.filter(|code| *code != Code::NameEmpty));
        })
    };
    let onsubmit = {
        let (field, refused) = (field.clone(), refused.clone());
        let (avatar, on_done) = (avatar.clone(), props.on_done.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(input) = field.cast::<HtmlInputElement>() else {
                return;
            };
            match Nickname::try_from(input.value()) {
                Ok(name) => {
                    let profile = Profile {
                        name,
                        avatar: (*avatar).clone(),
                    };
                    let changed = remembered.as_ref().as_ref() != Some(&profile);
                    saving::keep_profile(&profile);
                    on_done.emit(changed);
                }
                Err(code) => {
                    refused.set(Some(code));
                    let _ = input.focus();
                }
            }
        })
    };
    let on_choose = {
        let avatar = avatar.clone();
        Callback::from(move |it: Avatar| avatar.set(it))
    };
    let picture = html! { <PictureChooser avatar={(*avatar).clone()} on_choose={on_choose.clone()} /> };
    let sentence = refused.map(|code| code.sentence(lang)).unwrap_or_default();
    html! {
        <form class="profile" novalidate=true {onsubmit}>
            if keeps_a_name {
                <UploadPicture on_done={on_choose.clone()}>{ picture }</UploadPicture>
            } else {
                { picture }
            }
            <label class="field">
                <span>{ words.nickname }</span>
                <input ref={field} type="text" name="nickname" autocomplete="nickname" enterkeyhint="go"
                    autocapitalize="words" spellcheck="false" dir="auto" aria-describedby="nickname-note"
                    aria-invalid={refused.is_some().then_some("true")} {oninput} />
            </label>
            <p id="nickname-note" class="field-note" aria-live="polite">{ sentence }</p>
            <button type="submit" class="primary">{ &props.action }</button>
        </form>
    }
}
