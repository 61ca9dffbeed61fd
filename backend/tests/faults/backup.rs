//! Backups while users chat, and their restore.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink},
    path::{Path, PathBuf},
    process::{Command, Output},
};

use rusqlite::Connection;
use snug_shared::ids::RoomId;
use tempfile::TempDir;

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
async fn a_backup_taken_under_load_has_all_that_was_acknowledged_before_it() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    let file = elsewhere.path().join("monday.snug");
    let snug_here = Snug::start(data.path());
    let mut ann = Peer::new("ann");
    ann.connect(snug_here.address).await;
    for _ in 0..100 {
        ann.post().await;
    }
    ann.settle(snug_here.address).await;
    let before = ann.acknowledged.clone();

    let (taken_from, taken_to) = (data.path().to_owned(), file.clone());
    let backup = tokio::task::spawn_blocking(move || snug("backup", &taken_to, &taken_from));
    while !backup.is_finished() {
        ann.post().await;
        ann.listen().await;
    }
    let output = backup.await.expect("it ran");
    assert!(output.status.success(), "{output:?}");
    refused(&snug("backup", &file, data.path()), "already exists");
    ann.settle(snug_here.address).await;
    assert!(ann.acknowledged.len() > before.len());

    // Restore while the server runs. A client that has received more than the backup has does not keep it:
    // it receives everything again under the new epoch. Ann's id is still hers: the backup has the secret.
    let (put_from, put_to) = (file.clone(), data.path().to_owned());
    let restore = tokio::task::spawn_blocking(move || snug("restore", &put_from, &put_to));
    while ann.is_connected() && !restore.is_finished() {
        ann.listen().await;
    }
    let output = restore.await.expect("it ran");
    assert!(output.status.success(), "{output:?}");
    ann.settle(snug_here.address).await;
    let restored = cursor(&ann);
    ann.post().await;
    ann.settle(snug_here.address).await;
    assert_eq!(cursor(&ann), restored + 1);
    snug_here.stop();
    let kept = audit(data.path());
    assert_eq!(kept.len() as u64, restored + 1);
    for (key, n) in &before {
        assert!(kept.iter().any(|it| it.key == *key && it.n == *n), "{key}");
    }

    // Restore while no server runs.
    let output = snug("restore", &file, data.path());
    assert!(output.status.success(), "{output:?}");
    assert_eq!(audit(data.path()), kept[..kept.len() - 1]);
}

fn cursor(peer: &Peer) -> u64 {
    let room = peer.replica.room(&RoomId::lobby());
    room.expect("the lobby").timeline.cursor().0
}

#[test]
fn an_invalid_backup_is_refused_and_changes_nothing() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    Snug::start(data.path()).stop();
    let file = elsewhere.path().join("monday.snug");
    assert!(snug("backup", &file, data.path()).status.success());
    let whole = fs::read(&file).expect("a file");
    let names = || {
        let mut names: Vec<_> = fs::read_dir(data.path())
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
        (Vec::new(), "is not a backup of Snug"),
    ] {
        fs::write(&file, damage).expect("written");
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
        "contains no data",
    );
    assert_eq!((names(), audit(data.path())), (before, kept));
}

#[test]
fn an_interrupted_restore_is_finished_at_the_next_start() {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    Snug::start(data.path()).stop();
    let file = elsewhere.path().join("monday.snug");
    assert!(snug("backup", &file, data.path()).status.success());
    // The old database has been moved aside, and SQLite's files of it are still there.
    let path = |name| data.path().join(name);
    fs::rename(path("snug.db"), path("snug-old.db")).expect("moved");
    fs::write(path("snug.db-wal"), "of another database").expect("written");
    fs::copy(&file, path("snug.db.restored")).expect("copied");
    Snug::start(data.path()).stop();
    assert!(path("snug.db").exists() && path("snug-old.db").exists());
    assert!(!path("snug.db.restored").exists());
    assert!(audit(data.path()).is_empty());
}

