//! A new version opens what an older one has left, and everything said is still there.

use std::{fs, path::Path};

use rusqlite::Connection;
use snug_shared::ids::RoomId;

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

/// Every folder that is kept: one of each released schema.
fn kept_folders() -> Vec<String> {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders");
    let folders = fs::read_dir(folders).expect("the folders");
    let read = |it: fs::DirEntry| fs::read_to_string(it.path()).expect("SQL");
    folders.map(|it| read(it.expect("a file"))).collect()
}

#[tokio::test]
async fn a_folder_of_each_older_version_opens_with_all_that_was_said() {
    let folders = kept_folders();
    assert!(!folders.is_empty());
    for folder in folders {
        let data = tempfile::tempdir().expect("a folder");
        Connection::open(data.path().join("snug.db"))
            .and_then(|old| old.execute_batch(&folder))
            .expect("an older database");
        let snug = Snug::start(data.path());
        let mut ann = Peer::new("ann");
        ann.settle(snug.address).await;
        let room = ann.replica.room(&RoomId::lobby()).expect("the lobby");
        let said: Vec<_> = room.timeline.messages().map(|it| it.text.as_str()).collect();
        assert_eq!(
            said,
            [
                "Hello, is anybody here?",
                "it's \"quoted\" and\non two lines",
                "你好！🦊",
                "👩‍👩‍👧 family"
            ]
        );
        ann.say().await;
        ann.settle(snug.address).await;
        snug.stop();
        assert_eq!(audit(data.path()).len(), 5);
    }
}
