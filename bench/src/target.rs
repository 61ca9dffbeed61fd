//! The targets of a measurement: Snug, the baselines and the peers, and how to start each.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    bench::Bench,
    protocol_adapter::{self, ProtocolAdapter},
    server::{self, Cores, Folder, Server},
};

/// What a server does for its clients. Targets of different tiers are not compared with each other; the
/// baselines are below both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// A baseline: the least work possible.
    Floor,
    /// Sends each incoming message to all clients.
    Bare,
    /// Has users with names in rooms. Snug also stores every message on disk before it is delivered.
    Chat,
}

impl Tier {
    /// Returns the name used in the results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Bare => "bare",
            Self::Chat => "chat",
        }
    }
}

/// One server to measure.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name used in the results.
    pub name: &'static str,
    /// The server's tier.
    pub tier: Tier,
    /// The server's protocol.
    pub adapter: &'static ProtocolAdapter,
    /// Creates the command that listens on a port, with an empty folder of its own.
    pub command: fn(&Bench, u16, &Path) -> Result<Command>,
}

/// A single epoll thread that sends each frame to each socket.
pub const F1: Target = Target {
    name: "F1",
    tier: Tier::Floor,
    adapter: &protocol_adapter::BROADCAST,
    command: |_, port, _| own(&["floor", "f1"], port),
};

/// The same, with many frames in one write.
pub const F2: Target = Target {
    name: "F2",
    command: |_, port, _| own(&["floor", "f2"], port),
    ..F1
};

/// Snug's fan-out without storage.
pub const HUB: Target = Target {
    name: "Snug's hub",
    tier: Tier::Bare,
    command: |_, port, _| own(&["hub"], port),
    ..F1
};

/// The complete server.
pub const SNUG: Target = Target {
    name: "Snug",
    tier: Tier::Chat,
    adapter: &protocol_adapter::SNUG,
    command: |bench, port, folder| {
        let mut snug = Command::new(&bench.snug);
        snug.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]);
        snug.arg(folder.join("data")).args(SNUG_SETTINGS);
        Ok(snug)
    },
};

/// The settings for a crowd that connects from one machine and sends more than people do.
pub const SNUG_SETTINGS: [&str; 38] = [
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
    "--max-connections",
    "19900",
    "--admissions-per-second",
    "20000",
    "--admissions-burst",
    "20000",
    "--requests-per-second",
    "100000",
    "--requests-burst",
    "100000",
    "--messages-per-second",
    "1000000",
    "--messages-burst",
    "1000000",
    "--frames-per-second",
    "1000000",
    "--frames-burst",
    "1000000",
    // The same as the default timeout of uWebSockets.
    "--silence-seconds",
    "120",
];

/// Creates a command that starts this program as a server.
pub fn own(args: &[&str], port: u16) -> Result<Command> {
    let mut own = Command::new(std::env::current_exe()?);
    own.args(args).arg(port.to_string());
    Ok(own)
}

/// A running server and its folder.
pub struct Running {
    /// The server's process.
    pub server: Server,
    /// The server's data folder.
    pub folder: PathBuf,
    _folder: Option<Folder>,
}

impl Target {
    /// Returns whether this target is not a peer.
    pub fn is_ours(&self) -> bool {
        self.tier == Tier::Floor || [SNUG.name, HUB.name].contains(&self.name)
    }

    /// Starts the server with an empty folder, which is deleted with it.
    pub fn start(&self, bench: &Bench, cores: Cores) -> Result<Running> {
        let folder = Folder::new(bench.place.join("data").join(self.name))?;
        let path = folder.0.clone();
        self.start_in(bench, cores, &path).map(|running| Running {
            _folder: Some(folder),
            ..running
        })
    }

    /// Starts the server with a folder that is not deleted.
    pub fn start_in(&self, bench: &Bench, cores: Cores, folder: &Path) -> Result<Running> {
        let port = server::port()?;
        let log = bench.place.join(format!("{}.log", self.name));
        let server = Server::start((self.command)(bench, port, folder)?, port, cores, &log)?;
        Ok(Running {
            server,
            folder: folder.to_owned(),
            _folder: None,
        })
    }
}
