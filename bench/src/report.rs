//! Writes the results: a JSON file for each scenario, `results.md` and plots.

use std::{collections::BTreeMap, fmt::Write as _, fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{
    bench::{Bench, Figure, LeftOut, short},
    machine::Machine,
    plot::{self, Bar},
    scenarios,
    target::SNUG_SETTINGS,
};

/// The results of one run of a scenario. Ratios are computed within a run, so scenarios may be run at
/// different times.
#[derive(Serialize, Deserialize)]
struct Run {
    machine: Machine,
    rounds: u32,
    seed: u64,
    snug: String,
    left_out: Vec<LeftOut>,
    figures: Vec<Figure>,
}

/// One table of a scenario's values, some relative to a baseline.
struct Table {
    scenario: &'static str,
    title: &'static str,
    columns: &'static [Column],
    /// The baseline of the ratios.
    floor: Option<&'static str>,
}

struct Column {
    value: &'static str,
    title: &'static str,
    /// Whether to show the value as a multiple of the baseline's.
    ratio: bool,
}

const fn column(value: &'static str, title: &'static str, ratio: bool) -> Column {
    Column { value, title, ratio }
}

const TABLES: [Table; 9] = [
    Table {
        scenario: "fanout",
        title: "One message at a time to everybody in a room, beside F1",
        columns: &[
            column("cpu_ns_per_delivery", "server CPU a delivery", true),
            column("cpu_ns_per_delivery", "ns", false),
            column("first_p50_us", "first receiver p50, µs", false),
            column("last_p50_us", "last receiver p50, µs", false),
            column("last_p99_us", "p99, µs", false),
            column("last_p99_us", "p99", true),
        ],
        floor: Some("F1"),
    },
    Table {
        scenario: "size",
        title: "The same with longer messages",
        columns: &[
            column("cpu_ns_per_delivery", "server CPU a delivery", true),
            column("cpu_ns_per_delivery", "ns", false),
        ],
        floor: Some("F1"),
    },
    Table {
        scenario: "busy",
        title: "A busy room, as fast as it goes, beside F2",
        columns: &[
            column("deliveries_per_second", "deliveries a second", true),
            column("deliveries_per_second", "a second", false),
            column("cpu_ns_per_delivery", "server CPU a delivery, ns", false),
            column("server_busy", "server's cores", false),
            column("client_busy", "client's cores", false),
        ],
        floor: Some("F2"),
    },
    Table {
        scenario: "durable",
        title: "Posts that are on disk before anybody hears them, on all cores; each one audited",
        columns: &[
            column("posts_per_second", "posts a second", false),
            column("p50_us", "p50, µs", false),
            column("p99_us", "p99, µs", false),
            column("p999_us", "p99.9, µs", false),
            column("sync_in_place_us", "one sync, µs", false),
            column("p50_by_sync", "p50 by sync", false),
        ],
        floor: None,
    },
    Table {
        scenario: "memory",
        title: "An idle connection",
        columns: &[
            column("rss_bytes_each", "in the process, bytes", false),
            column("kernel_tcp_bytes_each", "kernel, buffers", false),
            column("kernel_slab_bytes_each", "kernel, both ends' sockets", false),
        ],
        floor: None,
    },
    Table {
        scenario: "cold",
        title: "From start to answer, and idle",
        columns: &[
            column("first_answer_ms", "first answer, ms", false),
            column("first_inside_ms", "first client in, ms", false),
            column("idle_rss_mb", "resident, MB", false),
            column("idle_pss_mb", "proportional, MB", false),
        ],
        floor: None,
    },
    Table {
        scenario: "history",
        title: "A page of history anywhere in the room",
        columns: &[
            column("p50_us", "p50, µs", false),
            column("p99_us", "p99, µs", false),
            column("pages_per_second", "a second, one after the other", false),
            column("cpu_us_per_page", "server CPU, µs", false),
        ],
        floor: None,
    },
    Table {
        scenario: "connect",
        title: "Everybody comes at once; Snug's clients get the newest page",
        columns: &[
            column("seconds", "seconds", false),
            column("connections_per_second", "a second", false),
            column("cpu_us_each", "server CPU each, µs", false),
            column("bytes_each", "bytes to each", false),
        ],
        floor: None,
    },
    Table {
        scenario: "rooms",
        title: "100 people in each room, 100 messages a second, each in another room",
        columns: &[
            column("cpu_ns_per_delivery", "server CPU a delivery, ns", false),
            column("last_p50_us", "last receiver p50, µs", false),
            column("last_p99_us", "p99, µs", false),
            column(
                "rss_bytes_each",
                "in the process each, its rooms included, bytes",
                false,
            ),
            column("cpu_us_each", "to come in, server CPU each, µs", false),
            column("bytes_each", "bytes to each", false),
        ],
        floor: None,
    },
];

type Params = BTreeMap<String, u64>;

/// Returns the median of the values of all rounds.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        count if count % 2 == 1 => Some(values[middle]),
        _ => Some(f64::midpoint(values[middle - 1], values[middle])),
    }
}

