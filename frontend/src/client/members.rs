//! Who is in a room, and who is not any more.

use snug_shared::{
    api::{MEMBERS, Newcomer, ONLINE, ROOMS},
    ids::{ChatId, RoomId},
    presence::ChatUser,
};

use super::http::{self, Failure, read, settle};

fn url(room: &RoomId) -> String {
    format!("{ROOMS}/{room}/{MEMBERS}")
}

/// Who is in it, as far as they are here or keep a name.
pub(crate) async fn of(room: &RoomId) -> Result<Vec<ChatUser>, Failure> {
    read(http::get(&url(room)).send().await).await
}

/// Those who are online in it and whose names fit.
pub(crate) async fn online(room: &RoomId, search: &str) -> Result<Vec<ChatUser>, Failure> {
    let search = js_sys::encode_uri_component(search);
    let url = format!("{ROOMS}/{room}/{ONLINE}?search={search}");
    read(http::get(&url).send().await).await
}

/// Brings somebody in.
pub(crate) async fn add(room: &RoomId, person: ChatId) -> Result<(), Failure> {
    let newcomer = Newcomer { chat_id: person };
    let request = http::post(&url(room)).json(&newcomer);
    settle(request.map_err(|_| Failure::Lost)?.send().await).await
}

/// Takes somebody out.
pub(crate) async fn remove(room: &RoomId, person: &ChatId) -> Result<(), Failure> {
    settle(http::delete(&format!("{}/{person}", url(room))).send().await).await
}
