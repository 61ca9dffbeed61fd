//! One run: what it measures, in which order, and the results.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{
    peers,
    target::{F1, F2, HUB, SNUG, Target},
};

/// One run of the bench.
pub struct Bench {
    /// Whether this is the quick run, which takes minutes.
    pub quick: bool,
    /// The number of rounds. Each measures everything once, in a new order.
    pub rounds: u32,
    /// The folder for the bench's own files: `target/bench`.
    pub place: PathBuf,
    /// The repository's folder.
    pub root: PathBuf,
    /// The server's binary.
    pub snug: PathBuf,
    /// The source of the order.
    pub random: Random,
    /// The baselines, Snug and the peers to measure.
    pub targets: Vec<Target>,
    /// The largest number of connections that one process can have on this machine, up to Snug's configured
    /// limit.
    pub most: usize,
    /// Whether the run covers all servers in full length, so that its results are saved.
    pub keeps: bool,
    /// The targets that could not be measured.
    pub left_out: Vec<LeftOut>,
    /// The results so far.
    pub figures: Vec<Figure>,
}

/// A target that was not measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    /// The target's name.
    pub subject: String,
    /// The scenario, or `None` for all of them.
    pub scenario: Option<String>,
    /// The reason.
    pub reason: String,
}

/// The result of one measurement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// The scenario.
    pub scenario: String,
    /// The target's name.
    pub subject: String,
    /// The target's tier.
    pub tier: String,
    /// The round, from 0.
    pub round: u32,
    /// The parameters of the case, such as the number of clients.
    pub params: BTreeMap<String, u64>,
    /// The measured values.
    pub values: BTreeMap<String, f64>,
}

impl Bench {
    /// Selects the targets of this run, or the named ones, and installs their peers.
    pub fn gather(&mut self, only: Option<&[String]>) {
        let wanted = |name: &str, else_if: bool| only.map_or(else_if, |it| it.iter().any(|it| it == name));
        for target in [F1, F2, SNUG, HUB] {
            if wanted(target.name, true) {
                self.targets.push(target);
            }
        }
        for peer in &peers::ALL {
            if !wanted(peer.target.name, peer.quick || !self.quick) {
                continue;
            }
            match peer.install(self) {
                Ok(()) => self.targets.push(peer.target),
                Err(error) => self.leave_out(&peer.target, None, &format!("{error:#}")),
            }
        }
    }

    fn leave_out(&mut self, target: &Target, scenario: Option<&str>, reason: &str) {
        println!("{} is left out: {reason}", target.name);
        self.left_out.push(LeftOut {
            subject: target.name.to_owned(),
            scenario: scenario.map(str::to_owned),
            reason: reason.to_owned(),
        });
    }

    /// Clears the results of the last scenario.
    pub fn begin(&mut self) {
        self.figures.clear();
        self.left_out.retain(|it| it.scenario.is_none());
    }

    /// Measures each target in every round, in a new order each time. If a peer fails, it is reported and
    /// left out of the rest of the scenario, which has larger cases; if a baseline or Snug fails, the run
    /// ends.
    pub fn rounds(
        &mut self,
        scenario: &str,
        targets: &[Target],
        params: &[(&str, u64)],
        measure: impl Fn(&Self, &Target) -> Result<Vec<(&'static str, f64)>>,
    ) -> Result<()> {
        for round in 0..self.rounds {
            let mut order = targets.to_vec();
            self.random.shuffle(&mut order);
            for target in order {
                let failed =
                    |it: &LeftOut| it.subject == target.name && it.scenario.as_deref() == Some(scenario);
                if self.left_out.iter().any(failed) {
                    continue;
                }
                let values = match measure(self, &target) {
                    Ok(values) => values,
                    Err(error) if target.is_ours() => return Err(error.context(target.name)),
                    Err(error) => {
                        let params: Vec<_> = params
                            .iter()
                            .map(|(name, value)| format!("{name} {value}"))
                            .collect();
                        self.leave_out(
                            &target,
                            Some(scenario),
                            &format!("{}: {error:#}", params.join(", ")),
                        );
                        continue;
                    }
                };
                self.note(scenario, &target, round, params, &values);
            }
        }
        Ok(())
    }

    /// Records and prints a result.
    pub fn note(
        &mut self,
        scenario: &str,
        target: &Target,
        round: u32,
        params: &[(&str, u64)],
        values: &[(&'static str, f64)],
    ) {
        let mut line = format!("{scenario} {}:", target.name);
        for (name, value) in params {
            line += &format!(" {name}={value}");
        }
        for (name, value) in values {
            line += &format!("  {name} {}", short(*value));
        }
        println!("{line}");
        self.figures.push(Figure {
            scenario: scenario.to_owned(),
            subject: target.name.to_owned(),
            tier: target.tier.name().to_owned(),
            round,
            params: params
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
            values: values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), *value))
                .collect(),
        });
    }
}

/// Formats a number with as many digits as are significant.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): makes the order reproducible.
pub struct Random(pub u64);

impl Random {
    /// Returns the next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `count`.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Shuffles a slice (Fisher and Yates).
    pub fn shuffle<T>(&mut self, all: &mut [T]) {
        for index in (1..all.len()).rev() {
            let other = self.below(index as u64 + 1) as usize;
            all.swap(index, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_determines_the_order() {
        let order = |seed| {
            let mut all: Vec<u32> = (0..20).collect();
            Random(seed).shuffle(&mut all);
            all
        };
        assert_eq!(order(7), order(7));
        assert_ne!(order(7), order(8));
        let mut sorted = order(7);
        sorted.sort_unstable();
        assert_eq!(sorted, (0..20).collect::<Vec<_>>());
    }
}
