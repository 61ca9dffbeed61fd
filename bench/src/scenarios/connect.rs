//! Measures all clients connecting at once. Snug's clients also load the newest page of the room.

use std::time::Instant;

use anyhow::Result;

use crate::{
    bench::Bench,
    crowd::Crowd,
    protocol_adapter,
    resource_usage::Cpu,
    server::Cores,
    target::{SNUG, Target},
};

pub fn run(bench: &mut Bench) -> Result<()> {
    let sizes = [1_000, 10_000, bench.most];
    for &clients in if bench.quick { &sizes[..1] } else { &sizes } {
        let targets = bench.targets.clone();
        let params = [("clients", clients as u64)];
        bench.rounds("connect", &targets, &params, |bench, target| {
            measure(bench, target, clients)
        })?;
    }
    Ok(())
}

fn measure(bench: &Bench, target: &Target, clients: usize) -> Result<Vec<(&'static str, f64)>> {
    let (running, adapter) = if target.name == SNUG.name {
        let folder = super::cold::folder(bench, 1_000)?;
        (
            target.start_in(bench, Cores::Apart, &folder)?,
            &protocol_adapter::SNUG_CATCHING_UP,
        )
    } else {
        (target.start(bench, Cores::Apart)?, target.adapter)
    };
    let cpu = Cpu::of(running.server.pid())?;
    let begun = Instant::now();
    let crowd = Crowd::connect(running.server.address, clients, adapter)?;
    let wall = begun.elapsed().as_secs_f64();
    let cpu = Cpu::of(running.server.pid())?.since(&cpu).running as f64;
    Ok(vec![
        ("seconds", wall),
        ("connections_per_second", clients as f64 / wall),
        ("cpu_us_each", cpu / 1e3 / clients as f64),
        ("bytes_each", crowd.bytes as f64 / clients as f64),
    ])
}
