//! Sends single requests to the server over HTTP, and classifies the answers.
#![expect(clippy::disallowed_methods, reason = "here requests get what proves who asks")]

use gloo_net::http::{Request, RequestBuilder, Response};
use gloo_timers::future::TimeoutFuture;
use serde::{Serialize, de::DeserializeOwned};
use snug_shared::{
    api::{
        self, BanRefusal, HistoryQuery, NewSession, PushKey, PushSubscription, PushUnsubscription, Refusal,
        ServerInfo, Session,
    },
    error_code::ErrorCode,
    ids::{ChatId, Millis, Position, RoomId},
    messages::Page,
    rooms::Listed,
    text::RoomName,
};
use web_sys::RequestRedirect;

use super::{Outcome, storage};
use crate::browser;

/// The number of times that a page of history is requested again after the server has deferred it.
const TRIES: u32 = 5;

/// The reason why a request has no usable answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server has refused the request.
    Refused(Refusal),
    /// The answer did not arrive, or not completely.
    Lost,
    /// Something other than Snug has answered.
    Strange(Outcome),
    /// This browser stores no cookie for the page, and the request needs one.
    NoCookies,
}

/// Adds the user's proof to a request: the cookie, or the credential of a guest whose browser does not send the cookie back.
fn proved(request: RequestBuilder) -> RequestBuilder {
    // Snug redirects none of these. A gate does, whose page is of no use here.
    let request = request.redirect(RequestRedirect::Manual);
    match storage::credential() {
        Some(credential) => request.header("authorization", &format!("Bearer {credential}")),
        None => request,
    }
}

fn at(url: &str) -> String {
    browser::base() + url
}

pub(super) fn get(url: &str) -> RequestBuilder {
    proved(Request::get(&at(url)))
}

pub(super) fn post(url: &str) -> RequestBuilder {
    proved(Request::post(&at(url)))
}

pub(super) fn put(url: &str) -> RequestBuilder {
    proved(Request::put(&at(url)))
}

pub(super) fn delete(url: &str) -> RequestBuilder {
    proved(Request::delete(&at(url)))
}

/// Resumes this browser's session, or begins one.
pub(crate) async fn session() -> Result<Session, Failure> {
    let session: Session = read(post(api::SESSION).send().await).await?;
    // A credential that the server does not know any more is of no use.
    if token_of(&session.chat_id).is_none() {
        storage::save_credential(None);
    }
    Ok(session)
}

/// Returns the session of a new guest, who needs no cookie from now on; `None`, if the browser does send the cookie back.
pub(crate) async fn session_without_cookie() -> Result<Option<Session>, Failure> {
    let mut session = session_by_cookie().await?;
    Ok(session.token.take().map(|token| {
        storage::save_credential(Some(&format!("{}.{token}", session.chat_id)));
        session
    }))
}

/// Returns the token that proves this user, if no cookie does.
pub(crate) fn token_of(person: &ChatId) -> Option<String> {
    let credential = storage::credential()?;
    let (id, token) = credential.rsplit_once('.')?;
    (id == person.as_str()).then(|| token.to_owned())
}

/// Checks that this browser stores cookies: a session that it receives otherwise would be lost.
pub(crate) async fn need_cookies() -> Result<(), Failure> {
    let asked = async {
        session().await?;
        session_by_cookie().await
    };
    match asked.await {
        Ok(session) if session.token.is_some() => Err(Failure::NoCookies),
        // The server has received a cookie, though not a valid one.
        Err(Failure::Refused(it)) if it.error == ErrorCode::SessionReplaced => Ok(()),
        answer => answer.map(drop),
    }
}

/// Returns the session of the user whom the cookie proves; without a cookie, that of a new user with their token.
async fn session_by_cookie() -> Result<Session, Failure> {
    let request = Request::post(&at(api::SESSION)).json(&NewSession { token: true });
    read(request.map_err(|_| Failure::Lost)?.send().await).await
}

/// Reads the public information about the server: its rules, how many users are online, and a few of them.
pub(crate) async fn server_info() -> Result<ServerInfo, Failure> {
    // Public: it needs no credential.
    read(Request::get(&at(api::SERVER)).send().await).await
}

