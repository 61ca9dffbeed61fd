//! Renders the form for nickname and avatar, and for the password of a registered user.

use snug_shared::{
    avatar::Avatar,
    error_code::ErrorCode,
    limits::{NAME_CHARS, PASSWORD_CHARS},
    people::{Password, Role},
    text::Nickname,
};
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::{
    picture::{PictureChooser, another_face},
    upload::UploadPicture,
};
use crate::{
    client::{
        http::Failure,
        storage::{self, Profile},
    },
    features::request::sentence,
    i18n::people::People,
    prefs::use_words,
    store::use_selected,
    ui::PasswordField,
};

/// The input of a submitted form.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Filled {
    pub(crate) profile: Profile,
    /// Whether the profile differs from the one before.
    pub(crate) changed: bool,
    /// The password, if the form has a field for it.
    pub(crate) password: Option<Password>,
}

#[derive(PartialEq, Properties)]
pub(crate) struct ProfileProps {
    /// The label of the button.
    pub(crate) action: AttrValue,
    /// Whether the nickname's field has the focus at first.
    #[prop_or(true)]
    pub(crate) focus: bool,
    /// The present profile; without it, the one that this browser has stored.
    #[prop_or_else(storage::profile)]
    pub(crate) before: Option<Profile>,
    /// Whether the name is to be registered.
    #[prop_or_default]
    pub(crate) with_password: bool,
    #[prop_or_default]
    pub(crate) busy: bool,
    /// The reason why the server has refused the input.
    #[prop_or_default]
    pub(crate) failure: Option<Failure>,
    pub(crate) on_done: Callback<Filled>,
}

/// The errors of the form, each shown at its field.
#[derive(Clone, Debug, Default, PartialEq)]
struct Wrong {
    name: Option<String>,
    password: Option<String>,
    other: Option<String>,
}

/// Returns the labels of the button in a password field.
pub(crate) fn shows(people: &People) -> (AttrValue, AttrValue, AttrValue) {
    (
        people.show_password.into(),
        people.show.into(),
        people.hide.into(),
    )
}

