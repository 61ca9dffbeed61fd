//! A broadcast server with fastwebsockets on hyper, as in its examples.

use std::sync::Arc;

use fastwebsockets::upgrade::{UpgradeFut, upgrade};
use fastwebsockets::{FragmentCollectorRead, Frame, OpCode, Payload, WebSocketError};
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use peers::Room;

type Words = Arc<[u8]>;

#[tokio::main]
async fn main() {
    let room = Arc::new(Room::<Words>::default());
    let listener = peers::listen();
    loop {
        let (socket, _) = listener.accept().await.expect("a connection");
        let _ = socket.set_nodelay(true);
        let room = room.clone();
        tokio::spawn(async move {
            let answering = service_fn(move |request| answer(room.clone(), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(socket), answering);
            let _ = connection.with_upgrades().await;
        });
    }
}

async fn answer(
    room: Arc<Room<Words>>,
    mut request: Request<Incoming>,
) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgraded) = upgrade(&mut request)?;
    tokio::spawn(talk(room, upgraded));
    Ok(response)
}

async fn talk(room: Arc<Room<Words>>, upgraded: UpgradeFut) -> Result<(), WebSocketError> {
    let (read, mut write) = upgraded.await?.split(tokio::io::split);
    let mut read = FragmentCollectorRead::new(read);
    let (number, mut hears) = room.enter();
    tokio::spawn(async move {
        while let Some(words) = hears.recv().await {
            if write
                .write_frame(Frame::text(Payload::Borrowed(&words)))
                .await
                .is_err()
            {
                break;
            }
        }
    });
    // The bench's clients send no pings: there is nothing to answer.
    let mut nothing = async |_: Frame<'_>| Ok::<_, WebSocketError>(());
    while let Ok(frame) = read.read_frame(&mut nothing).await {
        match frame.opcode {
            OpCode::Text => room.say(&Words::from(&*frame.payload)),
            OpCode::Close => break,
            _ => {}
        }
    }
    room.leave(number);
    Ok(())
}
