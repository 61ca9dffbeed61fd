//! Rooms, and what was said in them.

use snug_shared::{
    api::Place,
    code::Code,
    ids::{Position, RoomId},
    people::Entrance,
};

use super::{Answer, Asker, json, people::unavailable};
use crate::features::{ApplyError, messages, rooms};

/// People that a visitor sees before entering.
const FACES: usize = 5;

/// `GET /api/place`.
pub(super) fn place(asker: &Asker) -> Answer {
    let lobby = asker.app.hub.room(&RoomId::lobby());
    let rules = asker.app.standing.rules();
    let open = rules.entrance == Entrance::Anyone;
    Ok(json(&Place {
        count: lobby.as_ref().map_or(0, |room| room.count()),
        faces: lobby
            .filter(|_| open)
            .map_or_else(Vec::new, |room| room.some_people(FACES)),
        rules,
    }))
}

/// `GET /api/rooms?search={words}`.
pub(super) async fn directory(asker: &Asker) -> Answer {
    let person = asker.person()?.chat_id;
    let search = asker.asks("search").unwrap_or_default();
    let read = asker
        .app
        .readers
        .read(move |tables| rooms::directory(tables, &person, search.trim()));
    Ok(json(&read.await.map_err(unavailable)?))
}

/// `GET /api/rooms/{room}/messages?before={n}`.
pub(super) async fn history(asker: &Asker, room: &str) -> Answer {
    let person = asker.person()?.chat_id;
    let room = RoomId::try_from(room).map_err(|_| Code::NotFound)?;
    let before: u64 = (asker.asks("before"))
        .and_then(|it| it.parse().ok())
        .ok_or(Code::BadFrame)?;
    let upto = Position(before.saturating_sub(1));
    let read = asker
        .app
        .readers
        .read(move |tables| match rooms::member(tables, &person, &room) {
            Ok(member) => messages::page_upto(tables, &member, upto).map(Ok),
            Err(ApplyError::Refused(code)) => Ok(Err(code)),
            Err(ApplyError::Database(error)) => Err(error),
        });
    Ok(json(&read.await.map_err(unavailable)??))
}
