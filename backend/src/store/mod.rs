//! SQLite: the folder with its one writing connection, the reading connections, and the backups. Independent of the connections
//! and rooms in memory.

pub mod backup;
pub mod folder;
pub mod read;
mod schema;
