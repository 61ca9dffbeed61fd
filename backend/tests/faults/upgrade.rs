//! A new version opens the folder of an older one, and loses nothing.

use std::{fs, path::Path};

use rusqlite::Connection;
use snug::{
    features::{
        access, account_deletion, audit, blocks, invites, members, messages, passkeys, people, pictures,
        push, room_access, room_table, rules, sessions, settings, tables::TABLES,
    },
    log,
    store::folder::Folder,
};
use snug_shared::{
    api::HistoryQuery,
    ids::{ChatId, Millis, PictureId, Position, RoomId},
    levels::NotificationLevel,
    messages::Deleted,
    people::{JoinPolicy, ModerationAction, Role, Rules},
    rooms::Kind,
    settings::Theme,
};

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

/// The folders in the repository: one for each released schema.
fn schema_folders() -> Vec<String> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders");
    let folders = fs::read_dir(folders).expect("the folders");
    let read = |it: fs::DirEntry| fs::read_to_string(it.path()).expect("SQL");
    folders.map(|it| read(it.expect("a file"))).collect()
}

/// Writes one of these folders to disk.
fn folder_of(sql: &str) -> tempfile::TempDir {
    let data = tempfile::tempdir().expect("a folder");
    Connection::open(data.path().join("snug.db"))
        .and_then(|old| old.execute_batch(sql))
        .expect("an older database");
    data
}

fn id(id: &str) -> ChatId {
    ChatId::try_from(id).expect("an id")
}

#[tokio::test]
async fn a_folder_of_each_older_version_opens_with_all_its_messages() {
    let folders = schema_folders();
    assert!(!folders.is_empty());
    for folder in folders {
        let data = folder_of(&folder);
        let snug = Snug::start(data.path());
        let mut new = Peer::new("new");
        new.settle(snug.address).await;
        let room = new.replica.room(&RoomId::lobby()).expect("the lobby");
        let said: Vec<_> = room.timeline.messages().map(|it| it.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "Hello, is anybody here?",
                "it's \"quoted\" and\non two lines, @Ann"
            ]
        );
        new.post().await;
        new.settle(snug.address).await;
        snug.stop();
        assert_eq!(audit(data.path()).len(), 5);
    }
}

#[test]
fn a_folder_of_the_first_schema_keeps_the_content_of_its_tables() {
    let data = folder_of(include_str!("../folders/0001.sql"));
    let folder = Folder::open(data.path()).expect("it opens");
    let tables = &folder.connection;
    for table in TABLES {
        let count = tables.query_row(&format!("SELECT count(*) FROM {}", table.name), [], |row| {
            row.get::<_, i64>(0)
        });
        assert!(count.expect("a count") > 0, "{}", table.name);
    }

    let lobby = RoomId::lobby();
    let ann = id("ann");
    let access = room_access::require_access(tables, &ann, &lobby).expect("a member");
    let page = messages::excerpt(tables, &access, HistoryQuery::After(Position::START)).expect("a page");
    let keys: Vec<_> = page.messages.iter().map(|it| it.key.as_str()).collect();
    assert_eq!(keys, ["key-1", "key-2"]);
    assert!(page.messages[1].mentions.here && page.messages[1].mentions.room);
    let deletions: Vec<_> = page
        .deleted
        .iter()
        .map(|Deleted { n, deletion, .. }| (n.0, deletion.is_some()))
        .collect();
    assert_eq!(deletions, [(3, false), (4, true), (5, false), (6, true)]);

    let all = room_table::all(tables).expect("rooms");
    let shown: Vec<_> = all
        .iter()
        .map(|it| (it.kind, it.name.as_str(), it.slow_mode, it.participants.len()))
        .collect();
    assert_eq!(
        shown,
        [
            (Kind::Open, "tea-time", 30, 0),
            (Kind::Private, "den", 0, 0),
            (Kind::Direct, "@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a", 0, 2),
            (Kind::Open, "lobby", 0, 0),
        ]
    );
    let of_bob = members::memberships_of(tables, &id("bob")).expect("rooms");
    let unread: Vec<_> = of_bob
        .iter()
        .map(|(_, state)| (state.unread, state.level))
        .collect();
    assert_eq!(
        unread,
        [
            (0, NotificationLevel::All),
            (0, NotificationLevel::All),
            (0, NotificationLevel::Mentions)
        ]
    );

    let mut known = people::all(tables).expect("users");
    known.sort_by(|one, other| one.known.chat_id.cmp(&other.known.chat_id));
    let known: Vec<_> = known
        .iter()
        .map(|it| (it.known.chat_id.as_str(), it.known.role, it.invited))
        .collect();
    assert_eq!(
        known,
        [
            ("ann", Role::Moderator, true),
            ("bob", Role::Guest, true),
            ("eve", Role::Guest, false),
            ("mia", Role::Guest, false),
            ("olga", Role::Owner, false),
        ]
    );
    let mut deleted = account_deletion::all(tables).expect("ids");
    deleted.sort();
    assert_eq!(deleted, [id("yan"), id("zoe")]);
    let rules = Rules {
        join_policy: JoinPolicy::Anyone,
        room_creation_role: Role::Guest,
    };
    assert_eq!(rules::rules(tables).expect("rules"), rules);
    let bans = access::network_bans(tables).expect("bans");
    assert_eq!(bans, [("192.0.2.1/32".to_owned(), Millis(i64::MAX))]);
    let actions = audit::audit_log(tables, Position::LAST).expect("entries");
    let deletion = ModerationAction::DeleteAccount { chat_id: id("zoe") };
    assert_eq!((actions.len(), &actions[0].action), (9, &deletion));
    let invites = invites::active(tables, Millis(1_793_404_822_000)).expect("invites");
    assert_eq!((invites[0].id.as_str(), invites[0].uses), ("first", 2));
    assert_eq!(blocks::of(tables, &id("ann")).expect("ids"), [id("eve")]);

    let signed_in: Vec<_> = sessions::all(tables).expect("sessions");
    assert_eq!(signed_in.len(), 2);
    let password = sessions::password(tables, &id("ann")).expect("a query");
    assert_eq!(password.as_deref(), Some("hash of ann"));
    let passkeys = passkeys::of(tables, &id("olga")).expect("passkeys");
    assert_eq!(passkeys[0].last_used, Some(Millis(1_793_404_810_000)));
    let preferences = settings::of(tables, &id("olga")).expect("a query").expect("some");
    assert!(preferences.unread_only && preferences.theme == Theme::Dark);
    let picture = PictureId::try_from("00112233445566778899aabbccddeeff").expect("an id");
    assert_eq!(
        pictures::file(tables, picture).expect("a query").as_deref(),
        Some(&b"RIFF"[..])
    );
    let endpoints = push::endpoints(tables, &id("olga")).expect("endpoints");
    assert_eq!(endpoints, ["https://push.example/1"]);

    let before = log::tables(tables).expect("rows");
    let rebuilt = tables.unchecked_transaction().expect("one");
    assert_eq!(log::rebuild(&rebuilt).expect("it applies"), 43);
    assert_eq!(log::tables(&rebuilt).expect("rows"), before);
}
