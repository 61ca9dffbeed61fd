//! The wall clock, read at the edge only: an entry carries its time with it.

use std::time::{SystemTime, UNIX_EPOCH};

use snug_shared::ids::Millis;

/// Returns the current time. A clock before 1970 reads as 1970.
#[must_use]
pub fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
