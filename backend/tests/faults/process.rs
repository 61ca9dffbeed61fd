//! A `snug` process, and the content of its folder after its end.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use snug::{log, store::folder::Folder};

/// Limits so high that they do not affect a plan.
const PLENTY: [&str; 36] = [
    "--guest-bytes-per-second",
    "1GiB",
    "--guest-bytes-burst",
    "1GiB",
    "--guest-bytes-per-day",
    "3GiB",
    "--network-bytes-per-second",
    "1GiB",
    "--network-bytes-burst",
    "1GiB",
    "--network-bytes-per-day",
    "3GiB",
    "--member-bytes-per-second",
    "1GiB",
    "--member-bytes-burst",
    "1GiB",
    "--member-bytes-per-day",
    "3GiB",
    "--messages-per-second",
    "1000000",
    "--messages-burst",
    "1000000",
    "--frames-per-second",
    "1000000",
    "--frames-burst",
    "1000000",
    "--requests-per-second",
    "1000000",
    "--requests-burst",
    "1000000",
    "--max-connections",
    "1000000",
    "--max-connections-per-address",
    "1000000",
    "--grace-ms",
    "0",
];

/// A number from the environment, for longer runs, or the ordinary one.
pub fn number_of(variable: &str, ordinarily: usize) -> usize {
    std::env::var(variable).map_or(ordinarily, |it| it.parse().expect("a number"))
}

/// A running server. It is killed on drop.
pub struct Snug {
    child: Child,
    /// The server's process: the child may be strace.
    pub pid: Pid,
    pub address: SocketAddr,
}

impl Snug {
    pub fn start(data: &Path) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_snug")), data)
    }

    /// Starts a server whose files cannot grow beyond this size, until [`Snug::unleash`].
    pub fn start_with_little_disk(data: &Path, bytes: u64) -> Self {
        let mut command = Command::new("sh");
        // With the signal ignored, the write fails, as on a full disk.
        command.args(["-c", r#"trap "" XFSZ; exec prlimit "$@""#, "sh"]);
        command.arg(format!("--fsize={bytes}:unlimited"));
        command.arg(env!("CARGO_BIN_EXE_snug"));
        Self::run(command, data)
    }

    /// Starts a server whose system calls strace writes into a file.
    pub fn start_watched(data: &Path, calls: &str, trace: &Path) -> Self {
        let mut command = Command::new("strace");
        // Without an abbreviation of long messages.
        command.args(["-f", "-y", "-s", "65536", "-e", "signal=none", "-e", calls, "-o"]);
        command.arg(trace).arg(env!("CARGO_BIN_EXE_snug"));
        let mut watched = Self::run(command, data);
        let strace = watched.pid;
        // proc(5)
        let child = fs::read_to_string(format!("/proc/{strace}/task/{strace}/children"));
        let child = child.expect("it runs").trim().parse().expect("one child");
        watched.pid = Pid::from_raw(child);
        watched
    }

    pub fn run(mut command: Command, data: &Path) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data"]);
        command.arg(data).args(PLENTY);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("a line");
        let address = line.trim().strip_prefix("listening on http://");
        let address = address.expect("where it listens").parse().expect("an address");
        let pid = i32::try_from(child.id()).expect("a process has a small number");
        let pid = Pid::from_raw(pid);
        Self { child, pid, address }
    }

    pub fn unleash(&self) {
        let pid = self.pid.to_string();
        let status = Command::new("prlimit")
            .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
            .status();
        assert!(status.expect("prlimit runs").success());
    }

    /// Resident memory of the process (proc(5), `statm`).
    pub fn resident_bytes(&self) -> usize {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.pid)).expect("it runs");
        let pages: usize = statm
            .split(' ')
            .nth(1)
            .and_then(|it| it.parse().ok())
            .expect("pages");
        pages * 4096
    }

    /// Sends SIGTERM: the server drains and exits with success.
    pub fn stop(mut self) {
        kill(self.pid, Signal::SIGTERM).expect("it runs");
        assert!(self.child.wait().expect("it ends").success());
    }

    /// Sends SIGKILL at once.
    pub fn kill(self) {}
}

impl Drop for Snug {
    fn drop(&mut self) {
        // A stopped server has ended, and strace ends with its server.
        if let Ok(None) = self.child.try_wait() {
            let _ = kill(self.pid, Signal::SIGKILL);
            let _ = self.child.wait();
        }
    }
}

/// A message as stored in the folder.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredMessage {
    pub room: String,
    pub n: u64,
    pub author: String,
    pub key: String,
    pub text: String,
}

/// The messages in the folder of a stopped server. Checks that positions have no gaps, and that a rebuild changes nothing.
pub fn audit(data: &Path) -> Vec<StoredMessage> {
    let folder = Folder::open(data).expect("it is free and whole");
    let before = log::tables(&folder.connection).expect("rows");
    // One transaction: otherwise each row would be synced.
    let rebuilt = folder.connection.unchecked_transaction().expect("one");
    log::rebuild(&rebuilt).expect("it applies");
    assert_eq!(log::tables(&rebuilt).expect("rows"), before);
    drop(rebuilt);
    let mut select = folder
        .connection
        .prepare("SELECT n, author, key, text, room FROM messages ORDER BY room, n")
        .expect("the table");
    let kept: Vec<_> = select
        .query_map([], |row| {
            Ok(StoredMessage {
                n: row.get(0)?,
                author: row.get(1)?,
                key: row.get(2)?,
                text: row.get(3)?,
                room: row.get(4)?,
            })
        })
        .expect("rows")
        .collect::<Result<_, _>>()
        .expect("rows");
    let mut select = (folder.connection)
        .prepare("SELECT room, n FROM messages UNION ALL SELECT room, n FROM tombstones ORDER BY room, n")
        .expect("the tables");
    let positions = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let positions: Vec<(String, u64)> = positions.expect("rows").collect::<Result<_, _>>().expect("rows");
    for room in positions.chunk_by(|a, b| a.0 == b.0) {
        assert!(
            room.iter().zip(1..).all(|((_, n), place)| *n == place),
            "positions have a gap"
        );
    }
    kept
}

/// The room members, from the folder of a stopped server.
pub fn members(data: &Path) -> BTreeSet<(String, String)> {
    let folder = Folder::open(data).expect("it is free and whole");
    let mut select = folder
        .connection
        .prepare("SELECT user, room FROM members")
        .expect("the table");
    let members = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    members.expect("rows").collect::<Result<_, _>>().expect("rows")
}
