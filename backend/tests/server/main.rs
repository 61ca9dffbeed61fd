//! The whole server, over real sockets.

mod bad_input;
mod promises;
mod support;
