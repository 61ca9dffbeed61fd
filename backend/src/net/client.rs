//! The client of a request.

use std::net::IpAddr;

use crate::network::ClientNetwork;

/// The client of a request, as the peer or a trusted proxy reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Client {
    /// The network of the browser's address.
    pub network: ClientNetwork,
    /// Whether the request came over HTTPS, to this server or to a trusted proxy.
    pub secure: bool,
    /// Whether a trusted proxy forwarded the request.
    pub proxied: bool,
}

/// The remote end of a socket.
#[derive(Clone, Copy)]
pub struct Peer {
    /// The address of the remote end.
    pub address: IpAddr,
    /// Whether the socket is encrypted.
    pub tls: bool,
}
