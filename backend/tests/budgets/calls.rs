//! System calls: nearly all that a delivery costs is the one that writes it.

use std::collections::BTreeMap;

use nix::libc;

use crate::{
    alone,
    tracer::{Each, Thread, count},
};

const PEOPLE: usize = 50;
const MESSAGES: usize = 40;
const SHOUTS: usize = 4;

// Where nobody speaks before everybody has heard.

/// To a socket, for each delivery: one, and little for what else may be told meanwhile.
const SENDS: f64 = 1.02;
/// From a socket, for each post: with the first there is no more to read, and nobody asks again.
const RECEIVES: f64 = 1.1;
/// Of the writing thread and of SQLite, for each post.
const SYNCS: f64 = 1.05;
const PAGE_WRITES: f64 = 9.5;
const LOCKS: f64 = 6.5;
/// For each post, what the threads wait with and wake each other with. By the machine's other work: how often
/// one waits for what has come meanwhile.
const WAITS: f64 = 15.0;
/// Any others, for each post: memory that is asked for.
const OTHERS: f64 = 2.5;

// Where everybody speaks at once.

/// To a socket, for each delivery: they are many in one.
const SENDS_AT_ONCE: f64 = 0.1;
/// For each post: they are many in one transaction.
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
    // To an eventfd, in which a worker sleeps.
    (libc::SYS_write, "waits"),
    (libc::SYS_futex, "waits"),
    (libc::SYS_epoll_pwait, "waits"),
];
#[cfg(target_arch = "x86_64")]
const EPOLL_WAIT: libc::c_long = libc::SYS_epoll_wait;
// Newer machines have the other one only.
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

fn hold(kinds: &BTreeMap<&str, u64>, bounds: &[(&str, usize, f64)]) {
    for &(kind, times, bound) in bounds {
        let each = kinds.get(kind).copied().unwrap_or_default() as f64 / times as f64;
        eprintln!("{kind}: {each:.3} each, {bound} allowed");
        assert!(each <= bound, "{kind}: {each}, and {bound} is allowed");
    }
}

#[test]
fn a_delivery_is_one_system_call_and_a_post_is_one_sync() {
    let _alone = alone();
    let kinds = by_kind(&count(Each::Call, PEOPLE, |crowd| crowd.talk(MESSAGES)));
    assert!(
        kinds["sends"] >= (PEOPLE * MESSAGES) as u64,
        "everything is counted"
    );
    hold(
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
fn what_is_said_at_once_shares_its_writes_and_its_syncs() {
    let _alone = alone();
    let kinds = by_kind(&count(Each::Call, PEOPLE, |crowd| crowd.shout(SHOUTS)));
    let posts = PEOPLE * SHOUTS;
    hold(
        &kinds,
        &[
            ("sends", PEOPLE * posts, SENDS_AT_ONCE),
            ("syncs", posts, SYNCS_AT_ONCE),
        ],
    );
}
