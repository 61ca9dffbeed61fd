//! Configures the heap of glibc, which by itself does not return freed memory to the system. Other systems' heaps are left as they
//! are.
//!
//! Two habits of glibc (mallopt(3), malloc_trim(3)) matter here. Its threshold for memory from `mmap` rises whenever a larger block
//! is freed: after one hash of a password, later blocks of 19 MiB come from the heap and, being aligned, break it into pieces that
//! are not used again. And free memory in the middle of a heap is never returned by itself: after many clients have disconnected, the
//! process stays as large as it was.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// The interval at which freed memory is checked, and so the shortest between two trims of the heap.
const LOOK: Duration = Duration::from_secs(2);
/// Freed bytes that are returned as soon as few more are freed.
const MUCH: usize = 8 << 20;
/// Freed bytes that are returned once nothing more is freed. As many freed in one interval count as few.
const SOME: usize = 512 << 10;

static FREED: AtomicUsize = AtomicUsize::new(0);

/// Sets glibc's thresholds. Called once, before there are other threads.
pub fn configure() {
    #[cfg(target_env = "gnu")]
    glibc::configure();
}

/// Records that about so many bytes were freed in small pieces, such as a connection's. Cheap: one addition.
pub fn freed(bytes: usize) {
    FREED.fetch_add(bytes, Ordering::Relaxed);
}

/// Returns the free memory of the heap to the system. It holds the heap's locks for milliseconds, and of a large heap for a tenth of
/// a second, during which every allocation waits.
pub fn give_back() {
    FREED.store(0, Ordering::Relaxed);
    #[cfg(target_env = "gnu")]
    glibc::trim();
}

/// Returns freed memory to the system from time to time, for ever. Not while many connections open and close: memory freed then is
/// used again, and the limits bound it.
pub async fn give_back_what_is_freed() {
    let mut looks = tokio::time::interval(LOOK);
    let mut before = 0;
    loop {
        looks.tick().await;
        let freed = FREED.load(Ordering::Relaxed);
        let lately = freed.saturating_sub(before);
        if (freed >= MUCH && lately < SOME) || (freed >= SOME && lately == 0) {
            // Off the runtime's threads. It only fails when the runtime ends.
            let _ = tokio::task::spawn_blocking(give_back).await;
        }
        before = FREED.load(Ordering::Relaxed);
    }
}

#[cfg(target_env = "gnu")]
#[allow(
    unsafe_code,
    reason = "mallopt and malloc_trim have no safe wrapper; neither takes a pointer, and both may be called at any time"
)]
mod glibc {
    use libc::{M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, c_int, malloc_trim, mallopt};

    /// Size from which a block is a mapping of its own, returned as soon as it is freed. Once set, the threshold does not rise.
    const MMAP_BYTES: c_int = 4 << 20;
    /// Free bytes at the end of a heap that are not returned: with glibc's 128 KiB the log's thread would return them after each
    /// batch, and ask for as much with the next.
    const TRIM_BYTES: c_int = 8 << 20;

    pub(super) fn configure() {
        // SAFETY: the calls only set numbers of the allocator.
        let set = unsafe { mallopt(M_MMAP_THRESHOLD, MMAP_BYTES) & mallopt(M_TRIM_THRESHOLD, TRIM_BYTES) };
        if set != 1 {
            tracing::warn!("the heap could not be configured");
        }
    }

    pub(super) fn trim() {
        // SAFETY: the call returns pages that nothing is allocated in, under the allocator's own locks.
        unsafe {
            malloc_trim(0);
        }
    }
}