/// Returns the median of a server's value, or of its ratio to a baseline's value in the same round.
fn value(figures: &[&Figure], subject: &str, name: &str, floor: Option<&str>) -> Option<f64> {
    let of = |subject: &str, round| {
        let figure = figures
            .iter()
            .find(|it| it.subject == subject && it.round == round)?;
        figure.values.get(name).copied()
    };
    let rounds = figures
        .iter()
        .filter(|it| it.subject == subject)
        .map(|it| it.round);
    let values = rounds.filter_map(|round| {
        let value = of(subject, round)?;
        match floor {
            None => Some(value),
            Some(floor) => Some(value / of(floor, round)?),
        }
    });
    median(values.collect())
}

/// Prints the results of a scenario, and writes them to `bench/results` if the run is to be saved.
pub fn write(bench: &Bench, machine: &Machine, seed: u64, scenario: &str) -> Result<()> {
    let run = Run {
        machine: machine.clone(),
        rounds: bench.rounds,
        seed,
        snug: SNUG_SETTINGS.join(" "),
        left_out: bench.left_out.clone(),
        figures: bench.figures.clone(),
    };
    println!("\n{}", tables(&run));
    if !bench.keeps {
        return Ok(());
    }
    let folder = bench.root.join("bench/results");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{scenario}.json"));
    fs::write(file, serde_json::to_string_pretty(&run)?)?;
    plots(&run.figures, &folder)?;
    fs::write(folder.join("results.md"), document(&folder)?)?;
    Ok(())
}

/// Formats the tables of all scenarios that have results.
fn document(folder: &Path) -> Result<String> {
    let mut text = String::from("# Results\n\n");
    for scenario in &scenarios::ALL {
        let file = folder.join(format!("{}.json", scenario.name));
        if file.exists() {
            let run = serde_json::from_str(&fs::read_to_string(&file)?);
            text += &tables(&run.with_context(|| file.display().to_string())?);
        }
    }
    Ok(text)
}

fn cases(figures: &[Figure], scenario: &str) -> Vec<(Params, Vec<Figure>)> {
    let mut cases: Vec<(Params, Vec<Figure>)> = Vec::new();
    for figure in figures.iter().filter(|it| it.scenario == scenario) {
        match cases.iter_mut().find(|it| it.0 == figure.params) {
            Some(case) => case.1.push(figure.clone()),
            None => cases.push((figure.params.clone(), vec![figure.clone()])),
        }
    }
    cases
}

