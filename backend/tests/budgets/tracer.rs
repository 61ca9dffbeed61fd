//! A real server whose every system call or instruction is counted with ptrace(2), as a debugger does it: without a
//! tool, and without rights that a process does not have over its child. What is counted does not depend on how
//! long it takes.

// What a stopped thread calls is in a union.
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

/// What is counted.
#[derive(Clone, Copy)]
pub enum Each {
    Call,
    Instruction,
}

impl Each {
    /// Lets a thread run on to the next one.
    fn next(self, thread: Pid, signal: Option<Signal>) {
        let resumed = match self {
            Self::Call => ptrace::syscall(thread, signal),
            Self::Instruction => ptrace::step(thread, signal),
        };
        // A thread that is killed while it stands still is gone.
        assert!(matches!(resumed, Ok(()) | Err(Errno::ESRCH)), "{resumed:?}");
    }
}

/// What one thread did.
pub struct Thread {
    pub name: String,
    /// By the system call's number.
    pub calls: BTreeMap<i64, u64>,
    pub instructions: u64,
}

/// The server that is counted: this build's, if no other is named.
pub const SERVER: &str = "SNUG_BIN";

/// Counts what a server does while so many people, who are there and settled, act.
pub fn count(each: Each, people: usize, act: impl FnOnce(&mut Crowd) + Send) -> Vec<Thread> {
    let data = tempfile::tempdir().expect("a folder");
    let server = env::var_os(SERVER).unwrap_or_else(|| OsString::from(env!("CARGO_BIN_EXE_snug")));
    let mut command = Command::new(server);
    // glibc may copy with one instruction that is a step for each byte: by the machine, and by where the bytes lie.
    command.env("GLIBC_TUNABLES", "glibc.cpu.x86_rep_movsb_threshold=1073741824");
    // Counted slowly, a message may take longer than a client is left in peace.
    command.env("SNUG_SILENCE_SECONDS", "600");
    // Nor is anybody looked at again meanwhile because a first frame would be due.
    command.env("SNUG_REQUEST_SECONDS", "600");
    let snug = Snug::run(command, data.path());
    let mut crowd = Crowd::come(snug.address, people);
    let pid = snug.pid;
    let (begin, begun) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            begun.recv().expect("its threads are watched");
            act(&mut crowd);
            // Nothing of it runs after that, and the counting ends.
            kill(pid, Signal::SIGKILL).expect("it runs");
        });
        let mut threads = BTreeMap::new();
        let mut running = attach(pid);
        loop {
            // Any thread, and of this one's children only: other tests have their own.
            let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
            let (thread, signal) = match waitpid(None, Some(flags)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    if let Some(number) = entered(thread) {
                        *of(&mut threads, pid, thread).calls.entry(number).or_default() += 1;
                    }
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, Signal::SIGTRAP)) => {
                    of(&mut threads, pid, thread).instructions += 1;
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

/// Takes hold of all threads, and of those that they begin. Each is to stop once.
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
                // One that ended, or that was begun by one that is held.
                Err(Errno::ESRCH | Errno::EPERM) => {}
                Err(error) => panic!("a process may trace its child: {error}"),
            }
        }
        if held.len() == before {
            return held;
        }
    }
}

/// The number of the call that it begins; none where it comes back from one.
fn entered(thread: Pid) -> Option<i64> {
    let info = ptrace::syscall_info(thread).ok()?;
    if info.op != libc::PTRACE_SYSCALL_INFO_ENTRY {
        return None;
    }
    // SAFETY: of an entry, the union has that.
    let number = unsafe { info.u.entry.nr };
    i64::try_from(number).ok()
}

fn of(threads: &mut BTreeMap<Pid, Thread>, pid: Pid, thread: Pid) -> &mut Thread {
    threads.entry(thread).or_insert_with(|| {
        let name = fs::read_to_string(format!("/proc/{pid}/task/{thread}/comm"));
        Thread {
            name: name.map(|it| it.trim().to_owned()).unwrap_or_default(),
            calls: BTreeMap::new(),
            instructions: 0,
        }
    })
}
