//! Pins the names in the log: `pinned.jsonl` has a line for every command and every moderation action, as the log stores them.
//! Lines are added, and never changed: every later version has to read them.

use std::collections::BTreeSet;

use serde_json::Value;
use snug_shared::people::ModerationAction;

use super::writer::commit;
use crate::{
    features::{Applied, Command, Entry, tables::TABLES},
    store::folder::Folder,
};

fn lines() -> impl Iterator<Item = (&'static str, Entry)> {
    include_str!("pinned.jsonl").lines().map(|line| {
        let entry = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        (line, entry)
    })
}

#[test]
fn every_command_is_read_and_written_as_it_is_pinned() {
    let (mut commands, mut actions) = (BTreeSet::new(), BTreeSet::new());
    for (line, entry) in lines() {
        assert_eq!(serde_json::to_string(&entry).expect("JSON"), line);
        let written = serde_json::to_value(&entry.command).expect("JSON");
        let action = written.pointer("/Moderate/action/action");
        actions.extend(action.and_then(Value::as_str).map(str::to_owned));
        commands.extend(match written {
            Value::String(name) => Some(name),
            Value::Object(fields) => fields.into_iter().next().map(|(name, _)| name),
            _ => None,
        });
    }
    let all = |codes: &[&str]| codes.iter().map(|&it| it.to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(commands, all(Command::CODES));
    assert_eq!(actions, all(ModerationAction::CODES));
}

#[test]
fn the_pinned_entries_apply_in_their_order_and_fill_every_table() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut folder = Folder::open(dir.path()).expect("a new one");
    folder.epoch().expect("an epoch");
    for (line, mut entry) in lines() {
        // What is stored beside the log is not in its lines.
        match &mut entry.command {
            Command::CreateAccount(it) => it.password = Some(format!("hash of {}", entry.by)),
            Command::Moderate(it) => it.networks = vec!["192.0.2.1/32".to_owned()],
            _ => {}
        }
        let outcomes = commit(&mut folder.connection, [entry].iter()).expect("it is written");
        let is_new = |it: &_| matches!(it, Ok(Applied::Logged(_) | Applied::AppliedOnly(_)));
        assert!(outcomes.iter().all(is_new), "{line}: {outcomes:?}");
    }
    let empty = TABLES.iter().map(|it| it.name).filter(|name| {
        let count = format!("SELECT count(*) FROM {name}");
        let count = folder.connection.query_row(&count, [], |row| row.get(0));
        count.is_ok_and(|count: i64| count == 0)
    });
    // Claims are bound by the connections that submit entries.
    assert_eq!(empty.collect::<Vec<_>>(), ["id_claims"]);
}
