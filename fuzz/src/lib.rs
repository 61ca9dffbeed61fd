//! Arbitrary bytes as input for all that Snug reads, stores and applies. A target is a function of bytes
//! that panics when an invariant does not hold.
//!
//! `tests/targets.rs` attacks each target with any compiler ([`attack`]): first its corpus, then mutations
//! of it. `libfuzzer/` has the same functions for cargo-fuzz, which measures coverage and has found
//! the corpora. RELIABILITY.md has the commands.

pub mod apply;
pub mod attack;
pub mod frames;
mod memory;
mod random;
pub mod replica;

/// A fuzz target.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// The name of its folder in `corpus/`.
    pub name: &'static str,
    /// Runs one input.
    pub run: fn(&[u8]),
    /// Byte strings that mutations insert.
    pub words: &'static [&'static [u8]],
}
