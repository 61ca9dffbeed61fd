//! Limits request heads in progress. A head that is larger than the buffer of every connection takes a permit; the permits of each
//! network and of the server are limited, so that heads without an end cannot exhaust the memory.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf},
    sync::{OwnedSemaphorePermit, Semaphore},
};

use super::socket::Socket;
use crate::network::{ClientNetwork, NetworkPermit, NetworkShares};

/// Bytes of a request's head, and of a body that are read at a time. With hyper's own limit, a client could occupy 400 KiB with a
/// head without an end.
pub const HEAD_BYTES: usize = 16 * 1024;
/// Bytes that hyper allocates for each connection from the beginning.
const SMALL_BYTES: usize = 8 * 1024;
/// Maximum number of larger heads in progress in all: 8 MiB more than idle connections have.
const LARGE: usize = 1024;
/// Maximum number of larger heads in progress from one network.
const LARGE_OF_NETWORK: usize = 32;
/// Bytes that are read and dropped of a request that was refused for its size, so that its client can read the reason before the
/// connection is reset.
const REST_BYTES: usize = 4 << 20;
const REST: Duration = Duration::from_secs(2);

/// The permits of one server for large heads.
pub struct Heads {
    all: Arc<Semaphore>,
    by_network: Arc<NetworkShares>,
}

impl Heads {
    /// Creates the permits.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            all: Arc::new(Semaphore::new(LARGE)),
            by_network: NetworkShares::new(LARGE_OF_NETWORK),
        })
    }

    fn take(&self, network: Option<ClientNetwork>) -> Option<Large> {
        let all = self.all.clone().try_acquire_owned().ok()?;
        let network = match network {
            Some(network) => Some(self.by_network.take(network)?),
            None => None,
        };
        Some(Large {
            _all: all,
            _network: network,
        })
    }
}

struct Large {
    _all: OwnedSemaphorePermit,
    _network: Option<NetworkPermit>,
}

/// Counts the bytes that one connection has sent of an incomplete head.
pub struct Meter {
    heads: Arc<Heads>,
    /// `None` for a proxy: it sends the heads of many clients.
    network: Option<ClientNetwork>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    read: usize,
    large: Option<Large>,
    answering: bool,
    /// The socket, once hyper has dropped it.
    socket: Option<Socket>,
}

impl Meter {
    /// Creates the meter of a connection from this network.
    #[must_use]
    pub fn new(heads: &Arc<Heads>, network: Option<ClientNetwork>) -> Arc<Self> {
        Arc::new(Self {
            heads: heads.clone(),
            network,
            state: Mutex::default(),
        })
    }

    /// Records that a head is complete: until the response, received bytes are of the body.
    pub fn request(&self) {
        let mut state = self.state();
        state.answering = true;
        state.read = 0;
        state.large = None;
    }

    /// Records that the request was answered: received bytes are of the next head.
    pub fn answered(&self) {
        self.state().answering = false;
    }

    /// Reads and drops the rest of a refused request, within a time limit.
    pub async fn read_the_rest(&self) {
        let socket = self.state().socket.take();
        let Some(mut socket) = socket else { return };
        let rest = async {
            socket.shutdown().await?;
            let (mut bytes, mut left) = (vec![0; SMALL_BYTES], REST_BYTES);
            while left > 0 {
                match socket.read(&mut bytes).await? {
                    0 => break,
                    read => left = left.saturating_sub(read),
                }
            }
            Ok::<_, io::Error>(())
        };
        // The client may have disconnected already.
        let _ = tokio::time::timeout(REST, rest).await;
    }

    fn read(&self, bytes: usize) -> io::Result<()> {
        let mut state = self.state();
        if state.answering {
            return Ok(());
        }
        state.read += bytes;
        if state.read > SMALL_BYTES && state.large.is_none() {
            let large = self.heads.take(self.network);
            state.large = Some(large.ok_or(io::ErrorKind::QuotaExceeded)?);
        }
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A socket whose heads are counted. Dropping it leaves the socket with its meter.
pub struct Metered {
    socket: Option<Socket>,
    meter: Arc<Meter>,
}

impl Metered {
    /// Wraps a socket, whose heads `meter` counts.
    #[must_use]
    pub fn new(socket: Socket, meter: Arc<Meter>) -> Self {
        let socket = Some(socket);
        Self { socket, meter }
    }

    /// Returns the socket, which is used for another protocol than HTTP from now on.
    #[must_use]
    pub fn into_socket(mut self) -> Option<Socket> {
        self.socket.take()
    }

    fn socket(&mut self) -> io::Result<Pin<&mut Socket>> {
        let socket = self.socket.as_mut().map(Pin::new);
        socket.ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}

impl Drop for Metered {
    fn drop(&mut self) {
        if let Some(socket) = self.socket.take() {
            self.meter.state().socket = Some(socket);
        }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        std::task::ready!(self.socket()?.poll_read(cx, buf))?;
        Poll::Ready(self.meter.read(buf.filled().len() - before))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.socket()?.poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.socket()?.poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.socket()?.poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    #[test]
    fn large_heads_are_bounded_by_network_until_they_are_whole() {
        let heads = Heads::new();
        let from = |last: u8| Meter::new(&heads, Some(ClientNetwork::from(IpAddr::from([192, 0, 2, last]))));
        let begun: Vec<_> = (0..=LARGE_OF_NETWORK).map(|_| from(1)).collect();
        assert!(
            begun.iter().all(|it| it.read(SMALL_BYTES).is_ok()),
            "they are small"
        );
        let grown = begun.iter().filter(|it| it.read(1).is_ok()).count();
        assert_eq!(grown, LARGE_OF_NETWORK);
        assert!(from(2).read(HEAD_BYTES).is_ok(), "another's");
        begun[0].request();
        assert!(from(1).read(HEAD_BYTES).is_ok(), "one is whole");
        assert!(begun[0].read(1 << 20).is_ok(), "a body is no head");
    }
}
