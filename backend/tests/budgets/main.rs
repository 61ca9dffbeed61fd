//! What a message may cost, counted and not timed: allocations, system calls and instructions of the
//! server, with nobody but its clients beside it. RELIABILITY.md has what was found; a bound is little
//! above that, and is lowered when the server has become cheaper.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "the fault tests ask more of a process")]
#[path = "../faults/process.rs"]
mod process;

mod allocations;
mod calls;
mod crowd;
mod instructions;
mod tracer;

use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::{
    sched::{CpuSet, sched_getaffinity, sched_setaffinity},
    unistd::Pid,
};

/// One test at a time, since each counts what all the server's threads do. What it starts has one core, and so one
/// worker and one shard: on any machine the same.
fn alone() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mine = Pid::from_raw(0);
    let allowed = sched_getaffinity(mine).expect("this thread's cores");
    let first = (0..CpuSet::count()).find(|&core| allowed.is_set(core).expect("a core's number"));
    let mut core = CpuSet::new();
    core.set(first.expect("it runs on one")).expect("a core's number");
    sched_setaffinity(mine, &core).expect("one of its own");
    turn
}