/// Reads a page of a room's messages.
pub(crate) async fn page(room: &RoomId, excerpt: HistoryQuery) -> Result<Page, Failure> {
    let url = format!("/api/rooms/{room}/messages?{excerpt}");
    for _ in 0..TRIES {
        match read(get(&url).send().await).await {
            Err(Failure::Refused(Refusal {
                error: ErrorCode::RateLimited,
                retry_after: Some(ms),
                ..
            })) => TimeoutFuture::new(ms).await,
            answer => return answer,
        }
    }
    read(get(&url).send().await).await
}

/// Lists the open rooms that match these words, the most active first.
pub(crate) async fn rooms(search: &str) -> Result<Vec<Listed>, Failure> {
    let url = format!("{}?search={}", api::ROOMS, js_sys::encode_uri_component(search));
    read(get(&url).send().await).await
}

/// Reads which room an address names; for a message of it, if the address names one.
pub(crate) async fn room_at(address: &RoomName, n: Option<Position>) -> Result<Listed, Failure> {
    let address = js_sys::encode_uri_component(address.as_str());
    let n = n.map_or_else(String::new, |n| format!("&n={}", n.0));
    read(get(&format!("{}?address={address}{n}", api::ROOM)).send().await).await
}

/// Reads the key with which this browser subscribes to pushes.
pub(crate) async fn push_key() -> Result<PushKey, Failure> {
    read(get(api::PUSH_KEY).send().await).await
}

/// Subscribes this browser to pushes.
pub(crate) async fn subscribe_push(push: &PushSubscription) -> Result<(), Failure> {
    send(post(api::PUSH), push).await
}

/// Unsubscribes this browser from pushes.
pub(crate) async fn unsubscribe_push(push: &PushUnsubscription) -> Result<(), Failure> {
    send(delete(api::PUSH), push).await
}

/// Sends a request whose answer has no content.
async fn send(to: RequestBuilder, body: &impl Serialize) -> Result<(), Failure> {
    settle(to.json(body).map_err(|_| Failure::Lost)?.send().await).await
}

/// Checks whether the user has access to the server.
pub(crate) async fn check_access() -> Result<(), Failure> {
    // No message precedes the first position: only a user without access is refused it.
    let nothing = HistoryQuery::Before(Position(1));
    page(&RoomId::lobby(), nothing).await.map(drop)
}

/// Returns when the user's ban ends, if the user is banned and the server reports the time.
pub(crate) async fn banned_until() -> Option<Millis> {
    let excerpt = HistoryQuery::Before(Position(1));
    let answer = get(&format!("/api/rooms/{}/messages?{excerpt}", RoomId::lobby()));
    let refusal: BanRefusal = answer.send().await.ok()?.json().await.ok()?;
    refusal
        .banned_until
        .filter(|_| refusal.refusal.error == ErrorCode::Banned)
}

/// Returns why the user was refused.
pub(crate) async fn why_not() -> ErrorCode {
    match check_access().await {
        Err(Failure::Refused(it)) if keeps_out(it.error) => it.error,
        _ => ErrorCode::Banned,
    }
}

/// Returns whether a refusal is about the user's access, and not about the request.
pub(crate) fn keeps_out(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::Banned | ErrorCode::InviteRequired | ErrorCode::MembersOnly
    )
}

/// Reads an answer that has content.
pub(super) async fn read<T: DeserializeOwned>(
    answer: Result<Response, gloo_net::Error>,
) -> Result<T, Failure> {
    let answer = accepted(answer).await?;
    let strange = (!is_json(&answer)).then(|| Failure::Strange(Outcome::of_status(answer.status())));
    strange.map_or(Ok(()), Err)?;
    answer.json().await.map_err(|_| Failure::Lost)
}

/// Checks an answer that only reports whether the request was carried out.
pub(super) async fn settle(answer: Result<Response, gloo_net::Error>) -> Result<(), Failure> {
    accepted(answer).await.map(drop)
}

async fn accepted(answer: Result<Response, gloo_net::Error>) -> Result<Response, Failure> {
    let answer = answer.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        return Ok(answer);
    }
    let status = answer.status();
    Err(match answer.json().await {
        Ok(refusal) => Failure::Refused(refusal),
        // A proxy accepts less than Snug does.
        Err(_) if status == 413 => Failure::Refused(Refusal {
            error: ErrorCode::TooLarge,
            message: String::new(),
            retry: false,
            retry_after: None,
            key: None,
            room: None,
        }),
        Err(_) => Failure::Strange(Outcome::of_status(status)),
    })
}

fn is_json(answer: &Response) -> bool {
    let kind = answer.headers().get("content-type");
    kind.is_some_and(|kind| kind.starts_with("application/json"))
}