/// Renders the form for the user's name and avatar.
#[component(ProfileForm)]
pub(crate) fn profile_form(props: &ProfileProps) -> Html {
    let (lang, words) = use_words();
    let people = words.people;
    let before = use_memo((), |()| props.before.clone());
    let (field, secret) = (use_node_ref(), use_node_ref());
    let avatar = use_state_eq(|| match &*before {
        Some(profile) => profile.avatar.clone(),
        None => another_face(),
    });
    let wrong = use_state_eq(Wrong::default);
    let name = use_state_eq(|| {
        before
            .as_ref()
            .as_ref()
            .map(|it| it.name.to_string())
            .unwrap_or_default()
    });
    let keeps_a_name =
        use_selected(|state| (state.replica.you()).is_some_and(|you| you.role >= Role::Member));

    {
        let (field, before, focus) = (field.clone(), before.clone(), props.focus);
        use_effect_with((), move |()| {
            let Some(input) = field.cast::<HtmlInputElement>() else {
                return;
            };
            if let Some(profile) = &*before {
                input.set_value(profile.name.as_str());
            }
            if focus {
                let _ = input.focus();
            }
        });
    }
    {
        let (wrong, field, secret) = (wrong.clone(), field.clone(), secret.clone());
        use_effect_with((props.failure.clone(), lang), move |(failure, lang)| {
            let Some(failure) = failure else { return };
            let said = Some(sentence(failure, *lang));
            let (at, found) = match failure {
                Failure::Refused(it) if is_about_name(it.error) => (
                    Some(field),
                    Wrong {
                        name: said,
                        ..Wrong::default()
                    },
                ),
                Failure::Refused(it) if it.error == ErrorCode::BadPassword => (
                    Some(secret),
                    Wrong {
                        password: said,
                        ..Wrong::default()
                    },
                ),
                _ => (
                    None,
                    Wrong {
                        other: said,
                        ..Wrong::default()
                    },
                ),
            };
            wrong.set(found);
            if let Some(input) = at.and_then(|it| it.cast::<HtmlInputElement>()) {
                let _ = input.focus();
            }
        });
    }
    let oninput = {
        let (field, wrong, name) = (field.clone(), wrong.clone(), name.clone());
        Callback::from(move |_: InputEvent| {
            name.set(text(&field));
            // An empty field that the user has not filled in yet shows no error.
            let code = Nickname::try_from(text(&field)).err();
            let code = code.filter(|code| *code != ErrorCode::NameEmpty);
            wrong.set(Wrong {
                name: code.map(|code| code.sentence(lang)),
                other: None,
                ..(*wrong).clone()
            });
        })
    };
    let on_secret = {
        let wrong = wrong.clone();
        Callback::from(move |_: InputEvent| {
            wrong.set(Wrong {
                password: None,
                other: None,
                ..(*wrong).clone()
            });
        })
    };
    // An uploaded picture is saved already.
    let chosen = !matches!(*avatar, Avatar::Picture(_));
    let changes = before
        .as_ref()
        .as_ref()
        .is_some_and(|it| it.name.as_str() != *name || (chosen && it.avatar != *avatar));
    let onsubmit = {
        let (field, secret, wrong) = (field.clone(), secret.clone(), wrong.clone());
        let (avatar, on_done) = (avatar.clone(), props.on_done.clone());
        let (with_password, busy) = (props.with_password, props.busy);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if busy {
                return;
            }
            let name = Nickname::try_from(text(&field));
            let password = with_password
                .then(|| Password::chosen(&text(&secret)))
                .transpose();
            match (name, password) {
                (Ok(name), Ok(password)) => {
                    let profile = Profile {
                        name,
                        avatar: (*avatar).clone(),
                    };
                    let changed = before.as_ref().as_ref() != Some(&profile);
                    on_done.emit(Filled {
                        profile,
                        changed,
                        password,
                    });
                }
                (name, password) => {
                    let first = if name.is_err() { &field } else { &secret };
                    if let Some(input) = first.cast::<HtmlInputElement>() {
                        let _ = input.focus();
                    }
                    wrong.set(Wrong {
                        name: name.err().map(|code| code.sentence(lang)),
                        password: password.err().map(|code| code.sentence(lang)),
                        other: None,
                    });
                }
            }
        })
    };
    let on_choose = {
        let avatar = avatar.clone();
        Callback::from(move |it: Avatar| avatar.set(it))
    };
    let picture = html! { <PictureChooser avatar={(*avatar).clone()} on_choose={on_choose.clone()} /> };
    // A password manager stores the password under its name.
    let autocomplete = if props.with_password {
        "username"
    } else {
        "nickname"
    };
    html! {
        <form class="profile" data-unsaved={changes.then_some("")} novalidate=true {onsubmit}>
            if keeps_a_name {
                <UploadPicture on_done={on_choose.clone()}>{ picture }</UploadPicture>
            } else {
                { picture }
            }
            <label class="field">
                <span>{ words.display_name }</span>
                <input ref={field} type="text" name="nickname" {autocomplete} enterkeyhint="go"
                    autocapitalize="words" spellcheck="false" dir="auto" aria-describedby="nickname-note"
                    aria-invalid={wrong.name.is_some().then_some("true")} {oninput} />
            </label>
            if let Some(wrong) = &wrong.name {
                <p id="nickname-note" class="field-note" role="alert">{ wrong }</p>
            } else {
                <p id="nickname-note" class="field-note fine">{ left_of(&name).map(words.characters_left) }</p>
            }
            if props.with_password {
                <PasswordField node={secret} id="new-password" label={people.password} autocomplete="new-password"
                    show={shows(people)} note={(people.password_at_least)(PASSWORD_CHARS)}
                    bad={wrong.password.clone().map(AttrValue::from)} oninput={on_secret} />
            }
            if let Some(other) = &wrong.other {
                <p class="form-note" role="alert">{ other }</p>
            }
            <button type="submit" class="primary" aria-disabled={props.busy.then_some("true")}>
                { if props.busy { people.please_wait.into() } else { props.action.clone() } }
            </button>
        </form>
    }
}

/// Returns how many more characters a name may have, when few are left.
fn left_of(name: &str) -> Option<usize> {
    let left = NAME_CHARS.checked_sub(name.trim().chars().count())?;
    (left <= NAME_CHARS / 4).then_some(left)
}

fn is_about_name(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::NameEmpty | ErrorCode::NameTooLong | ErrorCode::NameCharacters | ErrorCode::NameTaken
    )
}

pub(crate) fn text(field: &NodeRef) -> String {
    let input = field.cast::<HtmlInputElement>();
    input.map(|it| it.value()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_said_to_be_long_before_it_is_too_long() {
        let left = |count: usize| left_of(&"x".repeat(count));
        assert_eq!(
            [0, NAME_CHARS / 2, NAME_CHARS - 1].map(left),
            [None, None, Some(1)]
        );
        assert_eq!([NAME_CHARS, NAME_CHARS + 1].map(left), [Some(0), None]);
    }
}
