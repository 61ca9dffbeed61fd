//! The session cookie.

use snug_shared::ids::ChatId;
use warp::http::{HeaderMap, header};

use super::doors::Client;
use crate::{app::App, identity::Identities};

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
pub fn person(app: &App, headers: &HeaderMap) -> Option<ChatId> {
    let bearer = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    app.identities.check(bearer.or_else(|| cookie(headers))?)
}

/// The `Set-Cookie` of a person.
pub fn set_cookie(identities: &Identities, person: &ChatId, client: Client) -> String {
    let credential = identities.credential(person);
    let secure = if client.secure { "; Secure" } else { "" };
    format!("{NAME}={credential}; Path=/; Max-Age={AGE}; HttpOnly; SameSite=Lax{secure}")
}
