//! Measures the memory of an open, idle connection.

use std::time::Duration;

use anyhow::Result;

use crate::{
    bench::Bench,
    crowd::{Crowd, Visit, Who},
    protocol_adapter, resource_usage,
    server::Cores,
    target::Target,
};

/// How long to wait until socket buffers are empty and pools have freed what they do not need.
const QUIET: Duration = Duration::from_secs(2);

/// The first connections, which are not counted: they also allocate what the server needs once.
const FIRST: usize = 10;

pub fn run(bench: &mut Bench) -> Result<()> {
    let sizes = [1_000, 10_000, bench.most];
    for &clients in if bench.quick { &sizes[..1] } else { &sizes } {
        let targets = bench.targets.clone();
        let params = [("clients", clients as u64)];
        bench.rounds("memory", &targets, &params, |bench, target| {
            measure(bench, target, clients)
        })?;
    }
    Ok(())
}

fn measure(bench: &Bench, target: &Target, clients: usize) -> Result<Vec<(&'static str, f64)>> {
    let running = target.start(bench, Cores::Apart)?;
    let (adapter, who) = match target.name {
        "Snug" => (&protocol_adapter::SNUG_PROVED, Who::Newcomers),
        _ => (target.adapter, Who::Strangers),
    };
    let come = |from, count| -> Result<Crowd> {
        let visit = Visit {
            from,
            who,
            ..Visit::new(running.server.address, count, adapter)
        };
        let mut crowd = Crowd::visit(&visit, &mut |_| Ok(()))?;
        crowd.settle(QUIET)?;
        Ok(crowd)
    };
    let _first = come(0, FIRST)?;
    let before = (
        resource_usage::memory(running.server.pid())?,
        resource_usage::kernel()?,
    );
    let _crowd = come(FIRST, clients)?;
    let after = (
        resource_usage::memory(running.server.pid())?,
        resource_usage::kernel()?,
    );
    let each = |before: u64, after: u64| (after as f64 - before as f64) / clients as f64;
    Ok(vec![
        ("idle_rss_mb", before.0.0 as f64 / 1e6),
        ("rss_bytes_each", each(before.0.0, after.0.0)),
        ("pss_bytes_each", each(before.0.1, after.0.1)),
        // Of both ends: the client's and the server's.
        ("kernel_tcp_bytes_each", each(before.1.0, after.1.0)),
        ("kernel_slab_bytes_each", each(before.1.1, after.1.1)),
    ])
}