/// A folder in which a server has run, and a backup of it in another folder.
fn backed_up() -> (TempDir, TempDir, PathBuf) {
    let (data, elsewhere) = (
        tempfile::tempdir().expect("a folder"),
        tempfile::tempdir().expect("a folder"),
    );
    Snug::start(data.path()).stop();
    let file = elsewhere.path().join("monday.snug");
    let output = snug("backup", &file, data.path());
    assert!(output.status.success(), "{output:?}");
    (data, elsewhere, file)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut names: Vec<_> = entries
        .map(|it| it.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    names.sort();
    names
}

/// B13: a backup from an untrusted source cannot bring triggers or other code into the database.
#[test]
fn a_backup_with_more_than_snugs_tables_is_refused_before_anything_in_it_runs() {
    let (data, elsewhere, file) = backed_up();
    let whole = fs::read(&file).expect("a file");
    let before = names(data.path());
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT count(*) FROM n";
    let trigger = |does: &str| format!("CREATE TRIGGER spy AFTER DELETE ON members BEGIN {does}; END");
    for hostile in [
        trigger("UPDATE users SET role = 'owner'"),
        // The check itself would fire these triggers.
        format!("CREATE TRIGGER spy AFTER DELETE ON rooms BEGIN {endless}; END"),
        format!("CREATE TRIGGER spy AFTER INSERT ON rooms BEGIN {endless}; END"),
        "CREATE TRIGGER spy AFTER INSERT ON passwords BEGIN INSERT INTO log VALUES (7, new.hash); END".to_owned(),
        "CREATE VIEW spy AS SELECT * FROM passwords".to_owned(),
        format!("DROP TABLE mentions; CREATE VIEW mentions AS {endless}"),
        "CREATE TABLE spy (x)".to_owned(),
        "CREATE VIRTUAL TABLE spy USING fts5(x)".to_owned(),
        "CREATE INDEX spy ON messages (text)".to_owned(),
        "DROP INDEX messages_by_key".to_owned(),
        "ALTER TABLE users ADD COLUMN spy TEXT".to_owned(),
        "PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = replace(sql, 'INTEGER NOT NULL,', 'INTEGER NOT NULL DEFAULT 7,') WHERE name = 'rooms'".to_owned(),
        "PRAGMA user_version = 0".to_owned(),
    ] {
        fs::write(&file, &whole).expect("written");
        let backup = Connection::open(&file).expect("a database");
        backup.execute_batch(&hostile).expect("SQL");
        drop(backup);
        refused(&snug("restore", &file, data.path()), "is not a backup of Snug");
        assert_eq!(names(data.path()), before, "{hostile}");
    }
    drop(elsewhere);
}

/// B13: a secret that is easy to guess, or an invalid key.
#[test]
fn a_backup_with_malformed_secrets_is_refused() {
    let (data, _elsewhere, file) = backed_up();
    let whole = fs::read(&file).expect("a file");
    let before = names(data.path());
    for (hostile, sentence) in [
        ("UPDATE meta SET value = x'00' WHERE name = 'secret'", "secret"),
        (
            "UPDATE meta SET value = zeroblob(33) WHERE name = 'secret'",
            "secret",
        ),
        (
            "UPDATE meta SET value = x'3000' WHERE name = 'push'",
            "key for push notifications",
        ),
        ("UPDATE log SET position = 9223372036854775807", "gaps"),
    ] {
        fs::write(&file, &whole).expect("written");
        let backup = Connection::open(&file).expect("a database");
        backup.execute_batch(hostile).expect("SQL");
        drop(backup);
        refused(&snug("restore", &file, data.path()), sentence);
        assert_eq!(names(data.path()), before, "{hostile}");
    }
}

/// B13: links, folders, pipes, and files of any size.
#[test]
fn a_restore_follows_no_link_waits_for_no_pipe_and_fills_no_disk() {
    let (data, elsewhere, file) = backed_up();
    let restoring = data.path().join("snug.db.restoring");
    let precious = elsewhere.path().join("precious");
    fs::write(&precious, "mine").expect("written");
    for dangling in [false, true] {
        let target = if dangling {
            elsewhere.path().join("none")
        } else {
            precious.clone()
        };
        symlink(&target, &restoring).expect("a link");
        refused(&snug("restore", &file, data.path()), "snug.db.restoring");
        assert_eq!(target.exists(), !dangling);
        fs::remove_file(&restoring).expect("a link");
    }
    fs::hard_link(&precious, &restoring).expect("a link");
    refused(&snug("restore", &file, data.path()), "is not a file");
    fs::remove_file(&restoring).expect("a link");
    assert_eq!(fs::read(&precious).expect("a file"), b"mine");

    let before = names(data.path());
    let pipe = elsewhere.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .expect("it runs")
            .success()
    );
    for nothing in [pipe.as_path(), elsewhere.path(), Path::new("/dev/zero")] {
        refused(&snug("restore", nothing, data.path()), "is not a file");
        assert_eq!(names(data.path()), before);
    }
    let disk = nix::sys::statvfs::statvfs(data.path()).expect("a disk");
    let free = disk.blocks_available() * disk.fragment_size();
    let huge = fs::OpenOptions::new().write(true).open(&file).expect("a file");
    huge.set_len(free.saturating_add(1 << 30)).expect("a hole");
    refused(&snug("restore", &file, data.path()), "free space");
    assert_eq!(names(data.path()), before);
    huge.set_len(0).expect("no file");
    // Files that another restore left behind when it was killed.
    fs::write(
        data.path().join("snug.db.restoring-journal"),
        "of another database",
    )
    .expect("written");
    refused(&snug("restore", &file, data.path()), "is not a backup of Snug");
    assert_eq!(names(data.path()), before);
}

