//! Limits the memory of a function.

use allocation_counter::measure;

/// Runs the function, and refuses allocations of more than this many bytes beyond those at its start.
pub fn within<T>(bytes: usize, run: impl FnOnce() -> T) -> T {
    let mut result = None;
    let taken = measure(|| result = Some(run())).bytes_max;
    assert!(
        taken <= bytes as u64,
        "took {taken} bytes where {bytes} are allowed"
    );
    result.expect("it has run")
}
