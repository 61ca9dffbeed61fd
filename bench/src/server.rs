//! Runs a server under measurement as a separate process on cores of its own.

use std::{
    fs::{self, File},
    io::ErrorKind,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use nix::{
    sched::{CpuSet, sched_setaffinity},
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// How long a server may take until it accepts a connection.
const STARTUP_TIMEOUT: Duration = Duration::from_secs(60);
/// The time between two attempts to connect to a server that is starting.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// A server process. Dropping it kills the process.
pub struct Server {
    child: Child,
    /// The address on which it listens.
    pub address: SocketAddr,
    /// When it was started.
    pub begun: Instant,
}

/// The cores on which the processes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// The server has one core and the client another: this measures what one thread can do.
    Apart,
    /// The server has all cores.
    All,
}

/// Returns a free port below the range from which the system assigns ports: any of those may be taken at any
/// moment.
pub fn port() -> Result<u16> {
    let begin = 20_000 + (process::id() % 5_000) as u16;
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok();
    (begin..begin + 5_000).find(free).context("no port is free")
}

impl Server {
    /// Starts a command that listens on `port`, and waits until it accepts connections. Its output goes into
    /// the file `log`.
    pub fn start(mut command: Command, port: u16, cores: Cores, log: &Path) -> Result<Self> {
        let log = File::create(log)?;
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        stay_on(cores, Part::Server)?;
        let begun = Instant::now();
        let child = command.spawn();
        stay_on(cores, Part::Client)?;
        let child = child.with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let mut server = Self {
            child,
            address: (Ipv4Addr::LOCALHOST, port).into(),
            begun,
        };
        server.wait_for()?;
        Ok(server)
    }

    fn wait_for(&mut self) -> Result<()> {
        loop {
            match TcpStream::connect(self.address) {
                Ok(_) => return Ok(()),
                Err(error) if error.kind() != ErrorKind::ConnectionRefused => return Err(error.into()),
                Err(_) => {}
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("it ended before it served ({status})");
            }
            if self.begun.elapsed() > STARTUP_TIMEOUT {
                bail!("it does not serve");
            }
            thread::park_timeout(POLL_INTERVAL);
        }
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Stops the server with SIGTERM and waits until it has exited.
    pub fn stop(mut self) -> Result<()> {
        kill(Pid::from_raw(self.child.id() as i32), Signal::SIGTERM)?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("it did not end well ({status})");
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = stay_on(Cores::All, Part::Client);
    }
}

enum Part {
    Server,
    Client,
}

/// Pins this process, and the processes that it starts, to the cores of its part: the first core for the
/// server, the last for the client.
fn stay_on(cores: Cores, part: Part) -> Result<()> {
    let count = count_of_cores()?;
    let own = match (cores, part) {
        (Cores::Apart, Part::Server) => 0..1,
        (Cores::Apart, Part::Client) => count - 1..count,
        (Cores::All, _) => 0..count,
    };
    let mut set = CpuSet::new();
    for core in own {
        set.set(core)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set)?;
    Ok(())
}

/// Returns the number of the machine's cores, including those that this process may not use at present.
pub fn count_of_cores() -> Result<usize> {
    let cores = fs::read_to_string("/proc/cpuinfo")?;
    Ok(cores.lines().filter(|it| it.starts_with("processor")).count())
}

/// A folder that is deleted when this value is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Creates an empty folder, and deletes an earlier one.
    pub fn new(path: PathBuf) -> Result<Self> {
        if path.exists() {
            fs::remove_dir_all(&path)?;
        }
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
