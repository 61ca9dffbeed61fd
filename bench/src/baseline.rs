//! The baselines ("floors" in the results): the least work with which a server on one thread can deliver a
//! message to everybody.
//!
//! Both implement a plain broadcast, and are run and measured like every peer. They store nothing, check
//! nothing and trust their clients; the difference to a real server is the cost of what it does beyond that.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
};

use anyhow::{Context, Result};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Socket, Type};

use crate::frame::{self, Head};

const LISTENER: u64 = u64::MAX;

/// The response of RFC 6455's example: the load client always sends that key.
const SHAKEN: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct Client {
    socket: TcpStream,
    shaken: bool,
    rest: Vec<u8>,
    unsent: Vec<u8>,
}

/// Serves for ever. With `gather` (F2), all messages that have arrived are sent in one write per socket;
/// without it (F1), each message is sent alone and immediately.
pub fn serve(port: u16, gather: bool) -> Result<()> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
    listener.listen(4096)?;
    listener.set_nonblocking(true)?;
    let listener = TcpListener::from(listener);
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
    epoll.add(&listener, EpollEvent::new(EpollFlags::EPOLLIN, LISTENER))?;
    let mut clients: Vec<Option<Client>> = Vec::new();
    let mut events = vec![EpollEvent::empty(); 1024];
    let mut buffer = vec![0; 1 << 16];
    // The frames to send, one after the other.
    let mut out: Vec<u8> = Vec::new();
    loop {
        let count = match epoll.wait(&mut events, EpollTimeout::NONE) {
            Err(nix::Error::EINTR) => continue,
            count => count?,
        };
        for event in &events[..count] {
            if event.data() == LISTENER {
                let (socket, _) = listener.accept()?;
                socket.set_nonblocking(true)?;
                socket.set_nodelay(true)?;
                epoll.add(
                    &socket,
                    EpollEvent::new(EpollFlags::EPOLLIN, clients.len() as u64),
                )?;
                clients.push(Some(Client {
                    socket,
                    shaken: false,
                    rest: Vec::new(),
                    unsent: Vec::new(),
                }));
                continue;
            }
            let index = event.data() as usize;
            let Some(client) = &mut clients[index] else {
                continue;
            };
            if event.events().contains(EpollFlags::EPOLLOUT) {
                let unsent = std::mem::take(&mut client.unsent);
                send(&epoll, index, client, &unsent)?;
                if client.unsent.is_empty() {
                    let mut event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
                    epoll.modify(&client.socket, &mut event)?;
                }
            }
            match client.socket.read(&mut buffer) {
                Ok(0) => clients[index] = None,
                Ok(read) => client.rest.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => clients[index] = None,
            }
            while let Some(client) = &mut clients[index]
                && let Some(payload) = client.next()?
            {
                out.extend_from_slice(&frame::of_server(frame::TEXT, &payload));
                if !gather {
                    to_all(&epoll, &mut clients, &out)?;
                    out.clear();
                }
            }
        }
        if !out.is_empty() {
            to_all(&epoll, &mut clients, &out)?;
            out.clear();
        }
    }
}

fn to_all(epoll: &Epoll, clients: &mut [Option<Client>], frames: &[u8]) -> Result<()> {
    for (index, client) in clients.iter_mut().enumerate() {
        match client {
            Some(client) if client.shaken => send(epoll, index, client, frames)?,
            _ => {}
        }
    }
    Ok(())
}

/// Sends bytes with one send(2), or more if the system does not take all of them.
fn send(epoll: &Epoll, index: usize, client: &mut Client, bytes: &[u8]) -> Result<()> {
    let written = match client.unsent.is_empty() {
        true => match client.socket.write(bytes) {
            Ok(written) => written,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            // The client is gone; reading from its socket will report that.
            Err(_) => return Ok(()),
        },
        false => 0,
    };
    if written < bytes.len() {
        client.unsent.extend_from_slice(&bytes[written..]);
        let mut event = EpollEvent::new(EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT, index as u64);
        epoll.modify(&client.socket, &mut event)?;
    }
    Ok(())
}

impl Client {
    /// Returns the next text message, if it has arrived completely. Answers the handshake first.
    fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if !self.shaken {
            let Some(end) = self.rest.windows(4).position(|it| it == b"\r\n\r\n") else {
                return Ok(None);
            };
            self.rest.drain(..end + 4);
            self.shaken = true;
            self.socket
                .write_all(SHAKEN)
                .context("a fresh socket takes this")?;
        }
        while let Some(head) = Head::read(&self.rest).filter(|it| it.size() <= self.rest.len()) {
            let mut payload = self.rest[head.payload.0..head.size()].to_vec();
            self.rest.drain(..head.size());
            frame::mask(&mut payload, head.key.context("a client masks")?);
            if head.opcode == frame::TEXT {
                return Ok(Some(payload));
            }
        }
        Ok(None)
    }
}
