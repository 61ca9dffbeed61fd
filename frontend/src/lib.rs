//! Snug's page: a Yew app around [`snug_shared::replica`].
//!
//! `client` talks to the server and to the browser's storage and does not depend on Yew; `store` drives the
//! replica; `features` render it; `ui` has the components that do not depend on the chat.

mod app;
mod browser;
mod client;
pub mod features;
mod history;
pub mod i18n;
mod lazy_module;
mod prefs;
mod route;
mod store;
pub mod ui;

/// Takes over the shell that `index.html` has painted.
pub fn run() {
    lazy_module::start_loading();
    let root = browser::document().get_element_by_id("app");
    match root {
        Some(root) => yew::Renderer::<app::App>::with_root(root).render(),
        None => yew::Renderer::<app::App>::new().render(),
    };
}
