//! The whole server, over real sockets.

mod addresses;
mod authenticator;
mod avatars;
mod bad_input;
mod client_limits;
mod closed;
mod cookies;
mod deletions;
mod guest;
mod history;
mod house;
mod mentions;
mod metrics;
mod passkeys;
mod people;
mod presence;
mod private;
mod promises;
mod push;
mod restart;
mod rooms;
mod routes;
mod settings;
mod storage;
mod support;
mod tls;
