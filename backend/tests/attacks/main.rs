//! Attacks on a real `snug` process. Each test does what an attacker does, as fast as the default limits allow, and then
//! checks the effect on others: refusals, delays, memory, disk.

mod browser;
mod costs;
mod disk;
mod edge;
mod identity;
mod shares;
mod siege;
mod store;
mod support;
