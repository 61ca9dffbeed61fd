//! The load client: many WebSockets on one thread, directly on epoll.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Socket, Type};

use crate::{clock, frame, http, protocol_adapter::ProtocolAdapter};

/// Connections per source address: fewer than Snug allows by default, and far fewer than an address has
/// ports.
const BY_ADDRESS: usize = 200;
/// Concurrent handshakes: fewer than every server's backlog.
const AT_ONCE: usize = 64;
/// How long it may take until all clients are connected, or until all traffic has ended.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The clients of one server.
pub struct Crowd {
    address: SocketAddr,
    from: usize,
    adapter: &'static ProtocolAdapter,
    epoll: Epoll,
    clients: Vec<Client>,
    inside: usize,
    buffer: Vec<u8>,
    events: Vec<EpollEvent>,
    /// Bytes received.
    pub bytes: u64,
}

struct Client {
    socket: TcpStream,
    state: State,
    /// The start of a frame that has not arrived completely.
    rest: Vec<u8>,
    unsent: Vec<u8>,
    /// Whether the client waits until the socket can take unsent bytes.
    waits: bool,
    hint: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Waiting for the end of the handshake.
    Shaking,
    /// At that step of the protocol's entry.
    Entering(usize),
    Inside,
}

/// How a crowd connects to a server.
pub struct Visit<'a> {
    /// The server's address.
    pub address: SocketAddr,
    /// The number of clients.
    pub count: usize,
    /// The number of the first client: the server may have another crowd already.
    pub from: usize,
    /// The server's protocol.
    pub adapter: &'static ProtocolAdapter,
    /// How the clients authenticate.
    pub who: Who<'a>,
}

/// How clients authenticate.
#[derive(Clone, Copy)]
pub enum Who<'a> {
    /// Not at all.
    Strangers,
    /// With the cookie of a new session, which each client requests first.
    Newcomers,
    /// With a known cookie for each client.
    Known(&'a dyn Fn(usize) -> Result<String>),
}

impl Visit<'_> {
    /// Describes a first crowd without authentication.
    pub fn new(address: SocketAddr, count: usize, adapter: &'static ProtocolAdapter) -> Self {
        Self {
            address,
            count,
            from: 0,
            adapter,
            who: Who::Strangers,
        }
    }
}

/// A message received by a client.
pub struct Received<'a> {
    /// The client's number.
    pub client: usize,
    /// The message's payload.
    pub payload: &'a [u8],
    /// When it was read, in nanoseconds on the monotonic clock.
    pub now: u64,
    /// Where this client found the last stamp.
    pub hint: &'a mut usize,
}

