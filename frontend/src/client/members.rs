//! The HTTP requests about the members of a room.

use snug_shared::{
    api::{MEMBERS, ONLINE, ROOMS},
    ids::RoomId,
    presence::ChatUser,
};

use super::http::{self, Failure, read};

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
