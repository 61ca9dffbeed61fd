//! What is asked once, over HTTP.

use gloo_net::http::{Request, Response};
use serde::de::DeserializeOwned;
use snug_shared::{
    api::{self, Excerpt, Place, Refusal, Session},
    ids::RoomId,
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

async fn read<T: DeserializeOwned>(answer: Result<Response, gloo_net::Error>) -> Result<T, Failure> {
    let answer = answer.map_err(|_| Failure::Lost)?;
    if answer.ok() {
        answer.json().await.map_err(|_| Failure::Lost)
    } else {
        let refusal = answer.json().await.map_err(|_| Failure::Lost)?;
        Err(Failure::Refused(refusal))
    }
}
