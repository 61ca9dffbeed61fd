//! The whole server, over real sockets.

mod avatars;
mod bad_input;
mod doors;
mod guest;
mod house;
mod life;
mod metrics;
mod people;
mod private;
mod promises;
mod rooms;
mod support;
mod tls;
