//! The rest of the page's program, which comes while one reads the door (docs/adr/0014-the-page-comes-in-two-parts.md).
//!
//! What is not parted, as while it is developed, has no rest: it is here at once. What is asked of the rest before it
//! has come stops the page until it has: that is right but slow, so whoever comes in awaits it ([`come`], [`use_rest`]).

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

/// Between two attempts, in milliseconds.
const AGAIN: u32 = 1_000;

thread_local! {
    static REST: Shared<LocalBoxFuture<'static, ()>> = fetch().boxed_local().shared();
}

/// Begins to fetch it. What has come already is here at once.
pub(crate) fn begin() {
    let rest = REST.with(Clone::clone);
    if rest.clone().now_or_never().is_none() {
        spawn_local(rest);
    }
}

/// Waits until it has come.
pub(crate) async fn come() {
    REST.with(Clone::clone).await;
}

/// Whether it has come; renders again when it has.
#[hook]
pub(crate) fn use_rest() -> bool {
    let come = use_state_eq(|| REST.with(|rest| rest.peek().is_some()));
    {
        let come = come.clone();
        use_effect_with((), move |()| {
            if !*come {
                spawn_local(async move {
                    self::come().await;
                    come.set(true);
                });
            }
        });
    }
    *come
}

async fn fetch() {
    let Some(address) = address() else { return };
    if let Some(compiled) = begun() {
        let module = Reflect::get(&compiled, &"module".into()).ok();
        let module = module.and_then(|it| it.dyn_into().ok());
        if module.is_some_and(|it| WebAssembly::Instance::new(&it, &imports()).is_ok()) {
            return;
        }
        if put_in_place(compiled).await.is_ok() {
            return;
        }
    }
    while let Err(Away) = attempt(&address).await {
        TimeoutFuture::new(AGAIN).await;
    }
}

/// What `index.html` has begun to compile for somebody who was here before, and with it, when that is done, the module.
fn begun() -> Option<Promise> {
    let begun = Reflect::get(&browser::window(), &"rest".into()).ok()?;
    begun.dyn_into().ok()
}

/// The network or the server is away.
struct Away;

async fn attempt(address: &str) -> Result<(), Away> {
    #[expect(clippy::disallowed_methods, reason = "a file of the page is for everybody")]
    let response = Request::get(address).send().await.map_err(|_| Away)?;
    // The server was replaced by another one, with another page.
    assert!(response.status() != 404, "this page is of the past");
    let response: JsValue = Response::from(response).into();
    put_in_place(WebAssembly::compile_streaming(&Promise::resolve(&response))).await
}

async fn put_in_place(compiled: Promise) -> Result<(), Away> {
    let module = JsFuture::from(compiled).await.map_err(|_| Away)?;
    let placed = WebAssembly::instantiate_module(module.unchecked_ref(), &imports());
    JsFuture::from(placed).await.map(drop).map_err(|_| Away)
}

/// Fetches it while all else stands still. The first part's stubs call this and then go on as if it had always been
/// here (xtask/src/finish/module.rs).
///
/// # Panics
/// Where it cannot be had, since there is nothing to go on with.
#[wasm_bindgen]
pub fn fetch_rest_now() {
    let fetched = address().ok_or(JsValue::UNDEFINED).and_then(|it| {
        let request = XmlHttpRequest::new()?;
        // Another address than that of `attempt`, whose answer nobody takes while this waits.
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

/// Where it lies.
fn address() -> Option<String> {
    let meta = browser::document().query_selector("meta[name=rest]").ok()??;
    meta.get_attribute("content")
}

/// All that the rest is made with is this part's.
fn imports() -> Object {
    let imports = Object::new();
    let _ = Reflect::set(&imports, &"".into(), &wasm_bindgen::exports());
    imports
}
