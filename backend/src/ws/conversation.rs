//! One WebSocket from its handshake to its end: tungstenite reads, the outbound half writes, and what is
//! said in between is the caller's.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{Either, select},
};
use snug_shared::{code::Close, ids::ChatId};
use tokio::{sync::OnceCell, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, error::CapacityError},
};

use super::{
    mailbox::{Letter, Mailbox},
    outbound::Outbound,
    stream::{Stream, websocket},
};
use crate::{heap, http::socket::Socket, hub::Bell, metrics::Metrics, store::read::Readers};

/// How long a closing connection may take to write its last frames and to read the client's.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// About what a connection has in the heap.
const CONNECTION_BYTES: usize = 8 * 1024;

/// Runs `talk`, which reads messages of at most `most` bytes and puts what is to be written into the
/// mailbox; ends when it has ended, or the client takes nothing more. Rooms are read to `person`, once
/// it is known.
pub async fn converse(
    metrics: &Metrics,
    readers: Readers,
    socket: Socket,
    early: Bytes,
    most: usize,
    person: &OnceCell<ChatId>,
    talk: impl AsyncFnOnce(&mut WebSocketStream<Stream>, Arc<Mailbox>),
) {
    let (read, write) = tokio::io::split(socket);
    let bell = Arc::new(Bell::new(Outbound::new(metrics, readers, write)));
    let mailbox = Arc::new(Mailbox::new(bell.clone()));
    // Boxed, so that a connection need not have room for its beginning all its life.
    let mut socket = Box::pin(websocket(Stream::new(read, early, mailbox.clone(), most))).await;
    let written = Outbound::run(&bell, &mailbox, person);
    let read = async {
        talk(&mut socket, mailbox.clone()).await;
        mailbox.put(Letter::End);
    };
    tokio::pin!(read, written);
    // Whoever takes nothing more is gone.
    if let Either::Left(((), written)) = select(read, written).await {
        // Whatever was on its way is written, unless the client does not take it.
        let _ = Box::pin(timeout(CLOSE_TIMEOUT, written)).await;
    }
    heap::freed(CONNECTION_BYTES);
}

/// Which close frame an error of reading asks for; none when the client is gone, or its own was answered.
#[must_use]
pub fn close_of(error: &Error) -> Option<Close> {
    match error {
        Error::Capacity(CapacityError::MessageTooLong { .. }) => Some(Close::TooLarge),
        Error::Io(error) if error.kind() == std::io::ErrorKind::QuotaExceeded => Some(Close::Flood),
        Error::Utf8(_) => Some(Close::BadText),
        Error::Protocol(_) => Some(Close::Protocol),
        _ => None,
    }
}

/// Closes, and reads what is still coming, so that the close is not overtaken by a reset (RFC 6455, 7.1.1).
pub async fn farewell(socket: &mut WebSocketStream<Stream>, mailbox: &Mailbox, close: Close) {
    mailbox.put(Letter::Close(close));
    let _ = timeout(CLOSE_TIMEOUT, async {
        while let Some(Ok(_)) = socket.next().await {
            socket.get_mut().message_read();
        }
    })
    .await;
}
