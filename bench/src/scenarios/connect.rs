//! Everybody comes at once, and Snug's clients get the newest page of the room.

use std::time::Instant;

use anyhow::Result;

use crate::{
    bench::Bench,
    cost::Cpu,
    crowd::Crowd,
    dialect,
    server::Cores,
    subject::{SNUG, Subject},
};

pub fn run(bench: &mut Bench) -> Result<()> {
    let sizes = [1_000, 10_000, bench.most];
    for &clients in if bench.quick { &sizes[..1] } else { &sizes } {
        let subjects = bench.subjects.clone();
        let params = [("clients", clients as u64)];
        bench.rounds("connect", &subjects, &params, |bench, subject| {
            measure(bench, subject, clients)
        })?;
    }
    Ok(())
}

fn measure(bench: &Bench, subject: &Subject, clients: usize) -> Result<Vec<(&'static str, f64)>> {
    let (running, dialect) = if subject.name == SNUG.name {
        let folder = super::cold::folder(bench, 1_000)?;
        (
            subject.start_in(bench, Cores::Apart, &folder)?,
            &dialect::SNUG_CATCHING_UP,
        )
    } else {
        (subject.start(bench, Cores::Apart)?, subject.dialect)
    };
    let cpu = Cpu::of(running.server.pid())?;
    let begun = Instant::now();
    let crowd = Crowd::connect(running.server.address, clients, dialect)?;
    let wall = begun.elapsed().as_secs_f64();
    let cpu = Cpu::of(running.server.pid())?.since(&cpu).running as f64;
    Ok(vec![
        ("seconds", wall),
        ("connections_per_second", clients as f64 / wall),
        ("cpu_us_each", cpu / 1e3 / clients as f64),
        ("bytes_each", crowd.bytes as f64 / clients as f64),
    ])
}
