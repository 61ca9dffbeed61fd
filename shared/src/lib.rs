//! The types and rules that Snug's server and page share: parsed types, limits, frames and the replica.
//!
//! Pure: no input or output, no clock, no randomness. The server, the page, the examples and the
//! tests compile the same code, so a rule that one of them enforces is the rule of all.

pub mod api;
pub mod avatar;
pub mod coded;
pub mod error_code;
pub mod ids;
pub mod lang;
pub mod levels;
pub mod limits;
pub mod links;
pub mod mentions;
pub mod messages;
pub mod passkeys;
pub mod people;
pub mod presence;
pub mod replica;
pub mod rooms;
pub mod route;
pub mod settings;
pub mod status;
mod string_serde;
pub mod text;
pub mod typing;
pub mod unicode;
pub mod wire;
