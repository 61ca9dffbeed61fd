//! The client of the server and of the browser's storage. It does not depend on Yew.

pub(crate) mod admin;
mod backoff;
pub(crate) mod blocks;
mod connection;
mod heartbeat;
pub(crate) mod http;
pub(crate) mod link_secrets;
pub(crate) mod members;
mod notify;
mod obstacle;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod pictures;
pub(crate) mod push;
pub(crate) mod storage;
pub(crate) mod tabs;
pub(crate) mod webauthn;

pub(crate) use self::{
    connection::{Connection, ConnectionState, Event, StopReason},
    obstacle::{Obstacle, Outcome},
};
