//! Accepts connections. warp's own loop has no time limit for a request's head and hides the socket.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use snug_shared::{error_code::ErrorCode, lang::Lang};
use socket2::SockRef;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use warp::{
    Filter, Reply,
    http::{HeaderMap, StatusCode, header},
    reply::Response,
};

use super::{harden, lang, routes, tls::Tls};
use crate::{
    app::App,
    base::Base,
    heap,
    metrics::Gauges,
    net::{
        client::Peer,
        client_limits::{ClientLimits, ConnectionPermit},
        heads::{HEAD_BYTES, Heads, Meter, Metered},
        hosts::Hosts,
        notices,
        refusal::{reading, refusal, refuse},
        socket::Socket,
    },
    network::ClientNetwork,
};

/// The time that sent bytes may wait for the client's acknowledgement (RFC 5482).
const UNREAD: Duration = Duration::from_secs(20);
/// The delay before the next attempt after `accept` failed, for example for want of file descriptors.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// The time limit of a response in progress once the server drains.
const FINAL_RESPONSE_TIMEOUT: Duration = Duration::from_secs(3);
/// Maximum number of connections to the metrics: their sockets use file descriptors that others need.
const METRICS: usize = 16;

/// Accepts connections until the server drains.
pub fn accept(app: &App, listener: TcpListener, tls: Option<Arc<Tls>>) {
    let app = app.clone();
    let tasks = app.tasks.clone();
    let limits = ClientLimits::new(&app.config);
    let (pruner, admission) = (limits.clone(), app.admission.clone());
    tasks.run_until_drained(async move { pruner.prune(&admission).await });
    tasks.run_until_drained(heap::give_back_what_is_freed());
    tasks.clone().run(async move {
        let service = TowerToHyperService::new(warp::service(routes(app.clone(), limits.clone())));
        let (time, heads) = (app.config.request_time, Heads::new());
        while let Some((socket, peer)) = next(&app, &listener).await {
            let meter = Meter::new(&heads, limits.network(peer));
            let Some(permit) = limits.connect(peer) else {
                reject_overload(&app, &socket, tls.is_some());
                continue;
            };
            if prepare(&socket).is_err() {
                continue;
            }
            let peer = Peer {
                address: peer,
                tls: tls.is_some(),
            };
            let (app, limits, service, permit) =
                (app.clone(), limits.clone(), service.clone(), Arc::new(permit));
            let (draining, tls) = (tasks.draining(), tls.clone());
            let answering = service_fn(move |request| {
                answer(
                    app.clone(),
                    limits.clone(),
                    peer,
                    permit.clone(),
                    service.clone(),
                    request,
                )
            });
            tasks.run(async move {
                let socket = match tls {
                    None => Socket::Plain(socket),
                    Some(tls) => match tokio::time::timeout(time, tls.accept(socket)).await {
                        Ok(Ok(socket)) => socket,
                        _ => return,
                    },
                };
                serve(socket, meter, answering, time, draining).await;
                heap::freed(HEAD_BYTES);
            });
        }
    });
}

/// Serves the metrics at an address of their own, until the server drains.
pub fn accept_metrics(app: &App, listener: TcpListener) {
    let (app, tasks) = (app.clone(), app.tasks.clone());
    let route = {
        let app = app.clone();
        let hosts = Arc::new(Hosts::new(&app.config));
        let get = warp::path!("metrics").and(reading());
        get.and(warp::header::headers_cloned())
            .then(move |headers: HeaderMap| {
                let (app, hosts) = (app.clone(), hosts.clone());
                async move {
                    if !hosts.is_known_host(&headers) {
                        notices::unknown_host(&headers);
                        let status = StatusCode::MISDIRECTED_REQUEST;
                        return harden(refuse(status, ErrorCode::UnknownHost, lang(&headers)));
                    }
                    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
                    // Sizes that cannot be measured are exported as 0.
                    let sizes = app.storage.sizes().await.unwrap_or_default();
                    let text = app.metrics.text(&Gauges {
                        data: sizes.used(),
                        free: sizes.free,
                        full: app.storage.is_full(),
                        recent: app.hub.recent_bytes(),
                        people: app.hub.people_online(),
                        lag: app.hub.slowest_lag().unwrap_or_default(),
                        queued: app.log.queued(),
                    });
                    warp::reply::with_header(text, header::CONTENT_TYPE, kind).into_response()
                }
            })
    };
    tasks.clone().run(async move {
        let service = TowerToHyperService::new(warp::service(route));
        let (permits, heads) = (Arc::new(Semaphore::new(METRICS)), Heads::new());
        while let Some((socket, peer)) = next(&app, &listener).await {
            let Ok(permit) = permits.clone().try_acquire_owned() else {
                reject_overload(&app, &socket, false);
                continue;
            };
            if prepare(&socket).is_err() {
                continue;
            }
            let served = serve(
                Socket::Plain(socket),
                Meter::new(&heads, Some(ClientNetwork::from(peer))),
                service.clone(),
                app.config.request_time,
                tasks.draining(),
            );
            tasks.run(async move {
                served.await;
                drop(permit);
            });
        }
    });
}

