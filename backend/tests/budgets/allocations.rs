//! Allocations: a server in this process, and an allocator that counts the allocations of all threads but this one.

// `GlobalAlloc` is an unsafe trait.
#![allow(unsafe_code)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    num::NonZeroU32,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

use snug::{
    config::{Config, Options},
    server::Server,
};
use tokio::runtime::Builder;

use crate::{alone, crowd::Crowd};

const FEW: usize = 10;
const MANY: usize = 60;
const MESSAGES: usize = 40;

/// For each post, with any number of receivers: 44.9 were measured.
const POST: f64 = 50.0;
/// For each delivery; none was measured: a frame is encoded once and shared, and a connection reuses its buffers.
const DELIVERY: f64 = 0.01;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static IS_CLIENTS: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

fn count() {
    if !IS_CLIENTS.get() {
        ALLOCATIONS.fetch_add(1, Relaxed);
    }
}

// SAFETY: delegates to the system allocator, with arguments and results unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: guaranteed by the caller.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, bytes: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: guaranteed by the caller.
        unsafe { System.realloc(bytes, layout, size) }
    }

    unsafe fn dealloc(&self, bytes: *mut u8, layout: Layout) {
        // SAFETY: guaranteed by the caller.
        unsafe { System.dealloc(bytes, layout) }
    }
}

/// The server's allocations for each message.
fn allocations_per_message(people: usize) -> f64 {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = Config::resolve(Options::default()).expect("defaults");
    config.listen = ([127, 0, 0, 1], 0).into();
    config.data = folder.path().to_owned();
    config.messages.burst = NonZeroU32::MAX;
    config.frames.burst = NonZeroU32::MAX;
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("it starts");
    let server = runtime.block_on(Server::start(&config)).expect("it starts");
    let mut crowd = Crowd::connect(server.address(), people);
    let before = ALLOCATIONS.load(Relaxed);
    crowd.post_in_turn(MESSAGES);
    let each = (ALLOCATIONS.load(Relaxed) - before) as f64 / MESSAGES as f64;
    drop(crowd);
    runtime.block_on(server.drain());
    each
}

#[test]
fn a_delivery_allocates_nothing() {
    let _alone = alone();
    IS_CLIENTS.set(true);
    let (few, many) = (allocations_per_message(FEW), allocations_per_message(MANY));
    let delivery = (many - few) / (MANY - FEW) as f64;
    let post = few - delivery * FEW as f64;
    eprintln!("a post: {post:.1} allocations, a delivery: {delivery:.3}");
    assert!(post <= POST, "a post: {post}, and {POST} is allowed");
    assert!(
        delivery <= DELIVERY,
        "a delivery: {delivery}, and {DELIVERY} is allowed"
    );
    assert!(post > 1.0, "the counter works");
}
