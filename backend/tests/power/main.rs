//! The promise that an acknowledged message is on disk, attacked below SQLite: the real server on a disk
//! that loses what was not synced, is slow, has errors and has no space.

// These tests share the client and the audit with `faults`.
#[allow(dead_code, reason = "the fault tests ask more of a client")]
#[path = "../faults/peer.rs"]
mod peer;
#[allow(dead_code, reason = "here the server runs within the test")]
#[path = "../faults/process.rs"]
mod process;

mod crash_points;
mod disk;
mod errors;
mod live_server;
mod order;
mod record;
mod shim;
mod workload;