/// Accepts the next socket. Returns `None` when the server drains.
async fn next(app: &App, listener: &TcpListener) -> Option<(TcpStream, IpAddr)> {
    let accepted = async {
        loop {
            match listener.accept().await {
                Ok((socket, peer)) => return (socket, SocketAddr::ip(&peer)),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                }
            }
        }
    };
    tokio::select! {
        accepted = accepted => Some(accepted),
        () = app.tasks.draining() => None,
    }
}

fn prepare(socket: &TcpStream) -> std::io::Result<()> {
    // A message is one small write that should not wait for another one.
    socket.set_nodelay(true)?;
    SockRef::from(socket).set_tcp_user_timeout(Some(UNREAD))
}

/// Rejects a connection above the limits with a 503 response, as far as the system takes it at once: nothing is read from this
/// socket, and no task waits for it. Over TLS it is closed without a response.
fn reject_overload(app: &App, socket: &TcpStream, tls: bool) {
    app.metrics.refused(ErrorCode::Overloaded);
    if tls {
        return;
    }
    let refusal =
        serde_json::to_string(&refusal(ErrorCode::Overloaded, Lang::En)).expect("words and numbers");
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{refusal}",
        refusal.len()
    );
    // The client may have disconnected already.
    let _ = SockRef::from(socket).send(answer.as_bytes());
}

/// Builds the redirect of a request for the base path without its last slash.
fn moved(base: &Base) -> Response {
    let to = (header::LOCATION, base.as_str());
    warp::reply::with_header(StatusCode::PERMANENT_REDIRECT, to.0, to.1).into_response()
}

/// Answers a request, if the limits admit it. The routes find its client and its connection's permit in the extensions.
async fn answer<S>(
    app: App,
    limits: Arc<ClientLimits>,
    peer: Peer,
    permit: Arc<ConnectionPermit>,
    service: S,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    let mut response = match limits.admit(peer, request.headers()) {
        Ok(client) => {
            request.extensions_mut().insert(client);
            request.extensions_mut().insert(permit);
            let base = &app.config.base;
            if base.lacks_slash(request.uri().path()) {
                return Ok(harden(moved(base)));
            }
            if let Some(below) = base.strip(request.uri()) {
                *request.uri_mut() = below;
            }
            let mut response = service.call(request).await?;
            let seconds = app.config.hsts;
            if client.secure && seconds > 0 {
                // After a visit over HTTPS, browsers use HTTPS only (RFC 6797).
                let only_https = header::HeaderValue::try_from(format!("max-age={seconds}"));
                let only_https = only_https.expect("digits are a value");
                let headers = response.headers_mut();
                headers.insert(header::STRICT_TRANSPORT_SECURITY, only_https);
            }
            response
        }
        Err((status, code)) => harden(refuse(status, code, lang(request.headers()))),
    };
    if let Some(code) = response.extensions_mut().remove::<ErrorCode>() {
        app.metrics.refused(code);
    }
    Ok(response)
}

async fn serve<S>(
    socket: Socket,
    meter: Arc<Meter>,
    service: S,
    time: Duration,
    draining: impl Future<Output = ()>,
) where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible> + Send,
    S::Future: Send,
{
    let counted = service_fn(|request| {
        meter.request();
        let (answer, meter) = (service.call(request), meter.clone());
        async move {
            let answer = answer.await;
            meter.answered();
            answer
        }
    });
    let socket = TokioIo::new(Metered::new(socket, meter.clone()));
    let result = {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(time)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(socket, counted)
            .with_upgrades();
        tokio::pin!(connection, draining);
        tokio::select! {
            result = &mut connection => result,
            () = draining => {
                connection.as_mut().graceful_shutdown();
                // A client with half a request does not delay the end.
                match tokio::time::timeout(FINAL_RESPONSE_TIMEOUT, connection).await {
                    Ok(result) => result,
                    Err(_) => return,
                }
            }
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
        if error.is_parse_too_large() {
            meter.read_the_rest().await;
        }
    }
}
