//! The session cookie.

use warp::http::{HeaderMap, header};

use super::doors::Client;
use crate::{app::App, identity::Identity};

const NAME: &str = "snug";
/// A year, in seconds. Every answer sets it anew.
const AGE: u32 = 365 * 24 * 60 * 60;

/// The value of the session cookie (RFC 6265).
pub fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(NAME)?.strip_prefix('='))
}

/// The person of a request's cookie or bearer token, if either proves one.
pub fn identity(app: &App, headers: &HeaderMap) -> Option<Identity> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    app.identities.check(bearer.or_else(|| cookie(headers))?)
}

/// The `Set-Cookie` of a credential; without one, the browser is to forget its own.
pub fn set_cookie(credential: Option<&str>, client: Client) -> String {
    let age = credential.map_or(0, |_| AGE);
    let credential = credential.unwrap_or_default();
    let secure = if client.secure { "; Secure" } else { "" };
    format!("{NAME}={credential}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}")
}

/// The name of the cookie by which a browser is known again that somebody has signed in with.
const DEVICE: &str = "snug-device";

/// The value of that cookie. See [`crate::identity::Identities::device`].
pub fn device_cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(DEVICE)?.strip_prefix('='))
}

/// The `Set-Cookie` of a browser that somebody has signed in with.
pub fn set_device_cookie(device: &str, client: Client) -> String {
    let secure = if client.secure { "; Secure" } else { "" };
    format!("{DEVICE}={device}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{secure}")
}
