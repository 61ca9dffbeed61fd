//! Counts the system calls or instructions of a real server with ptrace(2), as a debugger does: without a
//! tool, and without more rights than a process has over its child. The count does not depend on the
//! time it takes.

// The number of a stopped thread's call is in a union.
#![allow(unsafe_code)]

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    ffi::OsString,
    fs,
    process::Command,
    sync::mpsc,
    thread,
};

use nix::{
    errno::Errno,
    libc,
    sys::{
        ptrace::{self, Options},
        signal::{Signal, kill},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::Pid,
};

use crate::{crowd::Crowd, process::Snug};

/// The event that is counted.
#[derive(Clone, Copy)]
pub enum Each {
    Call,
    Instruction,
}

impl Each {
    /// Resumes a thread until its next event.
    fn next(self, thread: Pid, signal: Option<Signal>) {
        let resumed = match self {
            Self::Call => ptrace::syscall(thread, signal),
            Self::Instruction => ptrace::step(thread, signal),
        };
        // A thread may be killed while it is stopped.
        assert!(matches!(resumed, Ok(()) | Err(Errno::ESRCH)), "{resumed:?}");
    }
}

/// The counts of one thread.
pub struct Thread {
    pub name: String,
    /// By number of the system call.
    pub calls: BTreeMap<i64, u64>,
    pub instructions: u64,
}

/// The variable that names the server to measure. The default is the one of this build.
pub const SERVER: &str = "SNUG_BIN";

/// Counts the events of a server while `act` runs, with this many connected users who have nothing left to receive.
pub fn count(each: Each, people: usize, act: impl FnOnce(&mut Crowd) + Send) -> Vec<Thread> {
    let data = tempfile::tempdir().expect("a folder");
    let server = env::var_os(SERVER).unwrap_or_else(|| OsString::from(env!("CARGO_BIN_EXE_snug")));
    let mut command = Command::new(server);
    // glibc may copy with an instruction that is a step for each byte, depending on the machine and the alignment.
    command.env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1073741824");
    // The counting is slow, so a message may take longer than the default timeout of silence.
    command.env("SNUG_SILENCE_SECONDS", "600");
    // Nor should the timeout of the first frame end meanwhile.
    command.env("SNUG_REQUEST_SECONDS", "600");
    let snug = Snug::run(command, data.path());
    let mut crowd = Crowd::connect(snug.address, people);
    let pid = snug.pid;
    let (begin, begun) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            begun.recv().expect("its threads are watched");
            act(&mut crowd);
            // No thread runs after that, and the counting ends.
            kill(pid, Signal::SIGKILL).expect("it runs");
        });
        let mut threads = BTreeMap::new();
        let mut running = attach(pid);
        loop {
            // Any thread, but only of this thread's children: other tests have their own.
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            let (thread, signal) = match waitpid(None, Some(flags)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    if let Some(number) = entered(thread) {
                        *counts_of(&mut threads, pid, thread)
                            .calls
                            .entry(number)
                            .or_default() += 1;
                    }
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, Signal::SIGTRAP)) => {
                    counts_of(&mut threads, pid, thread).instructions += 1;
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, ..)) => {
                    if running.remove(&thread) && running.is_empty() {
                        begin.send(()).expect("it waits");
                    }
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(_) => continue,
                Err(Errno::ECHILD) => return threads.into_values().collect(),
                Err(error) => panic!("{error}"),
            };
            each.next(thread, signal);
        }
    })
}

/// Attaches to all threads, and to those that they start. Each stops once.
fn attach(pid: Pid) -> BTreeSet<Pid> {
    let mut held = BTreeSet::new();
    loop {
        let before = held.len();
        for task in fs::read_dir(format!("/proc/{pid}/task")).expect("it runs") {
            let name = task.expect("a thread").file_name();
            let number = name.to_str().and_then(|it| it.parse().ok());
            let thread = Pid::from_raw(number.expect("a number"));
            if held.contains(&thread) {
                continue;
            }
            let options = Options::PTRACE_O_TRACESYSGOOD | Options::PTRACE_O_TRACECLONE;
            match ptrace::seize(thread, options) {
                Ok(()) => {
                    ptrace::interrupt(thread).expect("it is held");
                    held.insert(thread);
                }
                // The thread has ended, or was started by an attached one.
                Err(Errno::ESRCH | Errno::EPERM) => {}
                Err(error) => panic!("a process may trace its child: {error}"),
            }
        }
        if held.len() == before {
            return held;
        }
    }
}

/// The number of the system call at its entry; `None` at its exit.
fn entered(thread: Pid) -> Option<i64> {
    let info = ptrace::syscall_info(thread).ok()?;
    if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
        return None;
    }
    // SAFETY: at an entry, this field of the union is set.
    let number = unsafe { info.u.entry.nr };
    i64::try_from(number).ok()
}

fn counts_of(threads: &mut BTreeMap<Pid, Thread>, pid: Pid, thread: Pid) -> &mut Thread {
    threads.entry(thread).or_insert_with(|| {
        let name = fs::read_to_string(format!("/proc/{pid}/task/{thread}/comm"));
        Thread {
            name: name.map(|it| it.trim().to_owned()).unwrap_or_default(),
            calls: BTreeMap::new(),
            instructions: 0,
        }
    })
}
