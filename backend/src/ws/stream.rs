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
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf, ReadHalf};

use super::mailbox::{Letter, Mailbox};
use crate::{http::socket::Socket, hub::Frame};

/// How many times its size a message may take on the wire, its fragments' headers and the pings among
/// them included. More is a flood of empty or tiny fragments, which never grow into a message.
const OVERHEAD: usize = 4;

/// See the module.
pub struct Stream {
    socket: ReadHalf<Socket>,
    /// What hyper had read beyond the handshake.
    early: Bytes,
    mailbox: Arc<Mailbox>,
    since_message: usize,
    most_of_message: usize,
    /// When the client last gave a sign of life.
    pub heard: Instant,
}

impl Stream {
    pub(super) fn new(socket: ReadHalf<Socket>, early: Bytes, mailbox: Arc<Mailbox>, most: usize) -> Self {
        Self {
            socket,
            early,
            mailbox,
            since_message: 0,
            most_of_message: OVERHEAD * most,
            heard: Instant::now(),
        }
    }

    /// A whole message has come in.
    pub fn message_read(&mut self) {
        self.since_message = 0;
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.since_message > self.most_of_message {
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

impl AsyncWrite for Stream {
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
