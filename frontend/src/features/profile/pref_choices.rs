//! Chooses language and theme.

use snug_shared::{lang::Lang, settings::Theme};
use yew::prelude::*;

use crate::{
    i18n::own_name,
    prefs::{use_prefs, use_words},
    store::use_store,
    ui::Choices,
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
