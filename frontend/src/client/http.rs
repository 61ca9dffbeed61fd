//! What is asked once, over HTTP.

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use snug_shared::{
    api::{self, Excerpt, NewPush, OldPush, Place, PushKey, Refusal, Session},
    code::Code,
    ids::{Position, RoomId},
    messages::Page,
    rooms::Listed,
};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The server said no.
    Refused(Refusal),
    /// Nothing that could be read came back.
    Lost,
}

/// Takes up this browser's session, or begins one.
pub(crate) async fn session() -> Result<Session, Failure> {
    read(Request::post(api::SESSION).send().await).await
}

/// Who is here.
pub(crate) async fn place() -> Result<Place, Failure> {
    read(Request::get(api::PLACE).send().await).await
}

/// A page of what was said in a room.
pub(crate) async fn page(room: &RoomId, excerpt: Excerpt) -> Result<Page, Failure> {
    let url = format!("/api/rooms/{room}/messages?{excerpt}");
    read(Request::get(&url).send().await).await
}

/// The open rooms that have these words, the busiest first.
pub(crate) async fn rooms(search: &str) -> Result<Vec<Listed>, Failure> {
    let url = format!("{}?search={}", api::ROOMS, js_sys::encode_uri_component(search));
    read(Request::get(&url).send().await).await
}

/// With what this browser subscribes to pushes.
pub(crate) async fn push_key() -> Result<PushKey, Failure> {
    read(Request::get(api::PUSH_KEY).send().await).await
}

/// Asks to be sent pushes here.
pub(crate) async fn be_pushed(push: &NewPush) -> Result<(), Failure> {
    send(Request::post(api::PUSH), push).await
}

/// Asks to be sent none here any more.
pub(crate) async fn be_pushed_no_more(push: &OldPush) -> Result<(), Failure> {
    send(Request::delete(api::PUSH), push).await
}

/// Asks for something that is answered with nothing.
async fn send(to: RequestBuilder, body: &impl Serialize) -> Result<(), Failure> {
    settle(to.json(body).map_err(|_| Failure::Lost)?.send().await).await
}

/// Whether one may be here.
pub(crate) async fn may_come() -> Result<(), Failure> {
    // Nothing was said before the first position: nobody but whoever may not be here is refused it.
    let nothing = Excerpt::Before(Position(1));
    page(&RoomId::lobby(), nothing).await.map(drop)
}

/// Why one was sent away.
pub(crate) async fn why_not() -> Code {
    match may_come().await {
        Err(Failure::Refused(it)) if keeps_out(it.error) => it.error,
        _ => Code::PutOut,
    }
}

/// Whether it is about who may be here, and not about what was asked.
pub(crate) fn keeps_out(code: Code) -> bool {
    matches!(code, Code::PutOut | Code::NotInvited | Code::MembersOnly)
}

/// An answer that has something to read.
pub(super) async fn read<T: DeserializeOwned>(
    answer: Result<Response, gloo_net::Error>,
) -> Result<T, Failure> {
    accepted(answer).await?.json().await.map_err(|_| Failure::Lost)
}

/// An answer that only says whether it is done.
pub(super) async fn settle(answer: Result<Response, gloo_net::Error>) -> Result<(), Failure> {
    accepted(answer).await.map(drop)
}

async fn accepted(answer: Result<Response, gloo_net::Error>) -> Result<Response, Failure> {
    let answer = answer.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        Ok(answer)
    } else {
        let refusal = answer.json().await.map_err(|_| Failure::Lost)?;
        Err(Failure::Refused(refusal))
    }
}
