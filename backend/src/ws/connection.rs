//! Runs one WebSocket from its handshake to its end: tungstenite reads, the outbound half writes, and the caller handles the
//! messages.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{
    StreamExt,
    future::{Either, select},
};
use snug_shared::{error_code::Close, ids::ChatId};
use tokio::{sync::OnceCell, time::timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, error::CapacityError},
};

use super::{
    mailbox::{Mailbox, OutboundCommand},
    outbound::Outbound,
    read_half::{Stream, websocket},
};
use crate::{heap, hub::ConnectionHandle, metrics::Metrics, net::socket::Socket, store::read::Readers};

/// The time limit for a closing connection to write its last frames and to read the client's.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The approximate number of bytes of a connection in the heap.
const CONNECTION_BYTES: usize = 8 * 1024;

/// Runs a connection. `serve` reads messages of at most `most` bytes and queues frames in the mailbox. Returns when `serve` has
/// returned, or when the client cannot be written to. Rooms are read for `person`, once it is known.
pub async fn run(
    metrics: &Metrics,
    readers: Readers,
    socket: Socket,
    early: Bytes,
    most: usize,
    person: &OnceCell<ChatId>,
    serve: impl AsyncFnOnce(&mut WebSocketStream<Stream>, Arc<Mailbox>),
) {
    let (read, write) = tokio::io::split(socket);
    let handle = Arc::new(ConnectionHandle::new(Outbound::new(metrics, readers, write)));
    let mailbox = Arc::new(Mailbox::new(handle.clone()));
    // Boxed, so that a connection does not reserve memory for its handshake all its life.
    let mut socket = Box::pin(websocket(Stream::new(read, early, mailbox.clone(), most))).await;
    let written = Outbound::run(&handle, &mailbox, person);
    let read = async {
        serve(&mut socket, mailbox.clone()).await;
        mailbox.put(OutboundCommand::End);
    };
    tokio::pin!(read, written);
    // A client that cannot be written to any more has disconnected.
    if let Either::Left(((), written)) = select(read, written).await {
        // Queued frames are written, unless the client does not read them.
        let _ = Box::pin(timeout(CLOSE_TIMEOUT, written)).await;
    }
    heap::freed(CONNECTION_BYTES);
}

/// Returns the close code for a read error; `None` if the client has disconnected, or its own close frame was answered.
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

/// Sends a close frame and reads until the client closes, so that the close is not overtaken by a reset (RFC 6455, 7.1.1).
pub async fn close_gracefully(socket: &mut WebSocketStream<Stream>, mailbox: &Mailbox, close: Close) {
    mailbox.put(OutboundCommand::Close(close));
    let _ = timeout(CLOSE_TIMEOUT, async {
        while let Some(Ok(_)) = socket.next().await {
            socket.get_mut().message_read();
        }
    })
    .await;
}
