//! The HTTP requests about the members of a room.

use snug_shared::{
    api::{MEMBERS, NewMember, ONLINE, ROOMS},
    ids::{ChatId, RoomId},
    presence::ChatUser,
};

use super::http::{self, Failure, read, settle};

fn url(room: &RoomId) -> String {
    format!("{ROOMS}/{room}/{MEMBERS}")
}

/// Lists the room's members that are online or registered.
pub(crate) async fn of(room: &RoomId) -> Result<Vec<ChatUser>, Failure> {
    read(http::get(&url(room)).send().await).await
}

/// Lists the room's members that are online and whose names match.
pub(crate) async fn online(room: &RoomId, search: &str) -> Result<Vec<ChatUser>, Failure> {
    let search = js_sys::encode_uri_component(search);
    let url = format!("{ROOMS}/{room}/{ONLINE}?search={search}");
    read(http::get(&url).send().await).await
}

/// Adds a user to a room.
pub(crate) async fn add(room: &RoomId, person: ChatId) -> Result<(), Failure> {
    let newcomer = NewMember { chat_id: person };
    let request = http::post(&url(room)).json(&newcomer);
    settle(request.map_err(|_| Failure::Lost)?.send().await).await
}

/// Removes a user from a room.
pub(crate) async fn remove(room: &RoomId, person: &ChatId) -> Result<(), Failure> {
    settle(http::delete(&format!("{}/{person}", url(room))).send().await).await
}
