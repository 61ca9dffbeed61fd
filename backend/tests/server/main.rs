//! The whole server, over real sockets.

mod bad_input;
mod guest;
mod promises;
mod support;
