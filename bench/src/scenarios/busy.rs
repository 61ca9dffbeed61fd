//! Measures a busy room: a few clients send as much as the server can deliver to everybody.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use super::fanout::{BYTES, around};
use crate::{
    bench::Bench, clock, crowd::Crowd, delivery_check::DeliveryCheck, resource_usage::Cpu, server::Cores,
    stamp::Stamp, target::Target,
};

/// The number of senders.
const SENDERS: usize = 16;
/// The number of undelivered messages per sender: no recipient falls behind further than this.
const UNDER_WAY: usize = 16;
const QUIET: Duration = Duration::from_millis(700);
const TIMEOUT: Duration = Duration::from_secs(60);

pub fn run(bench: &mut Bench) -> Result<()> {
    let sizes = [100, 1_000, 10_000, bench.most];
    let (sizes, time) = match bench.quick {
        true => (&sizes[..1], Duration::from_secs(2)),
        false => (&sizes[..], Duration::from_secs(5)),
    };
    for &clients in sizes {
        let params = [("clients", clients as u64), ("bytes", BYTES as u64)];
        let targets = bench.targets.clone();
        bench.rounds("busy", &targets, &params, |bench, target| {
            measure(bench, target, clients, time)
        })?;
    }
    Ok(())
}

fn measure(
    bench: &Bench,
    target: &Target,
    clients: usize,
    time: Duration,
) -> Result<Vec<(&'static str, f64)>> {
    let running = target.start(bench, Cores::Apart)?;
    let mut crowd = Crowd::connect(running.server.address, clients, target.adapter)?;
    crowd.settle(QUIET)?;
    let words = BYTES - around(&mut crowd)?;
    talk(&mut crowd, words, time / 4)?;
    let (own, server) = (std::process::id(), running.server.pid());
    let before = (Cpu::of(server)?, Cpu::of(own)?);
    let begun = Instant::now();
    let check = talk(&mut crowd, words, time)?;
    let wall = begun.elapsed().as_nanos() as f64;
    let (spent, client) = (Cpu::of(server)?.since(&before.0), Cpu::of(own)?.since(&before.1));
    let deliveries = check.deliveries() as f64;
    Ok(vec![
        ("deliveries_per_second", deliveries / wall * 1e9),
        ("messages_per_second", check.whole() as f64 / wall * 1e9),
        ("cpu_ns_per_delivery", spent.running as f64 / deliveries),
        ("server_busy", spent.running as f64 / wall),
        ("held_up", spent.waiting as f64 / wall),
        // If this is near 1, the client was the bottleneck.
        ("client_busy", client.running as f64 / wall),
        ("client_held_up", client.waiting as f64 / wall),
        ("last_p50_us", check.last().p50),
        ("last_p99_us", check.last().p99),
    ])
}

/// Sends messages for `time`, then waits until everybody has received all of them.
fn talk(crowd: &mut Crowd, words: usize, time: Duration) -> Result<DeliveryCheck> {
    let senders = SENDERS.min(crowd.len());
    let mut check = DeliveryCheck::new(crowd.len(), senders, crowd.audience());
    let mut free = Vec::new();
    for _ in 0..UNDER_WAY {
        free.extend(0..senders);
    }
    let begun = Instant::now();
    let mut heard_at = Instant::now();
    loop {
        if begun.elapsed() < time {
            for sender in free.drain(..) {
                let text = check.sent(sender, clock::now()).text(words);
                crowd.say(sender, &text)?;
            }
        } else if check.whole() == check.sent_so_far() {
            return Ok(check);
        }
        crowd.turn(Duration::from_millis(100), &mut |received| {
            if let Some(stamp) = Stamp::find(received.payload, received.hint) {
                heard_at = Instant::now();
                if check.received(received.client, stamp, received.now)? {
                    free.push(usize::from(stamp.sender));
                }
            }
            Ok(())
        })?;
        ensure!(heard_at.elapsed() < TIMEOUT, "messages are missing");
    }
}
