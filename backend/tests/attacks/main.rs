//! Attacks on a real `snug` process: each test does what an attacker does, as fast as the defaults let it, and then looks at
//! what others notice of it: refusals, waiting times, memory, the disk.

mod browser;
mod costs;
mod disk;
mod edge;
mod identity;
mod shares;
mod siege;
mod store;
mod support;
