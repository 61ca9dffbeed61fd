//! Lists all tables of the schema: where their rows come from, and which of them are deleted with a room or an account.

/// Where the rows of a table come from, which decides what `rebuild` does with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A projection of the log: `rebuild` empties it and fills it again.
    Projection,
    /// State beside the log: `rebuild` leaves it alone.
    Beside,
    /// The log itself, and the values of the folder.
    Infrastructure,
}

/// A table of the schema.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// The name of the table.
    pub name: &'static str,
    /// Where its rows come from.
    pub kind: Kind,
    /// The column with the room of a row, if its rows are deleted with their room.
    pub of_room: bool,
    /// The column with the user of a row, if its rows are deleted with the user's account. Account deletion treats the rows of other
    /// tables in a way of its own, or they remain.
    pub of_account: Option<&'static str>,
}

const fn table(name: &'static str, kind: Kind) -> Table {
    Table {
        name,
        kind,
        of_room: false,
        of_account: None,
    }
}

impl Table {
    const fn of_room(self) -> Self {
        Self {
            of_room: true,
            ..self
        }
    }

    const fn of_account(self, column: &'static str) -> Self {
        Self {
            of_account: Some(column),
            ..self
        }
    }
}

/// All tables. A table is before those that it refers to, so that rows can be deleted in this order.
pub const TABLES: &[Table] = &[
    table("mentions", Kind::Projection).of_room().of_account("user"),
    table("messages", Kind::Projection).of_room(),
    table("tombstones", Kind::Projection).of_room(),
    table("members", Kind::Projection).of_room(),
    table("direct_participants", Kind::Projection).of_room(),
    table("last_posts", Kind::Projection).of_room().of_account("user"),
    table("left_rooms", Kind::Projection).of_room().of_account("user"),
    table("former_names", Kind::Projection).of_room(),
    table("rooms", Kind::Projection),
    table("deleted_rooms", Kind::Projection),
    table("users", Kind::Projection),
    table("deleted_accounts", Kind::Projection),
    table("rules", Kind::Projection),
    table("invites", Kind::Projection).of_account("created_by"),
    table("audit_log", Kind::Projection),
    table("blocks", Kind::Projection).of_account("user"),
    table("personal_entries", Kind::Projection),
    table("network_bans", Kind::Beside).of_account("user"),
    table("read_positions", Kind::Beside).of_room().of_account("user"),
    table("notification_levels", Kind::Beside)
        .of_room()
        .of_account("user"),
    table("settings", Kind::Beside).of_account("user"),
    table("passwords", Kind::Beside).of_account("user"),
    table("passkeys", Kind::Beside).of_account("user"),
    table("push_subscriptions", Kind::Beside).of_account("user"),
    table("sessions", Kind::Beside),
    table("id_claims", Kind::Beside),
    table("pictures", Kind::Beside),
    table("log", Kind::Infrastructure),
    table("meta", Kind::Infrastructure),
];

/// Returns the projections of the log.
pub fn projections() -> impl Iterator<Item = &'static str> {
    let projections = TABLES.iter().filter(|it| it.kind == Kind::Projection);
    projections.map(|it| it.name)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::folder::migrate;

    fn strings(connection: &Connection, query: &str) -> Vec<String> {
        let mut query = connection.prepare(query).expect("a query");
        let rows = query.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("strings")
    }

    #[test]
    fn each_table_of_the_schema_is_listed_once_with_its_columns() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        let mut listed: Vec<_> = TABLES.iter().map(|it| it.name.to_owned()).collect();
        listed.sort();
        let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        assert_eq!(listed, strings(&connection, tables));
        for table in TABLES {
            let columns = strings(
                &connection,
                &format!("SELECT name FROM pragma_table_info('{}')", table.name),
            );
            let has = |column: &str| columns.iter().any(|it| it == column);
            assert!(!table.of_room || has("room"), "{}", table.name);
            assert!(table.of_account.is_none_or(has), "{}", table.name);
        }
    }

    #[test]
    fn a_table_is_before_those_that_it_refers_to() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        let place = |name: &str| TABLES.iter().position(|it| it.name == name).expect("listed");
        for table in TABLES {
            let query = format!(r#"SELECT "table" FROM pragma_foreign_key_list('{}')"#, table.name);
            for parent in strings(&connection, &query) {
                assert!(place(table.name) < place(&parent), "{} and {parent}", table.name);
            }
        }
    }

    #[test]
    fn each_table_with_a_room_or_a_user_says_what_becomes_of_its_rows() {
        let mut connection = Connection::open_in_memory().expect("memory");
        migrate(&mut connection).expect("tables");
        // Account deletion removes the first ones itself, anonymizes the next, and keeps ids that must not be used again.
        let otherwise = [
            "members",
            "sessions",
            "direct_participants",
            "deleted_accounts",
            "personal_entries",
            "id_claims",
        ];
        for table in TABLES {
            let query = format!("SELECT name FROM pragma_table_info('{}')", table.name);
            for column in strings(&connection, &query) {
                match column.as_str() {
                    "room" => assert!(table.of_room, "{}", table.name),
                    "user" => assert!(
                        table.of_account.is_some() != otherwise.contains(&table.name),
                        "{}",
                        table.name
                    ),
                    _ => {}
                }
            }
        }
    }
}
