//! Applies language and theme: the browser's by default, or the user's choice. The store has the user's preferences.

use snug_shared::{lang::Lang, settings::Settings};
use web_sys::HtmlMetaElement;
use yew::prelude::*;

use crate::{
    browser,
    client::storage,
    i18n::{Words, words},
    store::use_selected,
};

/// The language and the theme in effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prefs {
    pub(crate) lang: Lang,
    pub(crate) settings: Settings,
}

impl Prefs {
    fn of(settings: Settings) -> Self {
        let of_browser = || Lang::of_tags(browser::languages().iter().map(String::as_str));
        Self {
            lang: settings.lang.unwrap_or_else(of_browser),
            settings,
        }
    }

    /// Applies them to the document.
    fn apply(&self) {
        let Some(root) = browser::root() else { return };
        let _ = root.set_attribute("lang", self.lang.tag());
        let _ = match storage::theme_name(self.settings.theme) {
            Some(word) => root.set_attribute("data-theme", word),
            None => root.remove_attribute("data-theme"),
        };
        paint_chrome();
    }
}

/// Gives the browser's own bars the colour of the page.
fn paint_chrome() {
    use wasm_bindgen::JsCast;
    let document = browser::document();
    let paper = document
        .body()
        .and_then(|body| browser::window().get_computed_style(&body).ok().flatten())
        .and_then(|style| style.get_property_value("background-color").ok());
    let Ok(metas) = document.query_selector_all("meta[name=theme-color]") else {
        return;
    };
    for at in 0..metas.length() {
        let meta = metas
            .get(at)
            .and_then(|node| node.dyn_into::<HtmlMetaElement>().ok());
        if let (Some(meta), Some(paper)) = (meta, &paper) {
            meta.set_content(paper);
        }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct AsPreferredProps {
    pub(crate) children: Html,
}

/// Renders its children with the user's preferences applied.
#[component(AsPreferred)]
pub(crate) fn as_preferred(props: &AsPreferredProps) -> Html {
    let prefs = Prefs::of(use_selected(|state| *state.settings_sync.current()));
    use_effect_with(prefs, Prefs::apply);
    html! { <ContextProvider<Prefs> context={prefs}>{ props.children.clone() }</ContextProvider<Prefs>> }
}

#[hook]
pub(crate) fn use_prefs() -> Prefs {
    use_context().expect("the app provides the preferences")
}

/// Returns the language and its words.
#[hook]
pub(crate) fn use_words() -> (Lang, &'static Words) {
    let lang = use_prefs().lang;
    (lang, words(lang))
}
