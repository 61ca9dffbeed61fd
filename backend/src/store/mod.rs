//! SQLite: the folder with its one writing connection, the reading ones, and the queries that several
//! features share. Knows nothing of connections and rooms in memory.

pub mod backup;
pub mod folder;
pub mod read;
mod schema;
