//! Manages passkeys between the server, which sends the challenge, and the browser, which signs it.

use serde_json::Value;
use snug_shared::{
    api::{self, Proof, Session},
    ids::PasskeyId,
    passkeys::Passkey,
};
use web_sys::AbortSignal;

use super::{
    http::{self, Failure, read, settle},
    people::send,
    webauthn::{self, Asks},
};
use crate::browser;

/// The reason why an operation with a passkey has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// A failure of the browser.
    Browser(webauthn::Trouble),
    /// A failure of the request to the server.
    Server(Failure),
}

impl From<webauthn::Trouble> for Trouble {
    fn from(trouble: webauthn::Trouble) -> Self {
        Self::Browser(trouble)
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Server(failure)
    }
}

/// The reason why passkeys are not possible here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Impossible {
    /// The browser does not support passkeys.
    Browser,
    /// There are none at an address without a name, or without HTTPS: [`snug_shared::error_code::ErrorCode::PasskeysUnavailable`].
    Address,
}

/// Checks whether passkeys are possible here.
pub(crate) fn possible() -> Result<(), Impossible> {
    let host = browser::window().location().hostname().unwrap_or_default();
    // A name does not end in a number (URL Standard: "ends in a number checker"), and only an address has colons.
    let last = host.rsplit('.').next().unwrap_or_default();
    let address = host.contains(':') || last.starts_with(|it: char| it.is_ascii_digit());
    match (
        address || !browser::window().is_secure_context(),
        webauthn::is_there(),
    ) {
        (true, _) => Err(Impossible::Address),
        (false, false) => Err(Impossible::Browser),
        (false, true) => Ok(()),
    }
}

/// Lists the user's passkeys.
pub(crate) async fn list() -> Result<Vec<Passkey>, Failure> {
    read(http::get(api::PASSKEYS).send().await).await
}

/// Creates a passkey and adds it to the account.
pub(crate) async fn add(proof: Proof) -> Result<(), Trouble> {
    let options: Value = read(send(http::post(api::PASSKEY_OPTIONS), &proof).await).await?;
    let made = webauthn::create(&options).await?;
    Ok(settle(send(http::post(api::PASSKEYS), &made).await).await?)
}

/// Removes a passkey from the account.
pub(crate) async fn remove(passkey: PasskeyId) -> Result<(), Failure> {
    let url = format!("{}/{passkey}", api::PASSKEYS);
    settle(http::delete(&url).send().await).await
}

/// Returns what the browser has signed with a passkey.
pub(crate) async fn sign(asks: Asks, signal: Option<&AbortSignal>) -> Result<Value, Trouble> {
    let options: Value = read(http::post(api::SIGN_IN_PASSKEY_OPTIONS).send().await).await?;
    Ok(webauthn::get(&options, asks, signal).await?)
}

/// Signs in with what the browser has signed.
pub(crate) async fn sign_in(signed: Value) -> Result<Session, Failure> {
    http::need_cookies().await?;
    read(send(http::post(api::SIGN_IN_PASSKEY), &signed).await).await
}