/// The callback for received messages.
pub type OnReceived<'a> = &'a mut dyn FnMut(Received<'_>) -> Result<()>;

impl Crowd {
    /// Opens `count` connections and waits until all of them have joined.
    pub fn connect(address: SocketAddr, count: usize, adapter: &'static ProtocolAdapter) -> Result<Self> {
        let visit = Visit::new(address, count, adapter);
        Self::visit(&visit, &mut |_| Ok(()))
    }

    /// Opens the connections of a visit, and passes messages received meanwhile to `on_received`.
    pub fn visit(visit: &Visit<'_>, on_received: OnReceived<'_>) -> Result<Self> {
        let Visit {
            address,
            count,
            from,
            adapter,
            who,
        } = *visit;
        let mut crowd = Self {
            address,
            from,
            adapter,
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?,
            clients: Vec::with_capacity(count),
            inside: 0,
            buffer: vec![0; 1 << 18],
            events: vec![EpollEvent::empty(); 1024],
            bytes: 0,
        };
        let begun = Instant::now();
        while crowd.inside < count {
            while crowd.clients.len() < count && crowd.clients.len() - crowd.inside < AT_ONCE {
                crowd.open(who)?;
            }
            crowd.turn(Duration::from_secs(1), on_received)?;
            if begun.elapsed() > TIMEOUT {
                bail!("only {} of {count} clients came in", crowd.inside);
            }
        }
        Ok(crowd)
    }

    /// Returns how many clients receive a message: all, without the sender if the server does not echo.
    pub fn audience(&self) -> usize {
        self.clients.len() - usize::from(!self.adapter.echoes)
    }

    /// Returns the number of clients.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    fn open(&mut self, who: Who<'_>) -> Result<()> {
        let index = self.clients.len();
        let mut socket = connect(self.address, self.from + index)?;
        let cookie = match who {
            Who::Strangers => None,
            Who::Newcomers => Some(http::session(&mut socket, self.address)?),
            Who::Known(cookie) => Some(cookie(index)?),
        };
        socket.set_nonblocking(true)?;
        let event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
        self.epoll.add(&socket, event)?;
        self.clients.push(Client {
            socket,
            state: State::Shaking,
            rest: Vec::new(),
            unsent: Vec::new(),
            waits: false,
            hint: 0,
        });
        let (path, address) = (self.adapter.path, self.address);
        // The key of RFC 6455's own example: there is no cache that a random key would have to defeat.
        let mut request = format!(
            "GET {path} HTTP/1.1\r\nHost: {address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Origin: http://{address}\r\n"
        );
        if let Some(protocol) = self.adapter.protocol {
            request += &format!("Sec-WebSocket-Protocol: {protocol}\r\n");
        }
        if let Some(cookie) = cookie {
            request += &format!("Cookie: {cookie}\r\n");
        }
        request += "\r\n";
        self.write(index, request.as_bytes())
    }

    /// Sends a text from a client to everybody.
    pub fn say(&mut self, client: usize, text: &str) -> Result<()> {
        self.send(client, &(self.adapter.say)(text))
    }

    /// Sends a message from a client, unchanged.
    pub fn send(&mut self, client: usize, message: &str) -> Result<()> {
        self.write(client, &frame::of_client(frame::TEXT, message.as_bytes()))
    }

    fn write(&mut self, index: usize, bytes: &[u8]) -> Result<()> {
        let client = &mut self.clients[index];
        client.unsent.extend_from_slice(bytes);
        self.flush(index)
    }

    fn flush(&mut self, index: usize) -> Result<()> {
        let client = &mut self.clients[index];
        let written = match client.socket.write(&client.unsent) {
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error).with_context(|| format!("client {index} could not write")),
        };
        client.unsent.drain(..written);
        let waits = !client.unsent.is_empty();
        if !waits {
            // Free the buffer of an idle client: there are many clients.
            client.unsent = Vec::new();
        }
        if waits != client.waits {
            client.waits = waits;
            let mut flags = EpollFlags::EPOLLIN;
            flags.set(EpollFlags::EPOLLOUT, waits);
            let mut event = EpollEvent::new(flags, index as u64);
            self.epoll.modify(&client.socket, &mut event)?;
        }
        Ok(())
    }

    /// Waits up to `most` for events, and passes the messages received to `on_received`. Returns whether
    /// there were events.
    pub fn turn(&mut self, most: Duration, on_received: OnReceived<'_>) -> Result<bool> {
        let mut events = std::mem::take(&mut self.events);
        let most = EpollTimeout::try_from(most).context("that is too long to wait")?;
        let count = match self.epoll.wait(&mut events, most) {
            Ok(count) => count,
            Err(nix::Error::EINTR) => 0,
            Err(error) => return Err(error.into()),
        };
        let received = events[..count].iter().try_for_each(|event| {
            let index = event.data() as usize;
            if event.events().contains(EpollFlags::EPOLLOUT) {
                self.flush(index)?;
            }
            self.read(index, on_received)
        });
        self.events = events;
        received.map(|()| count > 0)
    }

    /// Reads and ignores messages until none has arrived for `quiet`. Fails after [`TIMEOUT`].
    pub fn settle(&mut self, quiet: Duration) -> Result<()> {
        let begun = Instant::now();
        while self.turn(quiet, &mut |_| Ok(()))? {
            ensure!(begun.elapsed() < TIMEOUT, "the server never falls silent");
        }
        Ok(())
    }

    fn read(&mut self, index: usize, on_received: OnReceived<'_>) -> Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.read_into(&mut buffer, index, on_received);
        self.buffer = buffer;
        result
    }

    fn read_into(&mut self, buffer: &mut Vec<u8>, index: usize, on_received: OnReceived<'_>) -> Result<()> {
        loop {
            let client = &mut self.clients[index];
            let kept = client.rest.len();
            if buffer.len() < kept + (1 << 16) {
                buffer.resize(kept + (1 << 18), 0);
            }
            buffer[..kept].copy_from_slice(&client.rest);
            let read = match client.socket.read(&mut buffer[kept..]) {
                Ok(0) => bail!("the server closed client {index}'s connection"),
                Ok(read) => read,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).with_context(|| format!("client {index} could not read")),
            };
            let now = clock::now();
            self.bytes += read as u64;
            let filled = kept + read;
            let taken = self.take(index, &buffer[..filled], now, on_received)?;
            let client = &mut self.clients[index];
            client.rest.clear();
            client.rest.extend_from_slice(&buffer[taken..filled]);
            if client.rest.is_empty() && client.rest.capacity() > 0 {
                client.rest = Vec::new();
            }
            if filled < buffer.len() {
                return Ok(());
            }
        }
    }

    /// Handles complete frames, and returns the number of their bytes.
    fn take(&mut self, index: usize, bytes: &[u8], now: u64, on_received: OnReceived<'_>) -> Result<usize> {
        let mut taken = 0;
        if self.clients[index].state == State::Shaking {
            let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") else {
                return Ok(0);
            };
            let head = String::from_utf8_lossy(&bytes[..end]);
            ensure!(
                head.starts_with("HTTP/1.1 101"),
                "the handshake was refused: {head}"
            );
            taken = end + 4;
            self.advance(index, 0)?;
        }
        while let Some(head) = frame::Head::read(&bytes[taken..]) {
            let Some(whole) = bytes.get(taken..taken + head.size()) else {
                break;
            };
            taken += head.size();
            let payload = &whole[head.payload.0..];
            match head.opcode {
                frame::PING => self.write(index, &frame::of_client(frame::PONG, payload))?,
                frame::CLOSE => bail!("the server closed client {index}: {payload:?}"),
                frame::TEXT => self.receive(index, payload, now, on_received)?,
                _ => {}
            }
        }
        Ok(taken)
    }

    fn receive(&mut self, index: usize, payload: &[u8], now: u64, on_received: OnReceived<'_>) -> Result<()> {
        if let Some(answer) = (self.adapter.answer)(payload) {
            return self.send(index, &answer);
        }
        let client = &mut self.clients[index];
        let hint = &mut client.hint;
        let state = client.state;
        on_received(Received {
            client: index,
            payload,
            now,
            hint,
        })?;
        if let State::Entering(step) = state
            && let Some(after) = self.adapter.entry[step].after
            && payload.windows(after.len()).any(|it| it == after)
        {
            if let Some(say) = self.adapter.entry[step].say {
                self.send(index, &say(self.from + index))?;
            }
            self.advance(index, step + 1)?;
        }
        Ok(())
    }

    /// Takes the steps of the entry that do not wait for a message.
    fn advance(&mut self, index: usize, mut step: usize) -> Result<()> {
        while let Some(next) = self.adapter.entry.get(step) {
            if next.after.is_some() {
                self.clients[index].state = State::Entering(step);
                return Ok(());
            }
            if let Some(say) = next.say {
                self.send(index, &say(self.from + index))?;
            }
            step += 1;
        }
        self.clients[index].state = State::Inside;
        self.inside += 1;
        Ok(())
    }
}

/// Opens a connection from the source address of the client with that number.
pub fn connect(to: SocketAddr, index: usize) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    let from = Ipv4Addr::from(u32::from(Ipv4Addr::LOCALHOST) + 1 + (index / BY_ADDRESS) as u32);
    socket.bind(&SocketAddr::from((from, 0)).into())?;
    socket
        .connect_timeout(&to.into(), Duration::from_secs(10))
        .with_context(|| format!("client {index} could not connect"))?;
    socket.set_tcp_nodelay(true)?;
    Ok(socket.into())
}
