//! Measures pages of history from random positions of a room, one after the other over one connection.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::cold;
use crate::{
    bench::{Bench, Random},
    clock,
    crowd::{self, Crowd, Visit},
    delivery_check::{Spread, histogram},
    http,
    resource_usage::Cpu,
    server::Cores,
    target::SNUG,
};

pub fn run(bench: &mut Bench) -> Result<()> {
    let pages = if bench.quick { 500 } else { 4_000 };
    for messages in cold::sizes(bench) {
        let folder = cold::folder(bench, messages)?;
        let params = [("messages", messages)];
        bench.rounds("history", &[SNUG], &params, |bench, target| {
            let running = target.start_in(bench, Cores::Apart, &folder)?;
            let address = running.server.address;
            let mut credential = String::new();
            let _somebody = Crowd::visit(&Visit::new(address, 1, target.adapter), &mut |received| {
                let frame: Value = serde_json::from_slice(received.payload)?;
                if frame["code"] == "WELCOME" {
                    let part = |name| frame["you"][name].as_str().context("who I am");
                    credential = format!("Authorization: Bearer {}.{}\r\n", part("chatId")?, part("token")?);
                }
                Ok(())
            })?;
            let mut socket = crowd::connect(address, 0)?;
            let mut random = Random(messages);
            let mut page = || -> Result<()> {
                let before = 51 + random.below(messages - 50);
                let request = format!("GET /api/rooms/lobby/messages?before={before}");
                let answer = http::ask(&mut socket, &request, &credential)?;
                ensure!(answer.body.len() > 5_000, "that is no page");
                Ok(())
            };
            for _ in 0..pages / 10 {
                page()?;
            }
            let cpu = Cpu::of(running.server.pid())?;
            let (mut latency, begun) = (histogram(), clock::now());
            for _ in 0..pages {
                let asked = clock::now();
                page()?;
                latency.saturating_record(clock::now() - asked);
            }
            let wall = (clock::now() - begun) as f64 / 1e9;
            let cpu = Cpu::of(running.server.pid())?.since(&cpu).running as f64;
            let latency = Spread::of(&latency);
            running.server.stop()?;
            Ok(vec![
                ("pages_per_second", f64::from(pages) / wall),
                ("p50_us", latency.p50),
                ("p99_us", latency.p99),
                ("cpu_us_per_page", cpu / 1e3 / f64::from(pages)),
            ])
        })?;
    }
    Ok(())
}
