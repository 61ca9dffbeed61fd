//! One run: what it measures, in which order, and what it found.

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use crate::{
    peers,
    target::{F1, F2, HUB, SNUG, Target},
};

/// One run.
pub struct Bench {
    /// Whether it has minutes only.
    pub quick: bool,
    /// Times that everything is measured, each time in another order.
    pub rounds: u32,
    /// Where it keeps what it needs: `target/bench`.
    pub place: PathBuf,
    /// The repository.
    pub root: PathBuf,
    /// The server's binary.
    pub snug: PathBuf,
    /// Where the order comes from.
    pub random: Random,
    /// The floors, Snug, and whoever else passes messages on.
    pub targets: Vec<Target>,
    /// Connections that one process can have here, up to what Snug is told to take.
    pub most: usize,
    /// Whether the results are of everybody and everything, and are kept.
    pub keeps: bool,
    /// Who else would be measured.
    pub left_out: Vec<LeftOut>,
    /// What is known so far.
    pub figures: Vec<Figure>,
}

/// Who was not measured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LeftOut {
    /// Whom.
    pub subject: String,
    /// By what; nowhere, if it is not said.
    pub scenario: Option<String>,
    /// Why.
    pub reason: String,
}

/// What was measured once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Figure {
    /// Under which circumstances.
    pub scenario: String,
    /// Of whom.
    pub subject: String,
    /// What it does for its clients.
    pub tier: String,
    /// When.
    pub round: u32,
    /// With which numbers of what.
    pub params: BTreeMap<String, u64>,
    /// What came of it.
    pub values: BTreeMap<String, f64>,
}

impl Bench {
    /// Installs whom this run is to measure, or those that are named.
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

    /// Forgets what the last scenario found.
    pub fn begin(&mut self) {
        self.figures.clear();
        self.left_out.retain(|it| it.scenario.is_none());
    }

    /// Measures each of them in every round, in an order that is another each time. A peer that fails is told of and left out of the
    /// rest of the scenario, which asks for more; a floor or Snug that fails ends the run.
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

    /// Keeps a figure, and prints it.
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

/// A number in as many digits as mean something.
pub fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

/// `SplitMix64` (Steele, Lea and Flood 2014): an order that can be had again.
pub struct Random(pub u64);

impl Random {
    /// The next number.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: u64) -> u64 {
        self.next() % count
    }

    /// Any order (Fisher and Yates).
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
    fn a_seed_is_an_order() {
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
