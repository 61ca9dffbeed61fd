//! What the browser has for passkeys (Web Authentication, Level 3). Its options and results are JSON here; where the browser is of
//! before Level 3, or an extension stands in for it, they are made of JSON and into it by hand.

use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Promise, Reflect, Uint8Array};
use serde_json::{Map, Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::browser;

/// Why there is nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Somebody has said no, or has not said anything for long; or there is no passkey to sign with. Browsers do not tell which.
    Cancelled,
    /// This device has a passkey for this person already.
    Here,
    /// Something else.
    Broken,
}

impl From<JsValue> for Trouble {
    fn from(error: JsValue) -> Self {
        match text(&error, "name").as_deref() {
            Some("NotAllowedError" | "AbortError") => Self::Cancelled,
            Some("InvalidStateError") => Self::Here,
            _ => Self::Broken,
        }
    }
}

/// Who is asked for a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The browser, in a dialog of its own.
    Dialog,
    /// Whoever looks at a field, among what it can be filled in with; until then it is quiet.
    Field,
}

/// Whether the browser has passkeys at all.
pub(crate) fn is_there() -> bool {
    kind().is_some() && container().is_some()
}

/// Whether it offers them at a field.
pub(crate) async fn fills_in() -> bool {
    let Some(kind) = kind() else { return false };
    let Ok(asked) = call(&kind, "isConditionalMediationAvailable", &[]) else {
        return false;
    };
    let answer = JsFuture::from(Promise::resolve(&asked)).await;
    answer.is_ok_and(|it| it.is_truthy())
}

/// A new passkey.
pub(crate) async fn create(options: &Value) -> Result<Value, Trouble> {
    let public_key = match from_json("parseCreationOptionsFromJSON", options) {
        Some(options) => options,
        None => creation(options).ok_or(Trouble::Broken)?,
    };
    let asked = [("publicKey", public_key)];
    to_json(&ask("create", &asked).await?)
}

/// A signature of one that is there.
pub(crate) async fn get(options: &Value, asks: Asks, signal: Option<&AbortSignal>) -> Result<Value, Trouble> {
    let public_key = match from_json("parseRequestOptionsFromJSON", options) {
        Some(options) => options,
        None => request(options).ok_or(Trouble::Broken)?,
    };
    let mut asked = vec![("publicKey", public_key)];
    if asks == Asks::Field {
        asked.push(("mediation", "conditional".into()));
    }
    asked.extend(signal.map(|it| ("signal", it.into())));
    to_json(&ask("get", &asked).await?)
}

async fn ask(what: &str, asked: &[(&str, JsValue)]) -> Result<JsValue, Trouble> {
    let options = Object::new();
    for (name, value) in asked {
        Reflect::set(&options, &JsValue::from_str(name), value)?;
    }
    let container = container().ok_or(Trouble::Broken)?;
    let promise: Promise = call(&container, what, &[options.into()])?.dyn_into()?;
    Ok(JsFuture::from(promise).await?)
}

/// By the browser, if it can.
fn from_json(parse: &str, options: &Value) -> Option<JsValue> {
    call(&kind()?, parse, &[js(options)?]).ok()
}

fn creation(options: &Value) -> Option<JsValue> {
    let it = js(options)?;
    decode(&it, "challenge")?;
    decode(&field(&it, "user")?, "id")?;
    for excluded in Array::from(&field(&it, "excludeCredentials")?).iter() {
        decode(&excluded, "id")?;
    }
    Some(it)
}

fn request(options: &Value) -> Option<JsValue> {
    let it = js(options)?;
    decode(&it, "challenge")?;
    Some(it)
}

fn to_json(credential: &JsValue) -> Result<Value, Trouble> {
    let written = call(credential, "toJSON", &[]).ok();
    let written = written.and_then(|it| String::from(JSON::stringify(&it).ok()?).parse().ok());
    written.or_else(|| by_hand(credential)).ok_or(Trouble::Broken)
}

fn by_hand(credential: &JsValue) -> Option<Value> {
    let response = field(credential, "response")?;
    let parts = [
        "clientDataJSON",
        "attestationObject",
        "authenticatorData",
        "signature",
        "userHandle",
    ];
    let parts = parts.iter().filter_map(|name| {
        let part = field(&response, name)?.dyn_into::<ArrayBuffer>().ok()?;
        Some(((*name).to_owned(), browser::base64url(&part)?.into()))
    });
    let id = field(credential, "rawId")?.dyn_into::<ArrayBuffer>().ok()?;
    Some(json!({"rawId": browser::base64url(&id)?, "response": parts.collect::<Map<_, _>>()}))
}

fn js(value: &Value) -> Option<JsValue> {
    JSON::parse(&value.to_string()).ok()
}

/// Bytes in place of their URL-safe Base64 (RFC 4648).
fn decode(object: &JsValue, name: &str) -> Option<()> {
    let encoded = text(object, name)?.replace('-', "+").replace('_', "/");
    let bytes: Vec<u8> = browser::window()
        .atob(&encoded)
        .ok()?
        .chars()
        .map(|it| it as u8)
        .collect();
    Reflect::set(object, &name.into(), &Uint8Array::from(&bytes[..])).ok()?;
    Some(())
}

/// `PublicKeyCredential`.
fn kind() -> Option<JsValue> {
    field(&browser::window(), "PublicKeyCredential")
}

/// `navigator.credentials`.
fn container() -> Option<JsValue> {
    field(&browser::window().navigator(), "credentials")
}

fn field(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name)?.as_string()
}

fn call(object: &JsValue, name: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let function: Function = Reflect::get(object, &name.into())?.dyn_into()?;
    function.apply(object, &arguments.iter().collect::<Array>())
}
