//! The targets of a measurement: Snug, the baselines and the peers, and how each is started.

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

/// What a server does for its clients. Figures of two tiers are never set against each other; those of a floor are below both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tier {
    /// The least there can be.
    Floor,
    /// What comes in goes out to all.
    Bare,
    /// People with names in rooms; Snug also keeps every word on disk before anybody hears it.
    Chat,
}

impl Tier {
    /// As the results say it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Floor => "floor",
            Self::Bare => "bare",
            Self::Chat => "chat",
        }
    }
}

/// One server.
#[derive(Clone, Copy)]
pub struct Target {
    /// As the results call it.
    pub name: &'static str,
    /// What it does.
    pub tier: Tier,
    /// How its clients speak.
    pub adapter: &'static ProtocolAdapter,
    /// The command that serves at a port, with an empty folder of its own.
    pub command: fn(&Bench, u16, &Path) -> Result<Command>,
}

/// One epoll thread that sends a frame to each socket.
pub const F1: Target = Target {
    name: "F1",
    tier: Tier::Floor,
    adapter: &protocol_adapter::BROADCAST,
    command: |_, port, _| own(&["floor", "f1"], port),
};

/// The same with many frames in one write.
pub const F2: Target = Target {
    name: "F2",
    command: |_, port, _| own(&["floor", "f2"], port),
    ..F1
};

/// Snug's fan-out alone.
pub const HUB: Target = Target {
    name: "Snug's hub",
    tier: Tier::Bare,
    command: |_, port, _| own(&["hub"], port),
    ..F1
};

/// As it is.
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

/// What an operator sets for a crowd that comes from one machine and says more than people do.
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
    // As long as uWebSockets waits by default.
    "--silence-seconds",
    "120",
];

/// This program as a server.
pub fn own(args: &[&str], port: u16) -> Result<Command> {
    let mut own = Command::new(std::env::current_exe()?);
    own.args(args).arg(port.to_string());
    Ok(own)
}

/// A server that runs, and its folder.
pub struct Running {
    /// Its process.
    pub server: Server,
    /// What it keeps.
    pub folder: PathBuf,
    _folder: Option<Folder>,
}

impl Target {
    /// Whether it is no peer.
    pub fn is_ours(&self) -> bool {
        self.tier == Tier::Floor || [SNUG.name, HUB.name].contains(&self.name)
    }

    /// Starts it with an empty folder, which goes with it.
    pub fn start(&self, bench: &Bench, cores: Cores) -> Result<Running> {
        let folder = Folder::new(bench.place.join("data").join(self.name))?;
        let path = folder.0.clone();
        self.start_in(bench, cores, &path).map(|running| Running {
            _folder: Some(folder),
            ..running
        })
    }

    /// Starts it with a folder that stays.
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
