//! The cost of a message, counted and not timed: allocations, system calls and instructions of the server,
//! which has no load but these clients. RELIABILITY.md has the measurements; a bound is little above its
//! measurement, and is lowered when the server needs less.
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

/// One test at a time, since each counts the work of all threads of the server. The processes that it starts have one core,
/// and so one worker and one shard: the same on any machine.
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
