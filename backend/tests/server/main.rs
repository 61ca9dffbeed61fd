//! The whole server, over real sockets.

mod bad_input;
mod doors;
mod guest;
mod life;
mod metrics;
mod presence;
mod promises;
mod rooms;
mod support;
mod tls;
