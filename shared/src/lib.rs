//! Snug: what both ends agree on.
