//! Checks that a database from an untrusted source has the schema of its version, and nothing besides: no trigger or view that
//! would be executed, no table or index that is not Snug's.

use std::path::Path;

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use super::folder::migrate_within;

/// An object of a schema as `sqlite_schema` has it: type, name, table, statement.
type Object = (String, String, String, Option<String>);

/// Opens a database from an untrusted source. Its schema is not trusted: no trigger and no view is executed, and none of its
/// expressions calls a function that has an effect (<https://www.sqlite.org/security.html>).
pub(crate) fn open_untrusted(database: &Path) -> rusqlite::Result<Connection> {
    // Not created, and not a URI, which could name another file.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    for (setting, on) in [
        (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
        (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
        (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
    ] {
        connection.set_db_config(setting, on)?;
    }
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

/// Returns the version that the database says it has.
pub(crate) fn version(connection: &Connection) -> rusqlite::Result<usize> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Returns how its schema differs from that of a version; `None` if it is the same.
pub(crate) fn difference(connection: &Connection, version: usize) -> rusqlite::Result<Option<String>> {
    if version == 0 {
        return Ok(Some("it has no schema".to_owned()));
    }
    let reference = Connection::open_in_memory()?;
    migrate_within(&reference, 0, version)?;
    let (wanted, found) = (objects(&reference)?, objects(connection)?);
    // Names are quoted: they come from an untrusted source, and may contain anything.
    let extra = found.iter().find(|it| !wanted.contains(it));
    let missing = wanted.iter().find(|it| !found.contains(it));
    Ok(match (extra, missing) {
        (Some((kind, name, ..)), _) => Some(format!(
            "it has the {kind:?} {name:?}, which is not in version {version}"
        )),
        (None, Some((kind, name, ..))) => {
            Some(format!("it lacks the {kind:?} {name:?} of version {version}"))
        }
        // All objects match, but one occurs twice.
        (None, None) => (wanted.len() != found.len()).then(|| "its schema has a duplicate".to_owned()),
    })
}

fn objects(connection: &Connection) -> rusqlite::Result<Vec<Object>> {
    connection
        .prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?
        .collect()
}
