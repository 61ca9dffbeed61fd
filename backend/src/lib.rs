//! Snug's server. [`app`] wires it; the design and the path of a message are described in ARCHITECTURE.md.

pub mod access_cache;
pub mod app;
mod background;
pub mod claims;
pub mod cli;
pub mod clock;
pub mod config;
pub mod egress;
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
pub mod openings;
pub mod output;
pub mod password;
pub mod picture;
#[cfg(target_os = "linux")]
mod processors;
mod publish;
pub mod push;
pub mod rates;
pub mod secret;
pub mod storage;
pub mod store;
pub mod sweep;
pub mod tasks;
pub mod webauthn;
pub mod ws;
