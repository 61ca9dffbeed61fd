//! What is asked once, over HTTP.

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use snug_shared::{
    api::{self, NewPush, OldPush, Place, PushKey, Refusal, Session},
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

/// What was said in a room before a place in its log.
pub(crate) async fn before(room: &RoomId, before: Position) -> Result<Page, Failure> {
    let url = format!("/api/rooms/{room}/messages?before={}", before.0);
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
    let request = to.json(body).map_err(|_| Failure::Lost)?;
    let answer = request.send().await.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        return Ok(());
    }
    read(Ok(answer)).await
}

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, Failure> {
    let answer = answer.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        answer.json().await.map_err(|_| Failure::Lost)
    } else {
        let refusal = answer.json().await.map_err(|_| Failure::Lost)?;
        Err(Failure::Refused(refusal))
    }
}
