//! The whole server, over real sockets.

mod bad_input;
mod doors;
mod guest;
mod life;
mod mentions;
mod metrics;
mod promises;
mod rooms;
mod support;
mod tls;
