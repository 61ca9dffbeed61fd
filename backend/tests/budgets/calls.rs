//! System calls: nearly all of them for a delivery are the one that writes it.

use std::collections::BTreeMap;

use nix::libc;

use crate::{
    alone,
    tracer::{Each, Thread, count},
};

const PEOPLE: usize = 50;
const MESSAGES: usize = 40;
const POSTS_EACH: usize = 4;

// Each message is posted after all users have received the one before.

/// Sends to a socket, for each delivery: one, with a margin for other frames meanwhile.
const SENDS: f64 = 1.02;
/// Receives from a socket, for each post: the first one reads everything, and no second one follows.
const RECEIVES: f64 = 1.1;
/// Calls of the writing thread and of SQLite, for each post.
const SYNCS: f64 = 1.05;
const PAGE_WRITES: f64 = 9.5;
const LOCKS: f64 = 6.5;
/// For each post, the calls with which threads wait and wake each other. They depend on the machine's other work: how
/// often a thread has to wait.
const WAITS: f64 = 15.0;
/// All other calls, for each post: allocations of memory.
const OTHERS: f64 = 2.5;

// All users post at once.

/// Sends to a socket, for each delivery: one send has many frames.
const SENDS_AT_ONCE: f64 = 0.1;
/// For each post: one transaction has many posts.
const SYNCS_AT_ONCE: f64 = 0.1;

const KINDS: [(libc::c_long, &str); 12] = [
    (libc::SYS_sendto, "sends"),
    (libc::SYS_sendmsg, "sends"),
    (libc::SYS_writev, "sends"),
    (libc::SYS_recvfrom, "receives"),
    (libc::SYS_read, "receives"),
    (libc::SYS_fsync, "syncs"),
    (libc::SYS_fdatasync, "syncs"),
    (libc::SYS_pwrite64, "page writes"),
    (libc::SYS_fcntl, "locks"),
    // To an eventfd, on which a worker sleeps.
    (libc::SYS_write, "waits"),
    (libc::SYS_futex, "waits"),
    (libc::SYS_epoll_pwait, "waits"),
];
#[cfg(target_arch = "x86_64")]
const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_wait;
// Newer architectures have only `epoll_pwait`.
#[cfg(not(target_arch = "x86_64"))]
const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_pwait;

fn by_kind(threads: &[Thread]) -> BTreeMap<&'static str, u64> {
    let mut kinds = BTreeMap::new();
    for thread in threads {
        eprintln!("{}, by number: {:?}", thread.name, thread.calls);
        for (number, times) in &thread.calls {
            let known = KINDS.iter().find(|it| it.0 == *number).map(|it| it.1);
            let waits = (*number == EPOLL_WAIT).then_some("waits");
            *kinds.entry(known.or(waits).unwrap_or("others")).or_default() += times;
        }
    }
    kinds
}

fn assert_within(kinds: &BTreeMap<&str, u64>, bounds: &[(&str, usize, f64)]) {
    for &(kind, times, bound) in bounds {
        let each = kinds.get(kind).copied().unwrap_or_default() as f64 / times as f64;
        eprintln!("{kind}: {each:.3} each, {bound} allowed");
        assert!(each <= bound, "{kind}: {each}, and {bound} is allowed");
    }
}

#[test]
fn a_delivery_is_one_system_call_and_a_post_is_one_sync() {
    let _alone = alone();
    let kinds = by_kind(&count(Each::Call, PEOPLE, |crowd| crowd.post_in_turn(MESSAGES)));
    assert!(kinds["sends"] >= (PEOPLE * MESSAGES) as u64, "the counter works");
    assert_within(
        &kinds,
        &[
            ("sends", PEOPLE * MESSAGES, SENDS),
            ("receives", MESSAGES, RECEIVES),
            ("syncs", MESSAGES, SYNCS),
            ("page writes", MESSAGES, PAGE_WRITES),
            ("locks", MESSAGES, LOCKS),
            ("waits", MESSAGES, WAITS),
            ("others", MESSAGES, OTHERS),
        ],
    );
}

#[test]
fn posts_at_once_share_their_writes_and_syncs() {
    let _alone = alone();
    let kinds = by_kind(&count(Each::Call, PEOPLE, |crowd| crowd.post_at_once(POSTS_EACH)));
    let posts = PEOPLE * POSTS_EACH;
    assert_within(
        &kinds,
        &[
            ("sends", PEOPLE * posts, SENDS_AT_ONCE),
            ("syncs", posts, SYNCS_AT_ONCE),
        ],
    );
}
