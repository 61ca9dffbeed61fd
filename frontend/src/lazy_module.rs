//! Loads the lazy module: the second part of the page's program
//! (docs/adr/0014-the-page-comes-in-two-parts.md).
//!
//! A program that is not split, as in development, has no lazy module and counts as loaded at once. A call
//! into the lazy module before it is loaded blocks the page until it is. That is correct but slow, so the
//! page awaits it first ([`loaded`], [`use_lazy_module`]).

use futures_util::{
    FutureExt,
    future::{LocalBoxFuture, Shared},
};
use gloo_net::http::Request;
use gloo_timers::future::TimeoutFuture;
use js_sys::{Object, Promise, Reflect, Uint8Array, WebAssembly};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Response, XmlHttpRequest};
use yew::prelude::*;

use crate::browser;

/// The delay between two attempts, in milliseconds.
const RETRY_MS: u32 = 1_000;

thread_local! {
    static LAZY_MODULE: Shared<LocalBoxFuture<'static, ()>> = fetch().boxed_local().shared();
}

/// Starts to load the module.
pub(crate) fn start_loading() {
    let rest = LAZY_MODULE.with(Clone::clone);
    if rest.clone().now_or_never().is_none() {
        spawn_local(rest);
    }
}

/// Waits until the module is loaded.
pub(crate) async fn loaded() {
    LAZY_MODULE.with(Clone::clone).await;
}

/// Returns whether the module is loaded, and renders the component again when it is.
#[hook]
pub(crate) fn use_lazy_module() -> bool {
    let is_loaded = use_state_eq(|| LAZY_MODULE.with(|rest| rest.peek().is_some()));
    {
        let is_loaded = is_loaded.clone();
        use_effect_with((), move |()| {
            if !*is_loaded {
                spawn_local(async move {
                    loaded().await;
                    is_loaded.set(true);
                });
            }
        });
    }
    *is_loaded
}

async fn fetch() {
    let Some(address) = address() else { return };
    if let Some(compiled) = started_compilation() {
        let module = Reflect::get(&compiled, &"module".into()).ok();
        let module = module.and_then(|it| it.dyn_into().ok());
        if module.is_some_and(|it| WebAssembly::Instance::new(&it, &imports()).is_ok()) {
            return;
        }
        if instantiate(compiled).await.is_ok() {
            return;
        }
    }
    while let Err(Unreachable) = attempt(&address).await {
        TimeoutFuture::new(RETRY_MS).await;
    }
}

/// Returns the compilation that `index.html` has started for a returning user. Once done, it has the module
/// as a property.
fn started_compilation() -> Option<Promise> {
    let compilation = Reflect::get(&browser::window(), &"rest".into()).ok()?;
    compilation.dyn_into().ok()
}

/// The network or the server cannot be reached.
struct Unreachable;

async fn attempt(address: &str) -> Result<(), Unreachable> {
    #[expect(clippy::disallowed_methods, reason = "a file of the page is for everybody")]
    let response = Request::get(address).send().await.map_err(|_| Unreachable)?;
    // The server has been replaced by another version, with another page.
    assert!(response.status() != 404, "this page is of the past");
    let response: JsValue = Response::from(response).into();
    instantiate(WebAssembly::compile_streaming(&Promise::resolve(&response))).await
}

async fn instantiate(compiled: Promise) -> Result<(), Unreachable> {
    let module = JsFuture::from(compiled).await.map_err(|_| Unreachable)?;
    let placed = WebAssembly::instantiate_module(module.unchecked_ref(), &imports());
    JsFuture::from(placed).await.map(drop).map_err(|_| Unreachable)
}

/// Loads the module synchronously. The first part's stubs call this and then call into the module
/// (xtask/src/postprocess/wasm_split.rs).
///
/// # Panics
/// If the module cannot be loaded, since the page cannot go on without it.
#[wasm_bindgen]
pub fn fetch_rest_now() {
    let fetched = address().ok_or(JsValue::UNDEFINED).and_then(|it| {
        let request = XmlHttpRequest::new()?;
        // A different address from the one in `attempt`: its response cannot be read while this blocks.
        request.open_with_async("GET", &format!("{it}?now"), false)?;
        // A page's synchronous requests give text only: every byte as a character whose lowest byte it is.
        request.override_mime_type("text/plain; charset=x-user-defined")?;
        request.send()?;
        let text = request.response_text()?.unwrap_or_default();
        let bytes: Vec<u8> = text.chars().map(|it| it as u8).collect();
        let module = WebAssembly::Module::new(&Uint8Array::from(&bytes[..]))?;
        WebAssembly::Instance::new(&module, &imports())
    });
    assert!(fetched.is_ok(), "the rest of the page is not to be had");
}

/// Returns the module's address, if the program is split.
fn address() -> Option<String> {
    let meta = browser::document().query_selector("meta[name=rest]").ok()??;
    meta.get_attribute("content")
}

/// Returns the module's imports: the exports of the first part.
fn imports() -> Object {
    let imports = Object::new();
    let _ = Reflect::set(&imports, &"".into(), &wasm_bindgen::exports());
    imports
}
