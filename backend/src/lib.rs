//! Snug's server. [`app`] wires it; DESIGN and the way of a message are told in ARCHITECTURE.md.

pub mod app;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod config;
mod emoji;
mod expiry;
pub mod features;
pub mod heap;
pub mod http;
pub mod hub;
pub mod identity;
pub mod log;
pub mod metrics;
pub mod network;
pub mod outgoing;
pub mod password;
pub mod picture;
mod publish;
pub mod push;
pub mod register;
pub mod secret;
pub mod storage;
pub mod store;
pub mod tasks;
pub mod webauthn;
pub mod ws;
