//! WebSockets: the handshake, what a connection reads, and what it writes.
//!
//! tungstenite parses received frames and answers pings and closes. Sent frames are already encoded by the hub, so they bypass it and
//! are written straight to the socket, many at once.
//!
//! The code that parses a client's bytes is public, so that the fuzz tests can call it (`fuzz/`).

pub(crate) mod commands;
pub mod connection;
pub mod decode;
pub mod mailbox;
mod outbound;
mod presence_input;
pub mod read_half;
mod session;
mod upgrade;

pub use self::upgrade::filter;
