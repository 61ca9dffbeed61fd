//! The whole server, over real sockets.

mod bad_input;
mod doors;
mod guest;
mod history;
mod life;
mod metrics;
mod promises;
mod rooms;
mod support;
mod tls;
