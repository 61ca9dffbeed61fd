//! Counts the instructions of the release server, `SNUG_BIN`. They depend on the compiler and its version, so `cargo xtask soak`
//! counts them and the ordinary test run does not.
#![cfg(target_arch = "x86_64")]

use crate::{
    alone,
    tracer::{Each, count},
};

/// So many users that a second thread of the runtime wakes for them: both measurements include that cost.
const FEW: usize = 20;
const MANY: usize = 160;
/// A step takes some microseconds, and a message takes more than a hundred thousand steps.
const MESSAGES: usize = 3;

/// Of the writing thread, for each post alone in its transaction: `apply`, the log, SQLite's commit and the frame.
/// Some 105,000 were measured, with a variation of at most 2%.
const POST: f64 = 110_000.0;
/// Of all other threads, for each delivery, without the kernel's. Some 840 to 940 were measured.
const DELIVERY: f64 = 1_000.0;

/// Instructions for each message: the writing thread's, and those of all other threads.
fn instructions_per_message(people: usize) -> (f64, f64) {
    let threads = count(Each::Instruction, people, |crowd| crowd.post_in_turn(MESSAGES));
    let (writer, others): (Vec<_>, Vec<_>) = threads.iter().partition(|it| it.name == "log");
    let each = |threads: Vec<_>| {
        let steps: u64 = threads
            .into_iter()
            .map(|it: &crate::tracer::Thread| it.instructions)
            .sum();
        steps as f64 / MESSAGES as f64
    };
    (each(writer), each(others))
}

#[test]
#[ignore = "measures the compiler too: cargo xtask soak"]
fn a_post_and_a_delivery_stay_within_their_budget_of_instructions() {
    let _alone = alone();
    let (post, few) = instructions_per_message(FEW);
    let (_, many) = instructions_per_message(MANY);
    // The cost of a message that does not depend on its receivers is in both measurements.
    let delivery = (many - few) / (MANY - FEW) as f64;
    eprintln!("a post: {post:.0} instructions, a delivery: {delivery:.0}");
    assert!(post <= POST, "a post: {post}, and {POST} is allowed");
    assert!(
        delivery <= DELIVERY,
        "a delivery: {delivery}, and {DELIVERY} is allowed"
    );
    assert!(delivery > 0.0, "the counter works");
}
