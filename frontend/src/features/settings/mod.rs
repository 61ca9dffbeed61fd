//! The settings: profile, language, theme, and signing out.

mod account;
mod confirm;
mod delete_account;
mod devices;
mod dialog;
mod leave;
mod passkeys;
mod password;
mod picture;
mod profile;
mod push;
mod register;
mod section;
mod security;

use snug_shared::{lang::Lang, people::Role, settings::Theme};
use yew::prelude::*;

use self::dialog::SettingsDialog;
pub(crate) use self::{picture::UploadPicture, push::PushPresses, security::SecurityNotices};
use crate::{
    client::storage::{self, Profile},
    features::{house::HouseLink, status::Named},
    i18n::own_name,
    prefs::{use_prefs, use_words},
    store::{use_selected, use_store},
    ui::{AvatarPicture, Choices, Icon, IconPicture},
};

/// Renders the choices of language and theme.
#[component(PrefChoices)]
pub(crate) fn pref_choices() -> Html {
    let prefs = use_prefs();
    let store = use_store();
    let (_, words) = use_words();
    let langs = Lang::ALL.map(|lang| (own_name(lang).into(), Some(lang.tag().into())));
    let themes = Theme::ALL.map(|theme| {
        let name = match theme {
            Theme::System => words.theme_system,
            Theme::Light => words.theme_light,
            Theme::Dark => words.theme_dark,
        };
        (name.into(), None)
    });
    let lang = Lang::ALL.iter().position(|&it| it == prefs.lang).unwrap_or(0);
    let theme = Theme::ALL
        .iter()
        .position(|&it| it == prefs.settings.theme)
        .unwrap_or(0);
    let choose_lang = {
        let store = store.clone();
        Callback::from(move |at: usize| store.choose(|settings| settings.lang = Some(Lang::ALL[at])))
    };
    let choose_theme =
        Callback::from(move |at: usize| store.choose(|settings| settings.theme = Theme::ALL[at]));
    html! {
        <div class="prefs">
            <Choices label={words.language} options={langs.to_vec()} chosen={lang} on_choose={choose_lang} />
            <Choices label={words.theme} options={themes.to_vec()} chosen={theme} on_choose={choose_theme} />
        </div>
    }
}

/// Renders the card at the foot of the panel, and the dialog behind it.
#[component(YouCard)]
pub(crate) fn you_card() -> Html {
    let (_, words) = use_words();
    let open = use_state_eq(|| false);
    let you = use_selected(|state| {
        let you = state.replica.you().filter(|you| you.role >= Role::Member);
        you.map(|you| (you.name.clone(), you.avatar.clone()))
    });
    // A guest's profile is the one that this browser stores, without a possible number; read again whenever the dialog closes.
    let profile = match you {
        Some((name, avatar)) => Some(Profile { name, avatar }),
        None => storage::profile(),
    };
    let status = use_selected(|state| state.own_presence.status().cloned());

    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let on_close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    let (name, avatar) = (profile.clone())
        .map(|it| (it.name.to_string(), it.avatar))
        .unzip();
    html! {
        <div class="you">
            <HouseLink />
            <button type="button" class="you-card" aria-haspopup="dialog" onclick={show}>
                { for avatar.map(|avatar| html! { <AvatarPicture {avatar} /> }) }
                <Named name={name.unwrap_or_default()} {status} />
                <span class="unseen">{ words.settings }</span>
                <IconPicture icon={Icon::Settings} />
            </button>
            if *open {
                <SettingsDialog {profile} {on_close} />
            }
        </div>
    }
}
