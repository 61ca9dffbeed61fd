//! Arbitrary bytes against what Snug reads, knows and records. A target is a function of bytes that
//! panics when something does not hold that must.
//!
//! `tests/targets.rs` attacks each on any compiler ([`attack`]): what is in its corpus, then mutations
//! of it. `libfuzzer/` has the same functions for cargo-fuzz, which sees what an input reaches, and
//! is where the corpora come from. RELIABILITY.md has the commands.

pub mod apply;
pub mod attack;
pub mod frames;
mod memory;
mod random;
pub mod replica;

/// Something to attack.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its folder in `corpus/`.
    pub name: &'static str,
    /// The function.
    pub run: fn(&[u8]),
    /// What is worth putting into an input.
    pub words: &'static [&'static [u8]],
}
