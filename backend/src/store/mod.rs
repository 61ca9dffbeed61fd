//! SQLite: the folder with its one writing connection, and the reading connections. Independent of the connections
//! and rooms in memory.

pub mod folder;
pub mod read;
pub(crate) mod schema;