/// B13: a backup of an older version is restored as before.
#[test]
fn a_backup_of_each_older_schema_is_restored() {
    let folders = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/folders");
    for folder in fs::read_dir(folders).expect("the folders") {
        let (data, elsewhere) = (
            tempfile::tempdir().expect("a folder"),
            tempfile::tempdir().expect("a folder"),
        );
        let file = elsewhere.path().join("old.snug");
        let old = fs::read_to_string(folder.expect("a file").path()).expect("SQL");
        Connection::open(&file)
            .and_then(|it| it.execute_batch(&old))
            .expect("an older database");
        let output = snug("restore", &file, data.path());
        assert!(output.status.success(), "{output:?}");
        assert_eq!(audit(data.path()).len(), 4);
    }
}

/// A6: with any umask of the shell, and with any permissions that an earlier version has left.
#[test]
fn only_the_owner_can_read_the_folder_and_a_backup() {
    let parent = tempfile::tempdir().expect("a folder");
    let data = parent.path().join("made/by/snug");
    let masked = || {
        let mut command = Command::new("sh");
        command.args(["-c", r#"umask 022; exec "$@""#, "sh", env!("CARGO_BIN_EXE_snug")]);
        command
    };
    let mode = |path: &Path| {
        fs::symlink_metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    let private = |folder: &Path| {
        assert_eq!(mode(folder), 0o700);
        for name in names(folder) {
            assert_eq!(mode(&folder.join(&name)), 0o600, "{name}");
        }
    };
    let run = |command: &str, file: &Path| {
        let output = masked().arg(command).arg(file).arg("--data").arg(&data).output();
        let output = output.expect("it runs");
        assert!(output.status.success(), "{output:?}");
    };
    let serving = Snug::run(masked(), &data);
    assert!(names(&data).contains(&"snug.db-wal".to_owned()));
    private(&data);
    assert_eq!(mode(&parent.path().join("made")), 0o700);
    let file = parent.path().join("monday.snug");
    run("backup", &file);
    assert_eq!(mode(&file), 0o600);
    run("restore", &file);
    private(&data);
    serving.stop();
    run("restore", &file);
    private(&data);
    // Permissions as of earlier versions.
    for name in names(&data) {
        fs::set_permissions(data.join(name), fs::Permissions::from_mode(0o644)).expect("set");
    }
    let serving = Snug::run(masked(), &data);
    private(&data);
    serving.stop();
}

/// BC-36: root restores a folder that another user's server uses.
#[test]
fn files_that_root_restores_belong_to_the_owner_of_the_folder() {
    const NOBODY: u32 = 65_534;
    if fs::metadata("/proc/self").expect("a process").uid() != 0 {
        return;
    }
    let (data, _elsewhere, file) = backed_up();
    for path in names(data.path()).iter().map(|it| data.path().join(it)) {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
    chown(data.path(), Some(NOBODY), Some(NOBODY)).expect("root may");
    // Over the existing database, and into an empty folder.
    for empty in [false, true] {
        if empty {
            for name in names(data.path()) {
                fs::remove_file(data.path().join(name)).expect("removed");
            }
        }
        let output = snug("restore", &file, data.path());
        assert!(output.status.success(), "{output:?}");
        for name in names(data.path()) {
            let metadata = fs::metadata(data.path().join(&name)).expect("a file");
            assert_eq!(
                (metadata.uid(), metadata.mode() & 0o777),
                (NOBODY, 0o600),
                "{name}"
            );
        }
    }
}
