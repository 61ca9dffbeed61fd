//! Performs the handshake (RFC 6455, section 4.2). warp routes it; the socket behind it is not warp's.

use std::sync::Arc;

use bytes::Bytes;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use snug_shared::{error_code::ErrorCode, lang::Lang};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use warp::{
    Filter, Rejection, Reply,
    http::{HeaderMap, Response, StatusCode, header},
};

use super::session::{self, ClientInfo};
use crate::{
    app::App,
    net::{
        client::Client,
        client_limits::{ClientLimits, ConnectionPermit},
        heads::Metered,
        notices,
        origin::{self, RequestOrigin},
        refusal::{reading, refuse},
        session::{Jar, of_any_port},
        socket::Socket,
    },
};

/// Matches `GET /ws`.
pub fn filter(
    app: App,
    limits: Arc<ClientLimits>,
) -> impl Filter<Extract = (impl Reply,), Error = Rejection> + Clone {
    warp::path!("ws")
        .and(reading())
        .and(warp::header::headers_cloned())
        .and(warp::ext::optional::<OnUpgrade>())
        .and(warp::ext::get())
        .and(warp::ext::get())
        .map(
            move |headers: HeaderMap, upgrade, client: Client, permit: Arc<ConnectionPermit>| {
                if !client.proxied {
                    app.relays.note(client.network, &headers);
                }
                let permits = limits.connect_through(client).map(|browser| (permit, browser));
                upgrade_request(&app, &headers, upgrade, client, permits)
            },
        )
}

/// The connection's permit, and behind a proxy also that of the browser.
type ConnectionPermits = (Arc<ConnectionPermit>, ConnectionPermit);

fn upgrade_request(
    app: &App,
    headers: &HeaderMap,
    upgrade: Option<OnUpgrade>,
    client: Client,
    permits: Option<ConnectionPermits>,
) -> warp::reply::Response {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &warp::http::HeaderValue| value.to_str().ok())
    };
    let lang = Lang::of_tags(text(header::ACCEPT_LANGUAGE).unwrap_or_default().split(','));
    let session = Jar::of(&app.config.base, headers, &client)
        .identity(&app.identities)
        .map(|(it, _)| it);
    match origin::classify(headers, client.secure, &app.config.allow_origin) {
        RequestOrigin::Cross => return forbidden(headers, client, lang),
        // A browser always sends the origin of a page: a client with a cookie and without an origin is not a browser.
        RequestOrigin::Missing
            if of_any_port(headers).any(|it| app.identities.verify_credential(it).is_some()) =>
        {
            return forbidden(headers, client, lang);
        }
        RequestOrigin::Same | RequestOrigin::Missing => {}
    }
    let wants = text(header::UPGRADE).is_some_and(|it| it.eq_ignore_ascii_case("websocket"))
        && text(header::SEC_WEBSOCKET_VERSION) == Some("13");
    let (Some(upgrade), Some(key), true) = (upgrade, text(header::SEC_WEBSOCKET_KEY), wants) else {
        notices::no_upgrade(headers);
        let mut reply = refuse(StatusCode::UPGRADE_REQUIRED, ErrorCode::BadFrame, lang);
        reply
            .headers_mut()
            .insert(header::UPGRADE, header::HeaderValue::from_static("websocket"));
        return reply;
    };
    let Some(permits) = permits else {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, ErrorCode::Overloaded, lang);
    };
    let app_of_connection = app.clone();
    let info = Box::new(ClientInfo {
        session,
        network: client.network,
        lang,
    });
    app.tasks.run(async move {
        let Ok(Some((socket, early))) = upgrade.await.map(socket_of) else {
            return;
        };
        session::serve(app_of_connection, socket, early, info).await;
        drop(permits);
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::CONNECTION, "upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_ACCEPT, derive_accept_key(key.as_bytes()))
        .body("")
        .into_response()
}

/// Builds the refusal of a page of another site.
fn forbidden(headers: &HeaderMap, client: Client, lang: Lang) -> warp::reply::Response {
    notices::forbidden_origin(headers, &client);
    refuse(StatusCode::FORBIDDEN, ErrorCode::ForbiddenOrigin, lang)
}

/// Returns the stream under the upgraded connection, and the bytes that hyper had read from it beyond the handshake.
fn socket_of(upgraded: Upgraded) -> Option<(Socket, Bytes)> {
    let parts = upgraded.downcast::<TokioIo<Metered>>().ok()?;
    // A copy, which is empty for most connections: the original retains hyper's whole buffer.
    let early = Bytes::copy_from_slice(&parts.read_buf);
    Some((parts.io.into_inner().into_socket()?, early))
}
