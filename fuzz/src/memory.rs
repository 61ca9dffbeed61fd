//! How much memory something takes.

use allocation_counter::measure;

/// Runs it, and refuses more than so many bytes at a time beyond those that it began with.
pub fn within<T>(bytes: usize, run: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = measure(|| result = Some(run())).bytes_max;
    assert!(
        taken <= bytes as u64,
        "took {taken} bytes where {bytes} are allowed"
    );
    result.expect("it has run")
}
