//! The promises under faults: a real process that is killed, starved of disk and restarted, and real
//! clients, each a replica behind a socket that breaks.

mod backup;
mod crash;
mod disk;
mod drain;
mod peer;
mod plans;
mod process;
mod slow;
mod storm;
mod sync;
mod upgrade;
