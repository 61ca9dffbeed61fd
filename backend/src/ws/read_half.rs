//! The socket as tungstenite uses it. Reads come from the client; writes (pongs, and the answer to a close, always whole frames) are
//! queued in the mailbox with all other frames.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use super::mailbox::{Mailbox, OutboundCommand};
use crate::{hub::Frame, net::socket::Socket};

/// The ratio of a message's bytes on the wire to its size limit, its fragments' headers and the pings among them included. More is a
/// flood of empty or tiny fragments, which never grow into a message.
pub const OVERHEAD: usize = 4;
/// Bytes that are read at a time: the buffer of every connection, and larger than most messages.
const READ_BYTES: usize = 512;

/// Creates a client's WebSocket after the handshake, with the limits of what the client may send.
pub async fn websocket<R: AsyncRead + Unpin>(stream: Stream<R>) -> WebSocketStream<Stream<R>> {
    let limits = WebSocketConfig::default()
        .read_buffer_size(READ_BYTES)
        .write_buffer_size(0)
        .max_message_size(Some(stream.most))
        .max_frame_size(Some(stream.most));
    WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await
}

/// A connection's reading half. It reads from a socket, or from bytes in a test.
pub struct Stream<R = ReadHalf<Socket>> {
    socket: R,
    /// The bytes that hyper had read beyond the handshake.
    early: Bytes,
    mailbox: Arc<Mailbox>,
    since_message: usize,
    most: usize,
    /// The time of the client's last sign of life.
    pub last_read: Instant,
}

impl<R> Stream<R> {
    /// Creates the stream before the first byte. A message may have at most `most` bytes.
    pub fn new(socket: R, early: Bytes, mailbox: Arc<Mailbox>, most: usize) -> Self {
        Self {
            socket,
            early,
            mailbox,
            since_message: 0,
            most,
            last_read: Instant::now(),
        }
    }

    /// Records that a whole message was received.
    pub fn message_read(&mut self) {
        self.since_message = 0;
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Stream<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.since_message > OVERHEAD * self.most {
            return Poll::Ready(Err(io::ErrorKind::QuotaExceeded.into()));
        }
        let before = buf.filled().len();
        if self.early.has_remaining() {
            let length = self.early.remaining().min(buf.remaining());
            buf.put_slice(&self.early.split_to(length));
        } else {
            match Pin::new(&mut self.socket).poll_read(cx, buf) {
                Poll::Ready(Ok(())) => {}
                other => return other,
            }
        }
        let read = buf.filled().len() - before;
        self.since_message += read;
        if read > 0 {
            self.last_read = Instant::now();
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: Unpin> AsyncWrite for Stream<R> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.mailbox.put(OutboundCommand::Frame(Frame::encoded(bytes)));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
