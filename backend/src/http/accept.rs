//! Accepting connections. warp's own loop has no time limit for a request's head and hides the socket.

use std::{convert::Infallible, net::IpAddr, sync::Arc, time::Duration};

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
use snug_shared::{code::Code, lang::Lang};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use warp::reply::Response;

use super::{
    doors::{Doors, Place},
    harden, lang, refusal, refuse, routes,
};
use crate::app::App;

/// How long a client may take to send a request's head, and stay idle before the next.
const HEAD: Duration = Duration::from_secs(10);
/// How long what was sent may wait for the client to take it (RFC 5482).
const UNREAD: Duration = Duration::from_secs(20);
/// How long to wait after the system would not give another socket, for want of files for example.
const BREATH: Duration = Duration::from_millis(100);

/// Accepts connections until the server drains.
pub fn accept(app: &App, listener: TcpListener) {
    let app = app.clone();
    let tasks = app.tasks.clone();
    let doors = Doors::new(&app.config);
    let (forgetful, draining) = (doors.clone(), tasks.draining());
    tasks.run(async move {
        tokio::select! {
            () = forgetful.forget() => {}
            () = draining => {}
        }
    });
    tasks.clone().run(async move {
        let service = TowerToHyperService::new(warp::service(routes(app.clone(), doors.clone())));
        let draining = app.tasks.draining();
        tokio::pin!(draining);
        loop {
            let (socket, peer) = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((socket, peer)) => (socket, peer.ip()),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(BREATH).await;
                        continue;
                    }
                },
                () = &mut draining => return,
            };
            let Some(place) = doors.connect(peer) else {
                turn_away(&socket);
                continue;
            };
            if prepare(&socket).is_err() {
                continue;
            }
            let (doors, service, place) = (doors.clone(), service.clone(), Arc::new(place));
            let serving = serve(
                socket,
                service_fn(move |request| {
                    answer(doors.clone(), peer, place.clone(), service.clone(), request)
                }),
                app.tasks.draining(),
            );
            tasks.run(serving);
        }
    });
}

fn prepare(socket: &TcpStream) -> std::io::Result<()> {
    // A message is one small write that should not wait for another.
    socket.set_nodelay(true)?;
    SockRef::from(socket).set_tcp_user_timeout(Some(UNREAD))
}

/// Says why, as far as the system takes it at once: nothing is read from this socket, and no task waits for it.
fn turn_away(socket: &TcpStream) {
    let refusal = serde_json::to_string(&refusal(Code::TooMany, Lang::En)).expect("words and numbers");
    let answer = format!(
        "HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{refusal}",
        refusal.len()
    );
    // It may be gone already.
    let _ = SockRef::from(socket).send(answer.as_bytes());
}

/// Answers a request that may come in; the routes find in its extensions whose it is.
async fn answer<S>(
    doors: Arc<Doors>,
    peer: IpAddr,
    place: Arc<Place>,
    service: S,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    match doors.admit(peer, request.headers()) {
        Ok(client) => {
            request.extensions_mut().insert(client);
            request.extensions_mut().insert(place);
            service.call(request).await
        }
        Err((status, code)) => Ok(harden(refuse(status, code, lang(request.headers())))),
    }
}

async fn serve<S>(socket: TcpStream, service: S, draining: impl Future<Output = ()>)
where
    S: hyper::service::HttpService<Incoming, ResBody: Send + 'static> + Send,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    <S::ResBody as hyper::body::Body>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    <S::ResBody as hyper::body::Body>::Data: Send,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .serve_connection(TokioIo::new(socket), service)
        .with_upgrades();
    tokio::pin!(connection, draining);
    let result = tokio::select! {
        result = &mut connection => result,
        () = draining => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}
