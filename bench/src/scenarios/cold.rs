//! Measures the time from the start of the process to its first response, and its idle memory.

use std::{path::PathBuf, time::Duration};

use anyhow::Result;

use crate::{
    bench::Bench,
    crowd::{self, Crowd},
    delivery_check::histogram,
    http, resource_usage, seed_data,
    server::Cores,
    target::{SNUG, Target},
};

const QUIET: Duration = Duration::from_secs(1);

pub fn run(bench: &mut Bench) -> Result<()> {
    for messages in sizes(bench) {
        let folder = folder(bench, messages)?;
        let params = [("messages", messages)];
        bench.rounds("cold", &[SNUG], &params, |bench, target| {
            measure(bench, target, Some(&folder))
        })?;
    }
    let peers = bench
        .targets
        .clone()
        .into_iter()
        .filter(|it| it.name != SNUG.name);
    let peers: Vec<_> = peers.collect();
    bench.rounds("cold", &peers, &[("messages", 0)], |bench, target| {
        measure(bench, target, None)
    })
}

/// Returns the numbers of stored messages to measure.
pub fn sizes(bench: &Bench) -> [u64; 2] {
    [1_000, if bench.quick { 20_000 } else { 1_000_000 }]
}

/// Returns a data folder with that many messages.
pub fn folder(bench: &Bench, messages: u64) -> Result<PathBuf> {
    let folder = bench.place.join(format!("filled-{messages}"));
    seed_data::talk(&folder, messages)?;
    Ok(folder)
}

fn measure(bench: &Bench, target: &Target, folder: Option<&PathBuf>) -> Result<Vec<(&'static str, f64)>> {
    let times = if bench.quick { 5 } else { 20 };
    let (mut answers, mut insides, mut idle) = (histogram(), histogram(), (0, 0));
    for time in 0..times {
        let running = match folder {
            Some(folder) => target.start_in(bench, Cores::All, folder)?,
            None => target.start(bench, Cores::All)?,
        };
        let server = &running.server;
        if folder.is_some() {
            http::ask(&mut crowd::connect(server.address, 0)?, "GET /healthz", "")?;
            answers.saturating_record(server.begun.elapsed().as_nanos() as u64);
        }
        let mut crowd = Crowd::connect(server.address, 1, target.adapter)?;
        insides.saturating_record(server.begun.elapsed().as_nanos() as u64);
        if time + 1 == times {
            crowd.settle(QUIET)?;
            idle = resource_usage::memory(server.pid())?;
        }
        drop(crowd);
        // Stopped gracefully, so that the next start is an ordinary one.
        if folder.is_some() {
            running.server.stop()?;
        }
    }
    let milliseconds = |nanoseconds| nanoseconds as f64 / 1e6;
    let mut values = Vec::new();
    if folder.is_some() {
        values.push(("first_answer_ms", milliseconds(answers.value_at_quantile(0.5))));
        values.push(("first_answer_worst_ms", milliseconds(answers.max())));
    }
    values.extend([
        ("first_inside_ms", milliseconds(insides.value_at_quantile(0.5))),
        ("idle_rss_mb", idle.0 as f64 / 1e6),
        ("idle_pss_mb", idle.1 as f64 / 1e6),
    ]);
    Ok(values)
}
