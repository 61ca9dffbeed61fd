//! Who is in a room, and who is not any more.

use gloo_net::http::Request;
use snug_shared::{
    api::{MEMBERS, Newcomer, ROOMS},
    ids::{ChatId, RoomId},
    presence::ChatUser,
};

use super::http::{Failure, read, settle};

fn url(room: &RoomId) -> String {
    format!("{ROOMS}/{room}/{MEMBERS}")
}

/// Who is in it, as far as they are here or keep a name.
pub(crate) async fn of(room: &RoomId) -> Result<Vec<ChatUser>, Failure> {
    read(Request::get(&url(room)).send().await).await
}

/// Brings somebody in.
pub(crate) async fn add(room: &RoomId, person: ChatId) -> Result<(), Failure> {
    let newcomer = Newcomer { chat_id: person };
    let request = Request::post(&url(room)).json(&newcomer);
    settle(request.map_err(|_| Failure::Lost)?.send().await).await
}

/// Takes somebody out.
pub(crate) async fn remove(room: &RoomId, person: &ChatId) -> Result<(), Failure> {
    settle(Request::delete(&format!("{}/{person}", url(room))).send().await).await
}
