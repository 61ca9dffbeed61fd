//! The promises under faults: a real process that is killed, has no disk space and is restarted, and real
//! clients, each a replica with a connection that breaks.

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
