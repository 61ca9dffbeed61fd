//! The socket as tungstenite sees it: it reads from the client, and what it writes (pongs, and the
//! answer to a close, always whole frames) goes into the mailbox with everything else.

use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};

use bytes::{Buf, Bytes};
use snug_shared::limits::FRAME_BYTES;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::tcp::OwnedReadHalf,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::protocol::{Role, WebSocketConfig},
};

use super::mailbox::{Letter, Mailbox};
use crate::hub::Frame;

/// Bytes that a message may take on the wire, its fragments' headers and the pings among them
/// included. More is a flood of empty or tiny fragments, which never grow into a message.
pub const MESSAGE_BYTES: usize = 4 * FRAME_BYTES;

/// A client's WebSocket after the handshake, with the limits of what it may send.
pub async fn websocket<R: AsyncRead + Unpin>(stream: Stream<R>) -> WebSocketStream<Stream<R>> {
    let limits = WebSocketConfig::default()
        .read_buffer_size(4096)
        .write_buffer_size(0)
        .max_message_size(Some(FRAME_BYTES))
        .max_frame_size(Some(FRAME_BYTES));
    WebSocketStream::from_raw_socket(stream, Role::Server, Some(limits)).await
}

/// See the module. What is read from is a socket, or bytes in a test.
pub struct Stream<R = OwnedReadHalf> {
    socket: R,
    /// What hyper had read beyond the handshake.
    early: Bytes,
    mailbox: Arc<Mailbox>,
    since_message: usize,
    /// When the client last gave a sign of life.
    pub heard: Instant,
}

impl<R> Stream<R> {
    /// Before the first byte.
    pub fn new(socket: R, early: Bytes, mailbox: Arc<Mailbox>) -> Self {
        Self {
            socket,
            early,
            mailbox,
            since_message: 0,
            heard: Instant::now(),
        }
    }

    /// A whole message has come in.
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
        if self.since_message > MESSAGE_BYTES {
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
            self.heard = Instant::now();
        }
        Poll::Ready(Ok(()))
    }
}

impl<R: Unpin> AsyncWrite for Stream<R> {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.mailbox.put(Letter::Frame(Frame::encoded(bytes)));
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
