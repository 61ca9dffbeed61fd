//! What is asked once.

use serde::Deserialize;
use snug_shared::{
    api::{Excerpt, Place, Session},
    code::Code,
    ids::RoomId,
};
use warp::{
    Filter, Rejection, Reply,
    http::{HeaderMap, StatusCode, header},
    reply::Response,
};

use super::{
    doors::Client,
    lang,
    origin::{Asked, asked},
    refuse,
    session::{cookie, person, set_cookie},
};
use crate::{
    app::App,
    features::{ApplyError, messages, rooms},
    identity::Identities,
};

/// People that a visitor sees before entering.
const FACES: usize = 5;

/// `POST /api/session`.
pub fn session(app: App) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("api" / "session")
        .and(warp::post())
        .and(warp::header::headers_cloned())
        .and(warp::ext::get())
        .map(move |headers: HeaderMap, client: Client| {
            if asked(&headers, &app.config.allow_origin) == Asked::Elsewhere {
                return refuse(StatusCode::FORBIDDEN, Code::ForbiddenOrigin, lang(&headers));
            }
            let known = cookie(&headers).and_then(|credential| app.identities.check(credential));
            let chat_id = known.unwrap_or_else(Identities::newcomer);
            let cookie = set_cookie(&app.identities, &chat_id, client);
            let reply = warp::reply::json(&Session { chat_id });
            let reply = warp::reply::with_header(reply, header::SET_COOKIE, cookie);
            warp::reply::with_header(reply, header::CACHE_CONTROL, "no-store").into_response()
        })
}

/// `GET /api/place`.
pub fn place(app: App) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("api" / "place").and(warp::get()).map(move || {
        let lobby = app.hub.room(&RoomId::lobby());
        let place = Place {
            count: lobby.as_ref().map_or(0, |room| room.count()),
            faces: lobby.map_or_else(Vec::new, |room| room.some_people(FACES)),
        };
        warp::reply::with_header(warp::reply::json(&place), header::CACHE_CONTROL, "no-store").into_response()
    })
}

/// `GET /api/rooms/{room}/messages` with `before`, `around` or `after`.
pub fn history(app: App) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("api" / "rooms" / String / "messages")
        .and(warp::get())
        .and(warp::query())
        .and(warp::header::headers_cloned())
        .then(
            move |room: String, query: Vec<(String, String)>, headers: HeaderMap| {
                let app = app.clone();
                async move {
                    match page(&app, room, &query, &headers).await {
                        Ok(response) => response,
                        Err((status, code)) => refuse(status, code, lang(&headers)),
                    }
                }
            },
        )
}

#[derive(Deserialize)]
struct Search {
    #[serde(default)]
    search: String,
}

/// `GET /api/rooms?search={words}`.
pub fn directory(app: App) -> impl Filter<Extract = (Response,), Error = Rejection> + Clone {
    warp::path!("api" / "rooms")
        .and(warp::get())
        .and(warp::query())
        .and(warp::header::headers_cloned())
        .then(move |Search { search }: Search, headers: HeaderMap| {
            let app = app.clone();
            async move {
                let Some(person) = person(&app, &headers) else {
                    return refuse(StatusCode::UNAUTHORIZED, Code::NoUserInfo, lang(&headers));
                };
                let read = app
                    .readers
                    .read(move |tables| rooms::directory(tables, &person, search.trim()));
                match read.await {
                    Ok(rooms) => {
                        warp::reply::with_header(warp::reply::json(&rooms), header::CACHE_CONTROL, "no-store")
                            .into_response()
                    }
                    Err(error) => {
                        tracing::error!(%error, "the directory could not be read");
                        refuse(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, lang(&headers))
                    }
                }
            }
        })
}

async fn page(
    app: &App,
    room: String,
    query: &[(String, String)],
    headers: &HeaderMap,
) -> Result<Response, (StatusCode, Code)> {
    let person = person(app, headers).ok_or((StatusCode::UNAUTHORIZED, Code::NoUserInfo))?;
    let room = RoomId::try_from(room).map_err(|code| (StatusCode::NOT_FOUND, code))?;
    let excerpt = Excerpt::asked_for(query).ok_or((StatusCode::BAD_REQUEST, Code::BadFrame))?;
    let read = app
        .readers
        .read(move |tables| match rooms::member(tables, &person, &room) {
            Ok(member) => messages::excerpt(tables, &member, excerpt).map(Ok),
            Err(ApplyError::Refused(code)) => Ok(Err(code)),
            Err(ApplyError::Database(error)) => Err(error),
        });
    match read.await {
        Ok(Ok(page)) => {
            let reply = warp::reply::json(&page);
            Ok(warp::reply::with_header(reply, header::CACHE_CONTROL, "no-store").into_response())
        }
        Ok(Err(code)) => Err((StatusCode::NOT_FOUND, code)),
        Err(error) => {
            tracing::error!(%error, "a page of history could not be read");
            Err((StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable))
        }
    }
}
