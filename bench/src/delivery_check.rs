//! Checks and times deliveries: every client must receive each message of each sender exactly once and in
//! order.

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::stamp::Stamp;

/// The deliveries of one run.
pub struct DeliveryCheck {
    senders: usize,
    /// The number of the next message, for each client and sender.
    next: Vec<u32>,
    /// The messages of each sender, in the order in which they were sent.
    messages: Vec<Vec<Message>>,
    /// The number of clients that receive each message.
    audience: u32,
    whole: u64,
    deliveries: u64,
    first: Histogram<u64>,
    last: Histogram<u64>,
    all: Histogram<u64>,
}

#[derive(Clone, Copy, Default)]
struct Message {
    received: u32,
}

/// The distribution of latencies, in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// The median.
    pub p50: f64,
    /// The 99th percentile.
    pub p99: f64,
    /// The 99.9th percentile.
    pub p999: f64,
    /// The maximum.
    pub max: f64,
}

impl DeliveryCheck {
    /// Creates a check for `clients` clients, of which the first `senders` send, and of which `audience`
    /// receive each message.
    pub fn new(clients: usize, senders: usize, audience: usize) -> Self {
        Self {
            senders,
            next: vec![0; clients * senders],
            messages: vec![Vec::new(); senders],
            audience: audience as u32,
            whole: 0,
            deliveries: 0,
            first: histogram(),
            last: histogram(),
            all: histogram(),
        }
    }

    /// Records a message that is due at `due`, in nanoseconds, and returns its stamp.
    pub fn sent(&mut self, sender: usize, due: u64) -> Stamp {
        let messages = &mut self.messages[sender];
        messages.push(Message::default());
        Stamp {
            sender: sender as u16,
            sequence: messages.len() as u32 - 1,
            due,
        }
    }

    /// Records a delivery. Returns whether it was the last of its message. Fails if it is a duplicate or out
    /// of order.
    pub fn received(&mut self, client: usize, stamp: Stamp, now: u64) -> Result<bool> {
        let sender = usize::from(stamp.sender);
        ensure!(
            sender < self.senders,
            "client {client} received a sender that is none"
        );
        let next = &mut self.next[client * self.senders + sender];
        if *next != stamp.sequence {
            bail!(
                "client {client} received message {} of sender {sender} where {next} should have come",
                stamp.sequence
            );
        }
        *next += 1;
        let message = &mut self.messages[sender][stamp.sequence as usize];
        message.received += 1;
        ensure!(
            message.received <= self.audience,
            "more clients received a message than there are"
        );
        let latency = now.saturating_sub(stamp.due);
        self.deliveries += 1;
        self.all.saturating_record(latency);
        if message.received == 1 {
            self.first.saturating_record(latency);
        }
        let whole = message.received == self.audience;
        if whole {
            self.last.saturating_record(latency);
            self.whole += 1;
        }
        Ok(whole)
    }

    /// Returns the number of messages that the whole audience has received.
    pub fn whole(&self) -> u64 {
        self.whole
    }

    /// Returns the number of deliveries.
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Returns the number of messages sent.
    pub fn sent_so_far(&self) -> u64 {
        self.messages.iter().map(|it| it.len() as u64).sum()
    }

    /// Returns the latencies from when a message was due until its first recipient had it.
    pub fn first(&self) -> Spread {
        Spread::of(&self.first)
    }

    /// Returns the latencies until the last recipient had it.
    pub fn last(&self) -> Spread {
        Spread::of(&self.last)
    }

    /// Returns the latencies of all deliveries.
    pub fn all(&self) -> Spread {
        Spread::of(&self.all)
    }
}

impl Spread {
    /// Reads the percentiles of a histogram in nanoseconds.
    pub fn of(histogram: &Histogram<u64>) -> Self {
        let at = |quantile| histogram.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            p50: at(0.5),
            p99: at(0.99),
            p999: at(0.999),
            max: histogram.max() as f64 / 1e3,
        }
    }
}

/// Creates a histogram for up to a minute, in nanoseconds, with a precision of three digits.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_recipient_are_timed_separately() {
        let mut check = DeliveryCheck::new(3, 1, 3);
        let stamp = check.sent(0, 1_000);
        assert!(!check.received(2, stamp, 2_000).expect("its turn"));
        assert!(!check.received(0, stamp, 5_000).expect("its turn"));
        assert!(check.received(1, stamp, 9_000).expect("its turn"));
        assert_eq!((check.whole(), check.deliveries()), (1, 3));
        let micros = |spread: Spread| spread.max.round() as u64;
        assert_eq!((micros(check.first()), micros(check.last())), (1, 8));
    }

    #[test]
    fn a_duplicate_or_missing_message_fails_the_run() {
        let mut check = DeliveryCheck::new(1, 2, 1);
        let (first, second) = (check.sent(1, 0), check.sent(1, 0));
        assert!(check.received(0, second, 0).is_err());
        assert!(check.received(0, first, 0).is_ok());
        assert!(check.received(0, first, 0).is_err());
        assert!(check.received(0, second, 0).is_ok());
    }
}
