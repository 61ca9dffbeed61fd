//! Language and light: chosen by the browser first, by the person if they like, and remembered.

use std::rc::Rc;

use snug_shared::lang::Lang;
use web_sys::HtmlMetaElement;
use yew::prelude::*;

use crate::{
    browser,
    client::saving,
    i18n::{Words, words},
};

/// The light in the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

impl Theme {
    pub(crate) const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of `data-theme` on the root; none where the system decides.
    fn word(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }

    fn remembered() -> Self {
        let word = saving::theme();
        let same = |theme: &Self| theme.word() == word.as_deref();
        Self::ALL.into_iter().find(same).unwrap_or(Self::System)
    }
}

/// What the person prefers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Prefs {
    pub(crate) lang: Lang,
    pub(crate) theme: Theme,
    /// Of one's rooms only those are listed in which something waits.
    pub(crate) only_waiting: bool,
}

impl Prefs {
    pub(crate) fn remembered() -> Self {
        let of_browser = || Lang::of_tags(browser::languages().iter().map(String::as_str));
        Self {
            lang: saving::lang().unwrap_or_else(of_browser),
            theme: Theme::remembered(),
            only_waiting: saving::only_waiting(),
        }
    }

    /// Makes the document follow.
    pub(crate) fn apply(&self) {
        let Some(root) = browser::root() else { return };
        let _ = root.set_attribute("lang", self.lang.tag());
        let _ = match self.theme.word() {
            Some(word) => root.set_attribute("data-theme", word),
            None => root.remove_attribute("data-theme"),
        };
        paint_chrome();
    }
}

/// The browser's own bars take the colour of the paper.
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

/// What may be preferred otherwise.
pub(crate) enum Choice {
    Lang(Lang),
    Theme(Theme),
    OnlyWaiting(bool),
}

impl Reducible for Prefs {
    type Action = Choice;

    fn reduce(self: Rc<Self>, choice: Choice) -> Rc<Self> {
        let mut prefs = (*self).clone();
        match choice {
            Choice::Lang(lang) => {
                prefs.lang = lang;
                saving::keep_lang(lang);
            }
            Choice::Theme(theme) => {
                prefs.theme = theme;
                saving::keep_theme(theme.word());
            }
            Choice::OnlyWaiting(only) => {
                prefs.only_waiting = only;
                saving::keep_only_waiting(only);
            }
        }
        Rc::new(prefs)
    }
}

/// The preferences as a context.
pub(crate) type PrefsHandle = UseReducerHandle<Prefs>;

#[hook]
pub(crate) fn use_prefs() -> PrefsHandle {
    use_context().expect("the app provides the preferences")
}

/// The language and its words.
#[hook]
pub(crate) fn use_words() -> (Lang, &'static Words) {
    let lang = use_prefs().lang;
    (lang, words(lang))
}
