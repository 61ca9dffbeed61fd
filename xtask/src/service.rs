//! Runs a program beside this one until it is stopped.

use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::command::shown;

/// How long a program may take to exit after SIGTERM.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A running program with all processes that it has started. Dropping it stops them.
pub struct Service {
    group: Pid,
    ended: Receiver<()>,
}

impl Service {
    /// Starts a command. `on_end` is called from another thread when the program exits, for whatever reason.
    pub fn start(command: &mut Command, on_end: impl FnOnce(ExitStatus) + Send + 'static) -> Result<Self> {
        // The program gets its own process group: Ctrl-C reaches only xtask, which then stops everything in
        // order, including the processes that the program has started (trunk's cargo, cargo's rustc).
        let mut child = command
            .process_group(0)
            .stdin(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start `{}`", shown(command)))?;
        let group = Pid::from_raw(child.id().try_into().context("a process id beyond i32")?);
        let (tell, ended) = mpsc::channel();
        thread::spawn(move || {
            let status = child.wait().unwrap_or_else(|_| ExitStatus::from_raw(1));
            // Sending fails if the service was dropped, as nothing receives any more.
            let _ = tell.send(());
            on_end(status);
        });
        Ok(Self { group, ended })
    }
}

impl Drop for Service {
    /// Sends SIGTERM, waits up to [`STOP_TIMEOUT`], then sends SIGKILL.
    fn drop(&mut self) {
        // An error means that no process of the group is left.
        if killpg(self.group, Signal::SIGTERM).is_err() {
            return;
        }
        if self.ended.recv_timeout(STOP_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            let _ = killpg(self.group, Signal::SIGKILL);
            let _ = self.ended.recv();
        }
    }
}
