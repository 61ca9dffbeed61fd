//! The whole server, over real sockets.

mod bad_input;
mod doors;
mod guest;
mod house;
mod life;
mod metrics;
mod people;
mod promises;
mod push;
mod rooms;
mod support;
mod tls;
