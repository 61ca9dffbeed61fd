//! The whole server, over real sockets.

mod bad_input;
mod doors;
mod guest;
mod promises;
mod support;
