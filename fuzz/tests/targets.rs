//! Attacks each target for a while, all at the same time.

use snug_fuzz::{apply, attack::attack, frames, replica};

#[test]
fn any_bytes_of_a_connection_are_read_or_refused() {
    attack(frames::TARGET);
}

#[test]
fn a_replica_stays_consistent_with_any_frames_of_a_server() {
    attack(replica::TARGET);
}

#[test]
fn the_tables_are_what_the_log_says_for_any_entries() {
    attack(apply::TARGET);
}
