//! Accepting connections. warp's own loop has no time limit for a request's head and hides the socket.

use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::net::{TcpListener, TcpStream};

use super::routes;
use crate::app::App;

/// How long a client may take to send a request's head, and stay idle before the next.
const HEAD: Duration = Duration::from_secs(10);
/// How long to wait after the system would not give another socket, for want of files for example.
const BREATH: Duration = Duration::from_millis(100);

/// Accepts connections until the server drains.
pub fn accept(app: &App, listener: TcpListener) {
    let app = app.clone();
    let tasks = app.tasks.clone();
    tasks.clone().run(async move {
        let service = warp::service(routes(app.clone()));
        let draining = app.tasks.draining();
        tokio::pin!(draining);
        loop {
            let socket = tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((socket, _)) => socket,
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(BREATH).await;
                        continue;
                    }
                },
                () = &mut draining => return,
            };
            // A message is one small write that should not wait for another.
            if socket.set_nodelay(true).is_err() {
                continue;
            }
            let serving = serve(
                socket,
                TowerToHyperService::new(service.clone()),
                app.tasks.draining(),
            );
            tasks.run(serving);
        }
    });
}

async fn serve<S>(socket: TcpStream, service: S, draining: impl Future<Output = ()>)
where
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody: Send + 'static> + Send,
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