/// Returns the servers in the order of their tiers, the best of each first.
fn names(figures: &[&Figure], by: &str) -> Vec<(String, String)> {
    let mut names: Vec<(String, String)> = Vec::new();
    for figure in figures {
        let name = (figure.subject.clone(), figure.tier.clone());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rank = |tier: &str| ["floor", "chat", "bare"].iter().position(|it| *it == tier);
    names.sort_by(|one, other| {
        // Higher is better for rates, lower for everything else.
        let sign = if by.ends_with("_per_second") { -1.0 } else { 1.0 };
        let value = |name: &str| value(figures, name, by, None).map_or(f64::MAX, |it| it * sign);
        rank(&one.1)
            .cmp(&rank(&other.1))
            .then(value(&one.0).total_cmp(&value(&other.0)))
    });
    names
}

fn tables(run: &Run) -> String {
    let mut text = String::new();
    for table in &TABLES {
        let cases = cases(&run.figures, table.scenario);
        if cases.is_empty() {
            continue;
        }
        let (line, rounds) = (run.machine.line(), run.rounds);
        let _ = writeln!(text, "## {}\n\n{line}; rounds: {rounds}.\n", table.title);
        for left_out in &run.left_out {
            let LeftOut {
                subject,
                scenario,
                reason,
            } = left_out;
            if scenario.as_deref().is_none_or(|it| it == table.scenario) {
                let _ = writeln!(text, "Left out: {subject}, {reason}\n");
            }
        }
        let _ = write!(text, "| tier | server | of what |");
        for Column { title, ratio, .. } in table.columns {
            let by = table
                .floor
                .filter(|_| *ratio)
                .map(|it| format!(" ÷ {it}"))
                .unwrap_or_default();
            let _ = write!(text, " {title}{by} |");
        }
        let _ = writeln!(text, "\n|---|---|---|{}", "--:|".repeat(table.columns.len()));
        for (params, figures) in &cases {
            let figures: Vec<&Figure> = figures.iter().collect();
            for (name, tier) in names(&figures, table.columns[0].value) {
                let _ = write!(text, "| {tier} | {name} | {} |", shown(params));
                for column in table.columns {
                    let floor = table.floor.filter(|_| column.ratio);
                    let value = value(&figures, &name, column.value, floor).map_or("–".to_owned(), short);
                    let _ = write!(text, " {value} |");
                }
                text.push('\n');
            }
        }
        text.push('\n');
    }
    text
}

fn shown(params: &Params) -> String {
    let shown = params
        .iter()
        .map(|(name, value)| format!("{} {}", name.replace('_', " "), thousands(*value)));
    shown.collect::<Vec<_>>().join(", ")
}

/// Formats a number like `1,000,000`.
fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut shown = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

fn plots(figures: &[Figure], folder: &Path) -> Result<()> {
    let plotted = [
        (
            "fanout",
            "cpu_ns_per_delivery",
            Some("F1"),
            "Server CPU for a delivery, as a multiple of F1",
        ),
        (
            "fanout",
            "last_p99_us",
            Some("F1"),
            "Until the last receiver has it, p99, as a multiple of F1",
        ),
        (
            "busy",
            "deliveries_per_second",
            Some("F2"),
            "Deliveries a second in a busy room, as a part of F2",
        ),
        (
            "memory",
            "rss_bytes_each",
            None,
            "Bytes of an idle connection in the process",
        ),
    ];
    for (scenario, name, floor, title) in plotted {
        for (params, figures) in cases(figures, scenario) {
            let figures: Vec<&Figure> = figures.iter().collect();
            let bars = names(&figures, name).into_iter().filter_map(|(subject, tier)| {
                let value = value(&figures, &subject, name, floor)?;
                Some(Bar {
                    name: subject,
                    tier,
                    value,
                })
            });
            let bars: Vec<Bar> = bars.collect();
            let kind = name.split('_').next().unwrap_or(name);
            let file = format!("{scenario}-{kind}-{}.svg", params["clients"]);
            let title = format!("{title} ({})", shown(&params));
            fs::write(folder.join(file), plot::bars(&title, &bars))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_computed_per_round_and_then_their_median() {
        let figure = |subject: &str, round, value| Figure {
            scenario: "fanout".to_owned(),
            subject: subject.to_owned(),
            tier: "floor".to_owned(),
            round,
            params: Params::new(),
            values: [("cpu".to_owned(), value)].into(),
        };
        // Everything took ten times as long in the second round: the ratio stays the same.
        let figures = [
            figure("F1", 0, 1.0),
            figure("Snug", 0, 2.0),
            figure("F1", 1, 10.0),
            figure("Snug", 1, 20.0),
        ];
        let figures: Vec<&Figure> = figures.iter().collect();
        assert_eq!(value(&figures, "Snug", "cpu", Some("F1")), Some(2.0));
        assert_eq!(value(&figures, "Snug", "cpu", None), Some(11.0));
        assert_eq!(value(&figures, "nobody", "cpu", None), None);
    }

    #[test]
    fn the_median_is_the_middle_value() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
        assert_eq!(thousands(1_234_567), "1,234,567");
    }
}
