//! The Prometheus metrics of one server. Events are counted where they happen; current values are read when the metrics are
//! requested.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64},
    },
    time::Duration,
};

use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};
use snug_shared::error_code::ErrorCode;

/// Buckets of a commit's seconds: from a fast disk's sync to a disk in trouble.
const COMMIT_SECONDS: [f64; 11] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0,
];
/// Buckets of a commit's entries.
const COMMIT_ENTRIES: [f64; 6] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0];

/// One server's metrics.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    /// Frames written to connections.
    pub deliveries: Counter,
    /// The duration of commits, in seconds.
    pub commit_seconds: Histogram,
    /// The number of entries of commits.
    pub commit_entries: Histogram,
    connections: Gauge,
    people: Gauge,
    lag: Gauge<f64, AtomicU64>,
    queued: Gauge,
    data: Gauge,
    free: Gauge,
    full: Gauge,
    recent: Gauge,
    refusals: Family<Refusal, Counter>,
    pushes: Family<Push, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Push {
    outcome: Pushed,
}

/// The values that are read when the metrics are requested.
pub struct Gauges {
    /// Bytes of the database and its write-ahead log in use.
    pub data: u64,
    /// Free bytes on the file system of the data.
    pub free: u64,
    /// Whether nothing is accepted that adds data.
    pub full: bool,
    /// Bytes of the newest messages of all rooms in memory.
    pub recent: usize,
    /// The number of people who are online.
    pub people: usize,
    /// How long the slowest connection has been behind.
    pub lag: Duration,
    /// The number of entries that wait for the disk.
    pub queued: usize,
}

/// The outcome of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Pushed {
    /// The push service accepted it.
    Sent,
    /// The push service does not know the browser any more.
    Gone,
    /// The push service refused it, or its address is one that nothing is sent to.
    Refused,
    /// The push was postponed too often.
    GivenUp,
    /// The push was dropped because too many were waiting.
    Dropped,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("snug");
        let this = Self {
            registry: Arc::default(),
            deliveries: Counter::default(),
            commit_seconds: Histogram::new(COMMIT_SECONDS),
            commit_entries: Histogram::new(COMMIT_ENTRIES),
            connections: Gauge::<i64, AtomicI64>::default(),
            people: Gauge::default(),
            lag: Gauge::default(),
            queued: Gauge::default(),
            data: Gauge::default(),
            free: Gauge::default(),
            full: Gauge::default(),
            recent: Gauge::default(),
            refusals: Family::default(),
            pushes: Family::default(),
        };
        registry.register(
            "connections",
            "Open WebSocket connections",
            this.connections.clone(),
        );
        registry.register("people", "Users online", this.people.clone());
        registry.register(
            "deliveries",
            "Frames written to connections",
            this.deliveries.clone(),
        );
        registry.register_with_unit(
            "slowest_lag",
            "How long the slowest connection has been behind",
            Unit::Seconds,
            this.lag.clone(),
        );
        registry.register_with_unit(
            "commit",
            "Duration of a commit, including its sync",
            Unit::Seconds,
            this.commit_seconds.clone(),
        );
        registry.register(
            "commit_entries",
            "Entries in a commit",
            this.commit_entries.clone(),
        );
        registry.register(
            "queued_entries",
            "Entries waiting to be committed",
            this.queued.clone(),
        );
        registry.register_with_unit(
            "data",
            "Size of the database and its write-ahead log, without reusable space",
            Unit::Bytes,
            this.data.clone(),
        );
        registry.register_with_unit(
            "free",
            "Free space on the file system of the data",
            Unit::Bytes,
            this.free.clone(),
        );
        registry.register(
            "storage_full",
            "1 while the disk is full and new data is rejected",
            this.full.clone(),
        );
        registry.register_with_unit(
            "recent_messages",
            "Memory used by recent messages of all rooms",
            Unit::Bytes,
            this.recent.clone(),
        );
        registry.register("refusals", "Refusals by code", this.refusals.clone());
        registry.register("pushes", "Web pushes by outcome", this.pushes.clone());
        Self {
            registry: Arc::new(registry),
            ..this
        }
    }
}

impl Metrics {
    /// Counts a refusal by its code.
    pub fn refused(&self, code: ErrorCode) {
        let code = serde_json::to_value(code).expect("a code is a word");
        let code = code.as_str().unwrap_or_default().to_owned();
        self.refusals.get_or_create(&Refusal { code }).inc();
    }

    /// Counts the outcome of a push.
    pub fn pushed(&self, outcome: Pushed) {
        self.pushes.get_or_create(&Push { outcome }).inc();
    }

    /// Counts a connection for as long as the returned guard lives.
    #[must_use]
    pub fn connection(&self) -> impl Drop + use<> {
        struct Open(Gauge);
        impl Drop for Open {
            fn drop(&mut self) {
                self.0.dec();
            }
        }
        self.connections.inc();
        Open(self.connections.clone())
    }

    /// Encodes all metrics in the OpenMetrics text format, as Prometheus reads it.
    #[must_use]
    pub fn text(&self, now: &Gauges) -> String {
        self.data.set(gauge(now.data));
        self.free.set(gauge(now.free));
        self.full.set(now.full.into());
        self.recent.set(count(now.recent));
        self.people.set(count(now.people));
        self.lag.set(now.lag.as_secs_f64());
        self.queued.set(count(now.queued));
        let mut text = String::new();
        text::encode(&mut text, &self.registry).expect("a string takes any text");
        text
    }
}

fn count(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn gauge(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
