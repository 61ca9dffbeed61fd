//! A backup taken while people talk, and put back.

use std::{
    path::Path,
    process::{Command, Output},
};

use snug_shared::ids::RoomId;

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

fn snug(command: &str, file: &Path, data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_snug"))
        .arg(command)
        .arg(file)
        .arg("--data")
        .arg(data)
        .output()
        .expect("it runs")
}

fn refused(output: &Output, sentence: &str) {
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains(sentence), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_holds_all_that_was_acknowledged_before_it() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let file = elsewhere.path().join("monday.snug");
    let snug_here = Snug::start(data.path());
    let mut ann = Peer::new("ann");
    ann.connect(snug_here.address).await;
    for _ in 0..100 {
        ann.say().await;
    }
    ann.settle(snug_here.address).await;
    let before = ann.acknowledged.clone();

    let (taken_from, taken_to) = (data.path().to_owned(), file.clone());
    let backup = tokio::task::spawn_blocking(move || snug("backup", &taken_to, &taken_from));
    while !backup.is_finished() {
        ann.say().await;
        ann.listen().await;
    }
    let output = backup.await.expect("it ran");
    assert!(output.status.success(), "{output:?}");
    refused(&snug("backup", &file, data.path()), "is there already");
    ann.settle(snug_here.address).await;
    assert!(ann.acknowledged.len() > before.len());

    // Back to where it was, while it serves. Who has seen more than the backup has is not left with it:
    // the new epoch brings what there is. Her id is hers still: the secret came along.
    let (put_from, put_to) = (file.clone(), data.path().to_owned());
    let restore = tokio::task::spawn_blocking(move || snug("restore", &put_from, &put_to));
    while ann.is_connected() && !restore.is_finished() {
        ann.listen().await;
    }
    let output = restore.await.expect("it ran");
    assert!(output.status.success(), "{output:?}");
    ann.settle(snug_here.address).await;
    let restored = cursor(&ann);
    ann.say().await;
    ann.settle(snug_here.address).await;
    assert_eq!(cursor(&ann), restored + 1);
    snug_here.stop();
    let kept = audit(data.path());
    assert_eq!(kept.len() as u64, restored + 1);
    for (key, n) in &before {
        assert!(kept.iter().any(|it| it.key == *key && it.n == *n), "{key}");
    }

    // And while nothing serves it.
    let output = snug("restore", &file, data.path());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(audit(data.path()), kept[..kept.len() - 1]);
}

fn cursor(peer: &Peer) -> u64 {
    let room = peer.replica.room(&RoomId::lobby());
    room.expect("the lobby").timeline.cursor().0
}

#[test]
fn what_is_not_a_whole_backup_is_refused_and_changes_nothing() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    Snug::start(data.path()).stop();
    let file = elsewhere.path().join("monday.snug");
    assert!(snug("backup", &file, data.path()).status.success());
    let whole = std::fs::read(&file).expect("a file");
    let names = || {
        let mut names: Vec<_> = std::fs::read_dir(data.path())
            .expect("a folder")
            .map(|it| it.expect("an entry").file_name())
            .collect();
        names.sort();
        names
    };
    let kept = audit(data.path());
    let before = names();

    for (damage, sentence) in [
        (whole[..whole.len() / 2].to_vec(), "malformed"),
        (b"these are my holiday pictures".repeat(100), "not a database"),
        (Vec::new(), "no such table"),
    ] {
        std::fs::write(&file, damage).expect("written");
        let output = snug("restore", &file, data.path());
        refused(&output, sentence);
        refused(&output, &file.display().to_string());
    }
    refused(
        &snug("restore", &elsewhere.path().join("none"), data.path()),
        "none",
    );
    refused(
        &snug("backup", &file.with_extension("2"), elsewhere.path()),
        "holds no data",
    );
    assert_eq!((names(), audit(data.path())), (before, kept));
}

#[test]
fn a_restore_that_was_cut_off_is_finished_at_the_next_start() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    Snug::start(data.path()).stop();
    let file = elsewhere.path().join("monday.snug");
    assert!(snug("backup", &file, data.path()).status.success());
    // The old database was moved aside, and what SQLite keeps beside it is still there.
    let path = |name| data.path().join(name);
    std::fs::rename(path("snug.db"), path("snug-old.db")).expect("moved");
    std::fs::write(path("snug.db-wal"), "of another database").expect("written");
    std::fs::copy(&file, path("snug.db.restored")).expect("copied");
    Snug::start(data.path()).stop();
    assert!(path("snug.db").exists() && path("snug-old.db").exists());
    assert!(!path("snug.db.restored").exists());
    assert!(audit(data.path()).is_empty());
}
