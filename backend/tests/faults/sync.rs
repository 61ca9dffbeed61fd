//! Durability as the system sees it: the real process under `strace`, which shows the order of syncs and other calls.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::{
    peer::Peer,
    process::{Snug, audit},
};

const CALLS: &str = "trace=mkdir,write,pwrite64,writev,pwritev,sendto,sendmsg,fsync,fdatasync";

/// A system call, as far as these tests need it. `what` is as strace writes it, with quotes (strace(1), `-y`).
struct Call {
    name: String,
    /// Its path, or `socket:[…]`.
    file: PathBuf,
    what: String,
    begun: usize,
    /// The line at which it had returned, with its result.
    ended: Option<(usize, i64)>,
}

/// The calls of all threads, ordered by their begin. A thread is stopped while strace writes, so what a line
/// reports happened before a call of any later line began.
fn calls(trace: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut unfinished = BTreeMap::new();
    for (line, text) in trace.lines().enumerate() {
        let (thread, text) = text.split_once(' ').expect("a thread and what it does");
        let text = text.trim_start();
        let answer = || text.rsplit_once(" = ")?.1.split(' ').next()?.parse().ok();
        if text.starts_with("<... ") {
            if let Some(index) = unfinished.remove(thread) {
                let call: &mut Call = &mut calls[index];
                call.ended = answer().map(|answer| (line, answer));
            }
        } else if let Some((name, what)) = text.split_once('(') {
            let file = what.split_once('<').and_then(|it| it.1.split_once('>'));
            let made = what.split('"').nth(1).filter(|_| name == "mkdir");
            let has_ended = !text.ends_with("<unfinished ...>");
            if !has_ended {
                unfinished.insert(thread, calls.len());
            }
            calls.push(Call {
                name: name.to_owned(),
                file: made.or(file.map(|it| it.0)).unwrap_or_default().into(),
                what: what.to_owned(),
                begun: line,
                ended: answer().filter(|_| has_ended).map(|answer| (line, answer)),
            });
        }
    }
    calls
}

impl Call {
    fn is_sync_of(&self, file: &Path) -> bool {
        self.name.ends_with("sync") && self.file == file && self.ended.is_some_and(|it| it.1 == 0)
    }

    fn is_write(&self) -> bool {
        self.name.contains("write") || self.name.starts_with("send")
    }

    fn is_send(&self) -> bool {
        self.is_write() && self.file.to_string_lossy().starts_with("socket:")
    }

    fn is_echo(&self) -> bool {
        self.is_send() && self.what.contains("RECEIVE_MESSAGE")
    }

    /// The keys in frames and in pages of the log: both are JSON.
    fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = self.what.split(r#"\"key\":\""#).skip(1);
        keys.filter_map(|it| Some(it.split_once('\\')?.0))
    }
}

/// Whether a file was synced after a call had returned and before another began.
fn synced_between(calls: &[Call], file: &Path, after: &Call, before: &Call) -> bool {
    let after = after.ended.expect("it came back").0;
    let within = |it: &&Call| it.begun >= after && it.ended.is_some_and(|ended| ended.0 <= before.begun);
    calls.iter().filter(within).any(|it| it.is_sync_of(file))
}

/// Whether strace is to be used: `cargo xtask soak` sets this variable, and checks that strace is installed.
fn is_enabled() -> bool {
    let asked = std::env::var_os("SNUG_STRACE").is_some();
    if !asked {
        println!("left out: it needs strace, and SNUG_STRACE=1 to say that there is one");
    }
    asked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_system_syncs_the_log_before_every_echo() {
    if !is_enabled() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let trace = dir.path().join("trace");
    let data = dir.path().join("made/by/snug");
    let snug = Snug::start_watched(&data, CALLS, &trace);
    let mut peers = ["ann", "bob", "cem", "dan"].map(Peer::new);
    for _ in 0..25 {
        for peer in &mut peers {
            peer.connect(snug.address).await;
            peer.post().await;
            peer.post().await;
        }
        for peer in &mut peers {
            peer.settle(snug.address).await;
        }
    }
    snug.stop();

    let calls = calls(&fs::read_to_string(&trace).expect("a trace"));
    let wal = data.join("snug.db-wal");
    let mut written = BTreeMap::new();
    for call in calls.iter().filter(|it| it.is_write() && it.file == wal) {
        for key in call.keys() {
            written.entry(key).or_insert(call);
        }
    }
    let mut echoed = BTreeSet::new();
    let mut echoes = 0;
    for echo in calls.iter().filter(|it| it.is_echo()) {
        for key in echo.keys() {
            let written = written.get(key).expect("what is echoed was written");
            assert!(
                synced_between(&calls, &wal, written, echo),
                "{key} was echoed before it was synced"
            );
            echoed.insert(key);
            echoes += 1;
        }
    }
    let said: Vec<_> = peers.iter().flat_map(|it| it.acknowledged.keys()).collect();
    assert_eq!(said.len(), 200);
    assert!(said.iter().all(|it| echoed.contains(it.as_str())));

    let first = calls.iter().find(|it| it.is_echo()).expect("an echo");
    let made: Vec<_> = calls.iter().filter(|it| it.name == "mkdir").collect();
    assert_eq!(made.last().map(|it| it.file.as_path()), Some(data.as_path()));
    for folder in made {
        let parent = folder.file.parent().expect("a folder");
        assert!(synced_between(&calls, parent, folder, first), "{parent:?}");
    }
    let syncs = calls.iter().filter(|it| it.is_sync_of(&wal)).count();
    println!(
        "{} messages, {echoes} echoes, {syncs} syncs of the log, each echo after its own",
        said.len()
    );
}

#[tokio::test]
async fn a_server_writes_and_syncs_again_what_a_killed_one_left_before_it_sends_any_message() {
    if !is_enabled() {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let (trace, data) = (dir.path().join("trace"), dir.path().join("data"));
    let snug = Snug::start(&data);
    let mut ann = Peer::new("ann");
    for _ in 0..10 {
        ann.post().await;
    }
    ann.settle(snug.address).await;
    snug.kill();
    let wal = data.join("snug.db-wal");
    let left = fs::metadata(&wal).expect("it was left").len();

    let snug = Snug::start_watched(&data, CALLS, &trace);
    ann.settle(snug.address).await;
    snug.stop();
    let calls = calls(&fs::read_to_string(&trace).expect("a trace"));
    let of_it: Vec<_> = calls.iter().filter(|it| it.file == wal).collect();
    let synced = of_it.iter().position(|it| it.is_sync_of(&wal)).expect("a sync");
    let again = of_it[..synced]
        .iter()
        .filter_map(|it| it.ended)
        .map(|it| it.1)
        .sum::<i64>();
    assert_eq!(u64::try_from(again).expect("bytes"), left);
    let said = calls.iter().find(|it| it.is_send()).expect("something");
    assert!(of_it[synced].begun < said.begun);
    assert_eq!(audit(&data).len(), 10);
}
