//! WebSockets: the handshake, what a connection reads, and what it writes.
//!
//! tungstenite parses what comes in and answers pings and closes; what goes out is frames that the hub
//! has encoded already, so it is written past it, many at once, straight to the socket.
//!
//! What reads bytes of a client is public, so that it can be given any (`fuzz/`).

mod admission;
pub mod conversation;
pub mod incoming;
pub mod mailbox;
mod outbound;
mod session;
mod standing;
pub mod stream;
mod upgrade;
pub(crate) mod wish;

pub use self::{
    admission::{Admission, Comebacks, Turn},
    upgrade::filter,
};
