//! Checks and times deliveries: every client has to receive each message of each sender once and in order.

use anyhow::{Result, bail, ensure};
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::stamp::Stamp;

/// What is heard of the messages of one run.
pub struct DeliveryCheck {
    senders: usize,
    /// For each client and sender, which message comes next.
    next: Vec<u32>,
    /// For each message, in the order of its sending among its sender's.
    messages: Vec<Vec<Message>>,
    /// How many hear each message.
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

/// Latencies in microseconds.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Spread {
    /// Half are faster.
    pub p50: f64,
    /// 99 of a hundred are.
    pub p99: f64,
    /// 999 of a thousand are.
    pub p999: f64,
    /// The slowest.
    pub max: f64,
}

impl DeliveryCheck {
    /// Of so many clients, of which the first `senders` send; `audience` of them hear each message.
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

    /// The next message of a sender, due then.
    pub fn sent(&mut self, sender: usize, due: u64) -> Stamp {
        let messages = &mut self.messages[sender];
        messages.push(Message::default());
        Stamp {
            sender: sender as u16,
            sequence: messages.len() as u32 - 1,
            due,
        }
    }

    /// A client has heard a message. Answers whether it was the last who had not.
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

    /// Messages that everybody has.
    pub fn whole(&self) -> u64 {
        self.whole
    }

    /// How often any client has heard a message.
    pub fn deliveries(&self) -> u64 {
        self.deliveries
    }

    /// Messages that were sent.
    pub fn sent_so_far(&self) -> u64 {
        self.messages.iter().map(|it| it.len() as u64).sum()
    }

    /// From when a message was due until its first hearer had it.
    pub fn first(&self) -> Spread {
        Spread::of(&self.first)
    }

    /// … until its last hearer had it.
    pub fn last(&self) -> Spread {
        Spread::of(&self.last)
    }

    /// … of each hearer.
    pub fn all(&self) -> Spread {
        Spread::of(&self.all)
    }
}

impl Spread {
    /// Of nanoseconds.
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

/// Up to a minute in nanoseconds, to three digits.
pub fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000_000, 3).expect("the bounds are in order")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_hearer_are_told_apart() {
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
    fn a_message_that_comes_twice_or_is_left_out_fails_the_run() {
        let mut check = DeliveryCheck::new(1, 2, 1);
        let (first, second) = (check.sent(1, 0), check.sent(1, 0));
        assert!(check.received(0, second, 0).is_err());
        assert!(check.received(0, first, 0).is_ok());
        assert!(check.received(0, first, 0).is_err());
        assert!(check.received(0, second, 0).is_ok());
    }
}
