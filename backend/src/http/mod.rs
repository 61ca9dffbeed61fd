//! HTTP: every URL of the server is in this file, and those under `/api` in `api`.

mod accept;
mod api;
mod assets;
pub mod tls;

use std::{convert::Infallible, sync::Arc};

use snug_shared::{
    api::{BanRefusal, Refusal},
    error_code::ErrorCode,
    ids::Millis,
    lang::Lang,
};
use warp::{
    Filter, Reply,
    http::{HeaderMap, Method, StatusCode, header},
    path::FullPath,
    reply::Response,
};

pub use self::accept::{accept, accept_metrics};
use self::assets::Files;
use crate::{
    app::App,
    net::{
        client_limits::ClientLimits,
        refusal::{reading, refusal},
    },
    ws,
};

/// Combines all routes. What no other filter matches is a file of the page, or not found.
fn routes(
    app: App,
    limits: Arc<ClientLimits>,
) -> impl Filter<Extract = (impl Reply,), Error = Infallible> + Clone {
    let health = {
        let (log, storage) = (app.log.clone(), app.storage.clone());
        warp::path!("healthz").and(reading()).map(move || {
            if log.is_open() && !storage.is_full() {
                StatusCode::OK
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            }
        })
    };
    let files = Arc::new(Files::new(&app.config.base));
    let page = warp::path::full()
        .and(warp::method())
        .and(warp::header::headers_cloned())
        .map(move |path: FullPath, method: Method, headers: HeaderMap| {
            files.serve(path.as_str(), &method, &headers)
        });
    ws::filter(app.clone(), limits.clone())
        .or(api::filter(app, limits))
        .or(health)
        .or(page)
        .map(|reply| harden(Reply::into_response(reply)))
}

/// Adds the headers that every response has.
fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        headers.insert(name, header::HeaderValue::from_static(value));
    }
    response
}

/// Builds the refusal of a banned user, with the end of the ban if it is known.
fn refuse_out(lang: Lang, until: Option<Millis>) -> Response {
    let refusal = refusal(ErrorCode::Banned, lang);
    let reply = warp::reply::json(&BanRefusal {
        refusal,
        banned_until: until,
    });
    let mut response = warp::reply::with_status(reply, StatusCode::FORBIDDEN).into_response();
    response.extensions_mut().insert(ErrorCode::Banned);
    response
}

/// Builds a refusal in JSON, with the milliseconds after which the client may ask again.
fn refuse_for(status: StatusCode, error: ErrorCode, lang: Lang, after: u32) -> Response {
    let reply = warp::reply::json(&Refusal {
        retry_after: Some(after),
        ..refusal(error, lang)
    });
    let mut response = warp::reply::with_status(reply, status).into_response();
    response.extensions_mut().insert(error);
    let seconds = after.div_ceil(1_000);
    response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    response
}

/// Returns the language that the client asks for.
fn lang(headers: &HeaderMap) -> Lang {
    let tags = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    Lang::of_tags(tags.unwrap_or_default().split(','))
}
