//! Who one is, the language, the light, and the way out.

mod push;

use snug_shared::lang::Lang;
use yew::prelude::*;
use yew_router::prelude::*;

use self::push::PushChoice;
pub(crate) use self::push::PushPresses;
use crate::{
    client::saving,
    features::join::ProfileForm,
    i18n::own_name,
    prefs::{Choice, Theme, use_prefs, use_words},
    route::Route,
    store::use_store,
    ui::{AvatarPicture, Choices, Dialog, Icon, IconPicture},
};

/// Language and light.
#[component(PrefChoices)]
pub(crate) fn pref_choices() -> Html {
    let prefs = use_prefs();
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
    let theme = Theme::ALL.iter().position(|&it| it == prefs.theme).unwrap_or(0);
    let choose_lang = {
        let prefs = prefs.dispatcher();
        Callback::from(move |at: usize| prefs.dispatch(Choice::Lang(Lang::ALL[at])))
    };
    let choose_theme = {
        let prefs = prefs.dispatcher();
        Callback::from(move |at: usize| prefs.dispatch(Choice::Theme(Theme::ALL[at])))
    };
    html! {
        <div class="prefs">
            <Choices label={words.language} options={langs.to_vec()} chosen={lang} on_choose={choose_lang} />
            <Choices label={words.light} options={themes.to_vec()} chosen={theme} on_choose={choose_theme} />
        </div>
    }
}

/// The card at the foot of the panel, and the dialog behind it.
#[component(YouCard)]
pub(crate) fn you_card() -> Html {
    let (_, words) = use_words();
    let store = use_store();
    let open = use_state_eq(|| false);
    let navigator = use_navigator();
    // Read again whenever the dialog closes.
    let profile = saving::profile();

    let show = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    let on_close = {
        let open = open.clone();
        Callback::from(move |()| open.set(false))
    };
    let on_done = {
        let open = open.clone();
        Callback::from(move |changed: bool| {
            if changed {
                store.enter_again();
            }
            open.set(false);
        })
    };
    let leave = Callback::from(move |_: MouseEvent| {
        if let Some(navigator) = &navigator {
            navigator.push(&Route::Join);
        }
    });
    let (name, avatar) = profile.map(|it| (it.name.to_string(), it.avatar)).unzip();
    html! {
        <div class="you">
            <button type="button" class="you-card" aria-haspopup="dialog" onclick={show}>
                { for avatar.map(|avatar| html! { <AvatarPicture {avatar} /> }) }
                <span class="name" dir="auto">{ name }</span>
                <span class="unseen">{ words.settings }</span>
                <IconPicture icon={Icon::Settings} />
            </button>
            if *open {
                <Dialog label={words.settings} close={words.close} {on_close}>
                    <ProfileForm action={words.save} {on_done} />
                    <hr />
                    <PrefChoices />
                    <hr />
                    <PushChoice />
                    <hr />
                    <button type="button" class="leave" onclick={leave}>{ words.leave }</button>
                </Dialog>
            }
        </div>
    }
}
