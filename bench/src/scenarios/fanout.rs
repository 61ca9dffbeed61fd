//! Measures one message at a time to a full room, at a rate that every server can sustain.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};

use crate::{
    bench::Bench,
    clock,
    crowd::Crowd,
    delivery_check::{DeliveryCheck, Spread, histogram},
    resource_usage::Cpu,
    schedule::Schedule,
    server::Cores,
    stamp::Stamp,
    target::Target,
};

/// The size of a delivered message in bytes, including what the server adds to the text.
pub const BYTES: usize = 300;
/// How long after the last message is due everybody must have received it.
const TIMEOUT: Duration = Duration::from_secs(60);
/// The silence after which the messages about a crowd's arrival count as delivered.
const QUIET: Duration = Duration::from_millis(700);
/// The number of messages that warm up caches, compilers and pools.
const WARM_UP: u32 = 20;

pub fn run(bench: &mut Bench) -> Result<()> {
    // At 20 µs per delivery, a fifth of a core is still free.
    let cases: &[(usize, f64, u32)] = match bench.quick {
        true => &[(1_000, 20.0, 80)],
        false => &[
            (100, 100.0, 1_000),
            (1_000, 20.0, 200),
            (10_000, 4.0, 100),
            (bench.most, 2.0, 60),
        ],
    };
    for &(clients, rate, count) in cases {
        case(bench, "fanout", clients, BYTES, rate, count)?;
    }
    if !bench.quick {
        for bytes in [1_000, 4_000] {
            case(bench, "size", 1_000, bytes, 20.0, 200)?;
        }
    }
    Ok(())
}

/// Measures one number of clients and one message size.
fn case(bench: &mut Bench, name: &str, clients: usize, bytes: usize, rate: f64, count: u32) -> Result<()> {
    let params = [("clients", clients as u64), ("bytes", bytes as u64)];
    let targets = bench.targets.clone();
    bench.rounds(name, &targets, &params, |bench, target| {
        measure(bench, target, clients, bytes, rate, count)
    })
}

fn measure(
    bench: &Bench,
    target: &Target,
    clients: usize,
    bytes: usize,
    rate: f64,
    count: u32,
) -> Result<Vec<(&'static str, f64)>> {
    let running = target.start(bench, Cores::Apart)?;
    let mut crowd = Crowd::connect(running.server.address, clients, target.adapter)?;
    crowd.settle(QUIET)?;
    let around = around(&mut crowd)?;
    ensure!(around + 30 <= bytes, "the words have no place in {bytes} bytes");
    let words = bytes - around;
    let mut pace = |rate, count| {
        let check = DeliveryCheck::new(clients, 1, crowd.audience());
        paced(&mut crowd, check, rate, count, &mut |crowd, check, due| {
            crowd.say(0, &check.sent(0, due).text(words))
        })
    };
    pace(rate * 2.0, WARM_UP)?;
    let before = Cpu::of(running.server.pid())?;
    let begun = Instant::now();
    let (check, late) = pace(rate, count)?;
    let wall = begun.elapsed().as_nanos() as f64;
    let spent = Cpu::of(running.server.pid())?.since(&before);
    let (first, last, all) = (check.first(), check.last(), check.all());
    Ok(vec![
        (
            "cpu_ns_per_delivery",
            spent.running as f64 / check.deliveries() as f64,
        ),
        ("first_p50_us", first.p50),
        ("first_p99_us", first.p99),
        ("first_p999_us", first.p999),
        ("last_p50_us", last.p50),
        ("last_p99_us", last.p99),
        ("last_p999_us", last.p999),
        ("all_p50_us", all.p50),
        ("all_p99_us", all.p99),
        ("all_p999_us", all.p999),
        ("held_up", spent.waiting as f64 / wall),
        ("client_late_max_us", late.max),
    ])
}

/// Returns how many bytes the server adds to a text, measured with a message. The numbers in it may later
/// grow by a few digits.
pub fn around(crowd: &mut Crowd) -> Result<usize> {
    let mut check = DeliveryCheck::new(crowd.len(), 1, crowd.audience());
    let text = check.sent(0, clock::now()).text(0);
    crowd.say(0, &text)?;
    let mut longest = 0;
    let begun = Instant::now();
    while check.whole() < 1 {
        ensure!(begun.elapsed() < TIMEOUT, "a message did not come to everybody");
        crowd.turn(Duration::from_secs(1), &mut |received| {
            if let Some(stamp) = Stamp::find(received.payload, received.hint) {
                longest = longest.max(received.payload.len());
                check.received(received.client, stamp, received.now)?;
            }
            Ok(())
        })?;
    }
    Ok(longest - text.len())
}

/// The callback that sends the message that is due at a time.
pub type Say<'a> = &'a mut dyn FnMut(&mut Crowd, &mut DeliveryCheck, u64) -> Result<()>;

/// Sends `count` messages at a rate, each when it is due, and waits until everybody has received all of them.
/// Also returns how late the client was.
pub fn paced(
    crowd: &mut Crowd,
    mut check: DeliveryCheck,
    rate: f64,
    count: u32,
    say: Say<'_>,
) -> Result<(DeliveryCheck, Spread)> {
    let mut late = histogram();
    let mut schedule = Schedule::new(clock::now() + 10_000_000, rate, count);
    let mut idle_since = Instant::now();
    while check.whole() < u64::from(count) {
        let now = clock::now();
        while let Some((_, due)) = schedule.due(now) {
            late.saturating_record(now - due);
            say(crowd, &mut check, due)?;
        }
        // While a message is in flight, the client polls without sleeping: otherwise the server would have to
        // wake it, which costs the server more the slower it is, and only on this machine.
        let wait = match schedule.next_due() {
            Some(due) if check.whole() == check.sent_so_far() => {
                (due.saturating_sub(now) / 1_000_000).saturating_sub(1)
            }
            _ => 0,
        };
        let mut came = false;
        crowd.turn(Duration::from_millis(wait), &mut |received| {
            if let Some(stamp) = Stamp::find(received.payload, received.hint) {
                came = true;
                check.received(received.client, stamp, received.now)?;
            }
            Ok(())
        })?;
        if came || schedule.next_due().is_some() {
            idle_since = Instant::now();
        }
        ensure!(
            idle_since.elapsed() < TIMEOUT,
            "{} of {count} messages came to everybody",
            check.whole()
        );
    }
    Ok((check, Spread::of(&late)))
}
