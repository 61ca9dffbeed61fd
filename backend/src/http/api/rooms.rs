//! Rooms, and what was said in them.

use std::sync::Arc;

use rusqlite::Connection;
use snug_shared::{
    api::{Excerpt, Newcomer, Place},
    code::Code,
    ids::{ChatId, Position, RoomId},
    people::Entrance,
    presence::ChatUser,
};

use warp::{Reply, http::header};

use super::{Answer, Asker, done, json, people::unavailable};
use crate::{
    features::{
        ApplyError, Command, addresses,
        members::{self, RoomAccess},
        messages,
    },
    hub::Room,
    rates::Cost,
};

/// `GET /api/place`.
pub(super) fn place(asker: &Asker) -> Answer {
    let lobby = asker.app.hub.room(&RoomId::lobby());
    let rules = asker.app.access.rules();
    let open = rules.entrance == Entrance::Anyone;
    // How people stand is for those who have come in.
    let face = |person| ChatUser {
        away: false,
        status: None,
        ..person
    };
    let faces = |room: Arc<Room>| room.faces().into_iter().map(face).collect();
    Ok(json(&Place {
        count: lobby.as_ref().map_or(0, |room| room.count()),
        faces: lobby.filter(|_| open).map_or_else(Vec::new, faces),
        rules,
    }))
}

/// `GET /api/rooms?search={words}`.
pub(super) async fn directory(asker: &Asker) -> Answer {
    let person = asker.person()?.chat_id;
    if let Err(wait) = asker.app.rates.search(&asker.spender(&person)) {
        return Ok(asker.too_fast(wait));
    }
    let search = asker.asks("search").unwrap_or_default();
    let hub = asker.app.hub.clone();
    // Ten thousand names take a millisecond or two: beside the runtime's threads.
    let read = asker.app.readers.read(move |tables| {
        let joined = members::joined(tables, &person)?;
        Ok(hub.directory(search.trim(), &joined))
    });
    Ok(json(&read.await.map_err(unavailable)?))
}

/// `GET /api/room?address={name or id}` with `n` for a link to a message.
pub(super) async fn at_address(asker: &Asker) -> Answer {
    let person = asker.person()?.chat_id;
    if let Err(wait) = asker.app.rates.search(&asker.spender(&person)) {
        return Ok(asker.too_fast(wait));
    }
    let address = asker.asks("address").ok_or(Code::BadFrame)?;
    let n = asker.asks("n").map(|n| n.parse::<Position>());
    let n = n.transpose().map_err(|_| Code::BadFrame)?;
    let read = asker.app.readers.read(move |tables| {
        let room = addresses::room_at(tables, &person, &address, n)?;
        let joined = members::joined(tables, &person)?;
        Ok(room.map(|room| (room, joined)))
    });
    let (room, joined) = read.await.map_err(unavailable)?.ok_or(Code::NotFound)?;
    let listed = asker.app.hub.listed(&room, &joined).ok_or(Code::NotFound)?;
    Ok(json(&listed))
}

/// `GET /api/rooms/{room}/members`. Guests who are not here are counted by those who were shown: nothing is kept of them.
pub(super) async fn members(asker: &Asker, room: &str) -> Answer {
    let person = asker.person()?.chat_id;
    if let Err(wait) = asker.app.rates.search(&asker.spender(&person)) {
        return Ok(asker.too_fast(wait));
    }
    let members = in_room(asker, room, members::members).await?;
    let shown = members.iter().filter_map(|person| asker.app.shown(person));
    Ok(json(&shown.collect::<Vec<_>>()))
}

/// `GET /api/rooms/{room}/online?search={name}`.
pub(super) async fn online(asker: &Asker, room: &str) -> Answer {
    let person = asker.person()?.chat_id;
    if let Err(wait) = asker.app.rates.search(&asker.spender(&person)) {
        return Ok(asker.too_fast(wait));
    }
    let (hub, search) = (asker.app.hub.clone(), asker.asks("search").unwrap_or_default());
    // Ten thousand names take milliseconds: beside the runtime's threads, as what is read from the store.
    let found = in_room(asker, room, move |_, member| {
        let room = hub.room(member.room());
        Ok(room.map(|it| it.find_people(search.trim())).unwrap_or_default())
    });
    Ok(json(&found.await?))
}

/// `POST /api/rooms/{room}/members`.
pub(super) async fn bring_in(asker: &Asker, room: &str) -> Answer {
    let by = asker.person()?.chat_id;
    let Newcomer { chat_id: person } = asker.body()?;
    let room = RoomId::try_from(room).map_err(|_| Code::NotFound)?;
    if let Some(refused) = asker.too_often(Cost::Change, &by) {
        return Ok(refused);
    }
    asker.app.shown(&person).ok_or(Code::NotFound)?;
    let command = Command::BringIn(members::BringIn { room, person });
    asker.submit(by, command).await?;
    Ok(done())
}

/// `DELETE /api/rooms/{room}/members/{person}`.
pub(super) async fn take_out(asker: &Asker, room: &str, person: &str) -> Answer {
    let by = asker.person()?.chat_id;
    let room = RoomId::try_from(room).map_err(|_| Code::NotFound)?;
    let person = ChatId::try_from(person).map_err(|_| Code::NotFound)?;
    if let Some(refused) = asker.too_often(Cost::Change, &by) {
        return Ok(refused);
    }
    let command = Command::TakeOut(members::TakeOut { room, person });
    asker.app.submit(by, command).await?;
    Ok(done())
}

/// `GET /api/rooms/{room}/messages` with `before`, `around` or `after`.
pub(super) async fn history(asker: &Asker, room: &str) -> Answer {
    let excerpt = Excerpt::asked_for(&asker.query()).ok_or(Code::BadFrame)?;
    let spender = asker.spender(&asker.person()?.chat_id);
    if let Err(wait) = asker.app.rates.may_read(&spender) {
        return Ok(asker.too_fast(wait));
    }
    let page = in_room(asker, room, move |tables, member| {
        messages::excerpt(tables, member, excerpt)
    });
    let page = serde_json::to_vec(&page.await?).expect("a page is made of strings and numbers");
    asker.app.rates.has_read(&spender, page.len());
    Ok(warp::reply::with_header(page, header::CONTENT_TYPE, "application/json").into_response())
}

/// Reads something for somebody who is in a room; who is not hears the same as if there were none.
async fn in_room<T: Send + 'static>(
    asker: &Asker,
    room: &str,
    query: impl FnOnce(&Connection, &RoomAccess<'_>) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, Code> {
    let person = asker.person()?.chat_id;
    let room = RoomId::try_from(room).map_err(|_| Code::NotFound)?;
    let read = asker.app.readers.read(
        move |tables| match members::require_access(tables, &person, &room) {
            Ok(access) => query(tables, &access).map(Ok),
            Err(ApplyError::Refused(code)) => Ok(Err(code)),
            Err(ApplyError::Database(error)) => Err(error),
        },
    );
    read.await.map_err(unavailable)?
}
