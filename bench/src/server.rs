//! A server under measurement: a process of its own, on cores of its own.

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
/// Between two tries to connect to one that starts.
const POLL_INTERVAL: Duration = Duration::from_micros(100);

/// A process that serves. Dropping it kills it.
pub struct Server {
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
    /// When it was started.
    pub begun: Instant,
}

/// Where processes run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cores {
    /// The server has one core, the client another: what one thread can do.
    Apart,
    /// The server has all.
    All,
}

/// A port that is free now, below those that the system gives to clients: one of these may be anybody's at any moment.
pub fn port() -> Result<u16> {
    let begin = 20_000 + (process::id() % 5_000) as u16;
    let free = |port: &u16| TcpListener::bind((Ipv4Addr::UNSPECIFIED, *port)).is_ok();
    (begin..begin + 5_000).find(free).context("no port is free")
}

impl Server {
    /// Starts a command that serves at a port, and waits until it accepts connections. What it prints goes into a file.
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

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Ends it well, and waits for that.
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
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = stay_on(Cores::All, Part::Client);
    }
}

enum Part {
    Server,
    Client,
}

/// Puts this process, and what it starts, on the cores of its part: the server has the first core and the client the last.
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

/// Cores of this machine, wherever this process may run now.
pub fn count_of_cores() -> Result<usize> {
    let cores = fs::read_to_string("/proc/cpuinfo")?;
    Ok(cores.lines().filter(|it| it.starts_with("processor")).count())
}

/// A folder that goes when it is dropped.
pub struct Folder(pub PathBuf);

impl Folder {
    /// An empty one.
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
