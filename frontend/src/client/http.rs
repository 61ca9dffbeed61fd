//! What is asked once, over HTTP.

use gloo_net::http::{Request, Response};
use serde::de::DeserializeOwned;
use snug_shared::{
    api::{self, Place, Refusal, Session},
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

pub(super) async fn read<T: DeserializeOwned>(
    answer: Result<Response, gloo_net::Error>,
) -> Result<T, Failure> {
    let answer = answer.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        answer.json().await.map_err(|_| Failure::Lost)
    } else {
        let refusal = answer.json().await.map_err(|_| Failure::Lost)?;
        Err(Failure::Refused(refusal))
    }
}
