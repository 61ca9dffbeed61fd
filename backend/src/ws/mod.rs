//! WebSockets: the handshake, what a connection reads, and what it writes.
//!
//! tungstenite parses what comes in and answers pings and closes; what goes out is frames that the hub
//! has encoded already, so it is written past it, many at once, straight to the socket.
//!
//! What reads bytes of a client is public, so that it can be given any (`fuzz/`).

mod admission;
pub(crate) mod commands;
pub mod connection;
pub mod decode;
pub mod mailbox;
mod outbound;
mod presence_input;
pub mod read_half;
mod session;
mod upgrade;

pub use self::{
    admission::{Admission, AdmissionTicket, ReconnectSpreader},
    upgrade::filter,
};
