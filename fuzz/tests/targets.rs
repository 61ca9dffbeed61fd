//! Each target is attacked for a while, at the same time as the others.

use snug_fuzz::{apply, attack::attack, frames, replica};

#[test]
fn whatever_comes_over_a_connection_is_read_or_refused() {
    attack(frames::TARGET);
}

#[test]
fn whatever_a_server_says_a_replica_stays_whole() {
    attack(replica::TARGET);
}

#[test]
fn whatever_is_submitted_the_tables_are_what_the_log_says() {
    attack(apply::TARGET);
}
