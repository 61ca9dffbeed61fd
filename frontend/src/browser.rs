//! Wraps the few browser functions that all parts of the page need.

use js_sys::{Array, ArrayBuffer, Intl, Object, Reflect, Uint8Array};
use wasm_bindgen_futures::JsFuture;
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

/// Returns the path that all addresses of this page begin with, without its last slash: `/chat`, or an empty string at the root of
/// the host. The server writes it into the page (its setting `base`).
pub(crate) fn base() -> String {
    yew_router::utils::base_url().unwrap_or_default()
}

/// Returns the address of this page: `https://chat.example/chat`.
pub(crate) fn home() -> String {
    window().location().origin().unwrap_or_default() + &base()
}

/// Reloads the page at its start address.
pub(crate) fn go_home() {
    let _ = window().location().assign(&format!("{}/", base()));
}

/// Returns the name under which the browser stores an item of this page. Pages at other paths of the host share the storage.
pub(crate) fn stored_name(name: &str) -> String {
    base() + name
}

/// Writes to the clipboard, if the browser permits it. A page over plain HTTP has no clipboard.
pub(crate) async fn copy(text: &str) -> bool {
    let clipboard = window().navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Encodes bytes in URL-safe Base64 without padding (RFC 4648).
pub(crate) fn base64url(bytes: &ArrayBuffer) -> Option<String> {
    let bytes: String = Uint8Array::new(bytes)
        .to_vec()
        .into_iter()
        .map(char::from)
        .collect();
    let encoded = window().btoa(&bytes).ok()?;
    Some(encoded.replace('+', "-").replace('/', "_").replace('=', ""))
}

/// Waits until the browser is about to paint.
pub(crate) async fn frame() {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let _ = window().request_animation_frame(&resolve);
    });
    let _ = JsFuture::from(promise).await;
}

/// Returns the milliseconds since 1970, by the browser's clock.
pub(crate) fn now() -> f64 {
    js_sys::Date::now()
}

/// Returns the milliseconds since the page was loaded, to measure durations. The browser's clock may be set meanwhile, this one only
/// advances (High Resolution Time, `Performance.now`).
pub(crate) fn elapsed() -> f64 {
    window().performance().map_or_else(now, |it| it.now())
}

/// Returns the time zone by its IANA name.
pub(crate) fn time_zone() -> Option<String> {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    Reflect::get(&format.resolved_options(), &"timeZone".into())
        .ok()?
        .as_string()
}

pub(crate) fn is_visible() -> bool {
    document().visibility_state() == VisibilityState::Visible
}

/// Returns whether the browser considers itself online. Only "offline" is reliable.
pub(crate) fn is_online() -> bool {
    window().navigator().on_line()
}

/// Returns the user's language tags in order of preference.
pub(crate) fn languages() -> Vec<String> {
    window()
        .navigator()
        .languages()
        .iter()
        .filter_map(|tag| tag.as_string())
        .collect()
}

/// Returns the element that has the focus, unless that is the page as a whole.
pub(crate) fn focused() -> Option<Element> {
    let active = document().active_element();
    active.filter(|it| it.tag_name() != "BODY" && it.tag_name() != "HTML")
}

/// Returns whether the user types without an on-screen keyboard, which would cover half of the page.
pub(crate) fn has_keyboard() -> bool {
    let fine = window().match_media("(pointer: fine)");
    fine.ok().flatten().is_some_and(|list| list.matches())
}
