//! The server on a disk of ours, and the audit of what a disk held.

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
    process::{self, Kept},
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

/// Settles, and has it on the record what was acknowledged.
pub async fn settle(peer: &mut Peer, server: &Server, disk: &Disk) {
    let before = peer.acknowledged.clone();
    peer.settle(server.address()).await;
    for (key, n) in &peer.acknowledged {
        if !before.contains_key(key) {
            disk.told(key, *n);
        }
    }
}

/// What a folder of these files holds. It opens as any folder does, SQLite finds it whole, positions have no
/// gaps, and the log makes the tables.
pub fn audit(files: &Files) -> Vec<Kept> {
    let data = tempfile::tempdir().expect("a folder");
    record::write(files, data.path());
    // Nothing more happens to this one: no need to wait for real syncs.
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

/// The keys of messages that somebody was told are kept, and that are not.
pub fn lost(kept: &[Kept], told: impl IntoIterator<Item = (String, u64)>) -> Vec<String> {
    let there: BTreeMap<_, _> = kept.iter().map(|it| (it.key.as_str(), it.n)).collect();
    assert_eq!(there.len(), kept.len(), "something is there twice");
    told.into_iter()
        .filter(|(key, n)| there.get(key.as_str()) != Some(n))
        .map(|(key, _)| key)
        .collect()
}
