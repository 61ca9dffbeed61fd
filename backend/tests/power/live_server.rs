//! The server on a simulated disk, and the audit of the disk's content.

use std::{collections::BTreeMap, num::NonZeroU32, path::Path, time::Duration};

use rusqlite::Connection;
use snug::{
    config::{Config, Options, Rate},
    server::Server,
    store::folder::Folder,
};

use crate::{
    disk::Disk,
    peer::Peer,
    process::{self, StoredMessage},
    record::{self, Files},
};

pub async fn serve(data: &Path) -> Server {
    let plenty = Rate {
        per_second: NonZeroU32::MAX,
        burst: NonZeroU32::MAX,
    };
    let mut config = Config::resolve(Options::default()).expect("defaults");
    config.listen = ([127, 0, 0, 1], 0).into();
    config.data = data.to_owned();
    config.messages = plenty;
    config.frames = plenty;
    config.grace = Duration::ZERO;
    Server::start(&config).await.expect("it starts")
}

/// Settles a peer, and records what was acknowledged to it.
pub async fn settle(peer: &mut Peer, server: &Server, disk: &Disk) {
    let before = peer.acknowledged.clone();
    peer.settle(server.address()).await;
    for (key, n) in &peer.acknowledged {
        if !before.contains_key(key) {
            disk.acknowledged(key, *n);
        }
    }
}

/// The messages in a folder of these files. Checks that it opens as any folder does, that SQLite finds no corruption,
/// that positions have no gaps, and that the log rebuilds the tables.
pub fn audit(files: &Files) -> Vec<StoredMessage> {
    let data = tempfile::tempdir().expect("a folder");
    record::write(files, data.path());
    // Nothing more is written to this folder: no need for real syncs.
    let _disk = Disk::under(data.path());
    let folder = Folder::open(data.path()).expect("it opens after a loss of power");
    assert_eq!(verdict(&folder.connection), "ok");
    drop(folder);
    process::audit(data.path())
}

fn verdict(connection: &Connection) -> String {
    let verdict = connection.pragma_query_value(None, "integrity_check", |row| row.get(0));
    verdict.expect("it can be read")
}

/// The keys of messages that were acknowledged but are not stored.
pub fn lost(kept: &[StoredMessage], acknowledged: impl IntoIterator<Item = (String, u64)>) -> Vec<String> {
    let there: BTreeMap<_, _> = kept.iter().map(|it| (it.key.as_str(), it.n)).collect();
    assert_eq!(there.len(), kept.len(), "a message is stored twice");
    acknowledged
        .into_iter()
        .filter(|(key, n)| there.get(key.as_str()) != Some(n))
        .map(|(key, _)| key)
        .collect()
}
