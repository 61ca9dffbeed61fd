//! The server and the browser's storage, as seen from here. No Yew.

mod backoff;
mod connection;
mod heartbeat;
pub(crate) mod http;
pub(crate) mod push;
pub(crate) mod saving;
mod wake;

pub(crate) use self::connection::{Connection, Event, Link, Stop};
