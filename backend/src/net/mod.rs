//! Clients at the edge: their sockets, addresses, origins and cookies, and the limits that apply before any route. Used by `http` and
//! by `ws`, and knows neither.

pub mod admission;
pub mod client;
pub mod client_limits;
mod forwarded;
pub mod guesses;
pub mod heads;
pub mod hosts;
pub mod notices;
pub mod origin;
pub mod refusal;
pub mod relays;
pub mod session;
pub mod socket;
