//! Wraps the browser's Web Authentication API, Level 3. Its options and results are JSON here; where the browser supports an earlier
//! level, or an extension replaces its API, this module converts them from and to JSON itself.

use js_sys::{Array, ArrayBuffer, Function, JSON, Object, Promise, Reflect, Uint8Array};
use serde_json::{Map, Value, json};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::browser;

/// The reason why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// The user has declined, or has not answered for long; or there is no passkey to sign with. Browsers do not distinguish these.
    Cancelled,
    /// This device already has a passkey for this user.
    Here,
    /// Any other error.
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

/// The way in which the browser offers a passkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The browser opens a dialog of its own.
    Dialog,
    /// The browser lists passkeys among a field's autofill suggestions; until the user focuses the field, it shows nothing.
    Field,
}

/// Returns whether the browser supports passkeys at all.
pub(crate) fn is_there() -> bool {
    kind().is_some() && container().is_some()
}

/// Returns whether the browser offers passkeys at a field.
pub(crate) async fn fills_in() -> bool {
    let Some(kind) = kind() else { return false };
    let Ok(asked) = call(&kind, "isConditionalMediationAvailable", &[]) else {
        return false;
    };
    let answer = JsFuture::from(Promise::resolve(&asked)).await;
    answer.is_ok_and(|it| it.is_truthy())
}

/// Creates a new passkey.
pub(crate) async fn create(options: &Value) -> Result<Value, Trouble> {
    let public_key = match from_json("parseCreationOptionsFromJSON", options) {
        Some(options) => options,
        None => creation(options).ok_or(Trouble::Broken)?,
    };
    let asked = [("publicKey", public_key)];
    to_json(&ask("create", &asked).await?)
}

/// Returns a signature made with an existing passkey.
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

/// Converts options from JSON with the browser's own function, if it has one.
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

/// Replaces URL-safe Base64 (RFC 4648) with its bytes.
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

/// Returns the browser's `PublicKeyCredential`.
fn kind() -> Option<JsValue> {
    field(&browser::window(), "PublicKeyCredential")
}

/// Returns the browser's `navigator.credentials`.
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
