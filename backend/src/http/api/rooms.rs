//! Rooms, and their history.

use std::sync::Arc;

use rusqlite::Connection;
use snug_shared::{
    api::{HistoryQuery, ServerInfo},
    error_code::ErrorCode,
    ids::{Position, RoomId},
    people::JoinPolicy,
    presence::ChatUser,
};

use warp::{Reply, http::header};

use super::{Answer, RequestContext, json, unavailable};
use crate::{
    features::{
        ApplyError, addresses, members, messages,
        room_access::{self, RoomAccess},
    },
    hub::Room,
};

/// Handles `GET /api/server`.
pub(super) fn server_info(context: &RequestContext) -> Answer {
    let lobby = context.app.hub.room(&RoomId::lobby());
    let rules = context.app.access.rules();
    let open = rules.join_policy == JoinPolicy::Anyone;
    // The status of users is only for clients that have joined.
    let face = |person| ChatUser {
        away: false,
        status: None,
        ..person
    };
    let faces = |room: Arc<Room>| room.faces().into_iter().map(face).collect();
    Ok(json(&ServerInfo {
        count: lobby.as_ref().map_or(0, |room| room.count()),
        faces: lobby.filter(|_| open).map_or_else(Vec::new, faces),
        rules,
    }))
}

/// Handles `GET /api/rooms?search={words}`.
pub(super) async fn directory(context: &RequestContext) -> Answer {
    let person = context.require_person()?.chat_id;
    if let Err(wait) = context.app.rates.search(&context.spender(&person)) {
        return Ok(context.rate_limited(wait));
    }
    let search = context.query_value("search").unwrap_or_default();
    let hub = context.app.hub.clone();
    // Ten thousand names take a millisecond or two: searched off the runtime's threads.
    let read = context.app.readers.read(move |tables| {
        let joined = members::joined(tables, &person)?;
        Ok(hub.directory(search.trim(), &joined))
    });
    Ok(json(&read.await.map_err(unavailable)?))
}

/// Handles `GET /api/room?address={name or id}`, with `n` for a link to a message.
pub(super) async fn at_address(context: &RequestContext) -> Answer {
    let person = context.require_person()?.chat_id;
    if let Err(wait) = context.app.rates.search(&context.spender(&person)) {
        return Ok(context.rate_limited(wait));
    }
    let address = context.query_value("address").ok_or(ErrorCode::BadFrame)?;
    let n = context.query_value("n").map(|n| n.parse::<Position>());
    let n = n.transpose().map_err(|_| ErrorCode::BadFrame)?;
    let read = context.app.readers.read(move |tables| {
        let room = addresses::room_at(tables, &person, &address, n)?;
        let joined = members::joined(tables, &person)?;
        Ok(room.map(|room| (room, joined)))
    });
    let (room, joined) = read.await.map_err(unavailable)?.ok_or(ErrorCode::NotFound)?;
    let listed = context
        .app
        .hub
        .listed(&room, &joined)
        .ok_or(ErrorCode::NotFound)?;
    Ok(json(&listed))
}

/// Handles `GET /api/rooms/{room}/members`. Offline guests are left out, since nothing is stored of them; the recipient of the list
/// counts them.
pub(super) async fn members(context: &RequestContext, room: &str) -> Answer {
    let person = context.require_person()?.chat_id;
    if let Err(wait) = context.app.rates.search(&context.spender(&person)) {
        return Ok(context.rate_limited(wait));
    }
    let members = in_room(context, room, members::members).await?;
    let shown = members.iter().filter_map(|person| context.app.shown(person));
    Ok(json(&shown.collect::<Vec<_>>()))
}

/// Handles `GET /api/rooms/{room}/online?search={name}`.
pub(super) async fn online(context: &RequestContext, room: &str) -> Answer {
    let person = context.require_person()?.chat_id;
    if let Err(wait) = context.app.rates.search(&context.spender(&person)) {
        return Ok(context.rate_limited(wait));
    }
    let (hub, search) = (
        context.app.hub.clone(),
        context.query_value("search").unwrap_or_default(),
    );
    // Ten thousand names take milliseconds: searched off the runtime's threads, like a read of the store.
    let found = in_room(context, room, move |_, member| {
        let room = hub.room(member.room());
        Ok(room.map(|it| it.find_people(search.trim())).unwrap_or_default())
    });
    Ok(json(&found.await?))
}

/// Handles `GET /api/rooms/{room}/messages` with `before`, `around` or `after`.
pub(super) async fn history(context: &RequestContext, room: &str) -> Answer {
    let spender = context.spender(&context.require_person()?.chat_id);
    let excerpt = HistoryQuery::asked_for(&context.query()).ok_or(ErrorCode::BadFrame)?;
    if let Err(wait) = context.app.rates.may_read(&spender) {
        return Ok(context.rate_limited(wait));
    }
    let page = in_room(context, room, move |tables, member| {
        messages::excerpt(tables, member, excerpt)
    });
    let page = serde_json::to_vec(&page.await?).expect("a page is made of strings and numbers");
    context.app.rates.has_read(&spender, page.len());
    Ok(warp::reply::with_header(page, header::CONTENT_TYPE, "application/json").into_response())
}

/// Reads something for a member of a room. For other users the answer is the same as if there were no room.
async fn in_room<T: Send + 'static>(
    context: &RequestContext,
    room: &str,
    query: impl FnOnce(&Connection, &RoomAccess<'_>) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, ErrorCode> {
    let person = context.require_person()?.chat_id;
    let room = RoomId::try_from(room).map_err(|_| ErrorCode::NotFound)?;
    let read =
        context.app.readers.read(
            move |tables| match room_access::require_access(tables, &person, &room) {
                Ok(access) => query(tables, &access).map(Ok),
                Err(ApplyError::Refused(code)) => Ok(Err(code)),
                Err(ApplyError::Database(error)) => Err(error),
            },
        );
    read.await.map_err(unavailable)?
}
