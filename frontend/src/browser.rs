//! The few things that everybody asks of the browser.

use web_sys::{Document, Element, HtmlElement, VisibilityState, Window};

pub(crate) fn window() -> Window {
    web_sys::window().expect("the page runs in a window")
}

pub(crate) fn document() -> Document {
    window().document().expect("a window has a document")
}

pub(crate) fn root() -> Option<HtmlElement> {
    use wasm_bindgen::JsCast;
    document()
        .document_element()
        .and_then(|element: Element| element.dyn_into().ok())
}

/// Milliseconds since 1970, by the browser's clock.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

pub(crate) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// What the browser believes. Only "offline" is to be trusted.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// The person's language tags in order of preference.
pub(crate) fn languages() -> Vec<String> {
    window()
        .navigator()
        .languages()
        .iter()
        .filter_map(|tag| tag.as_string())
        .collect()
}
