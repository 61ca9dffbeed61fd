//! Implements `cargo xtask bench`: compares Snug with other servers, and with the least work that the machine
//! allows.
//!
//! This crate has the load client, the baselines and the calculations; `README.md` describes what is
//! measured, how, and what makes it fair. All measurements are taken from outside the servers, which are
//! separate processes.

mod baseline;
mod bench;
mod clock;
mod crowd;
mod delivery_check;
mod frame;
mod http;
mod hub;
mod machine;
mod peers;
mod plot;
mod protocol_adapter;
mod report;
mod resource_usage;
mod scenarios;
mod schedule;
mod seed_data;
mod server;
mod stamp;
mod target;

use std::{env, fs, path::Path, process::ExitCode};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use self::{
    bench::{Bench, Random},
    machine::Machine,
};

const HELP: &str = "\
Compares Snug with other servers and with the machine's baselines. Results are saved to bench/results, unless the run is
quick or limited to some servers.

Usage: cargo xtask bench [--quick] [--seed <n>] [--rounds <n>] [--only <server,…>] [scenario…]

";

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["floor", kind, port] => baseline::serve(port.parse()?, *kind == "f2"),
        ["hub", port] => hub::serve(port.parse()?),
        ["help" | "-h" | "--help"] => {
            print!("{HELP}");
            for scenario in &scenarios::ALL {
                println!("  {:10}{}", scenario.name, scenario.about);
            }
            Ok(())
        }
        _ => measure(args),
    }
}

fn measure(args: &[String]) -> Result<()> {
    let (mut quick, mut seed, mut rounds, mut names) = (false, 1, None, Vec::new());
    let mut only: Option<Vec<String>> = None;
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut number = || -> Result<u64> { Ok(args.next().context("a number is missing")?.parse()?) };
        match arg.as_str() {
            "--quick" => quick = true,
            "--seed" => seed = number()?,
            "--rounds" => rounds = Some(number()? as u32),
            "--only" => {
                let wanted = args.next().context("servers are missing")?;
                only = Some(wanted.split(',').map(str::to_owned).collect());
            }
            name => names.push(name.to_owned()),
        }
    }
    let scenarios = scenarios::named(&names)?;
    let most = allow_connections()?;
    let own = env::current_exe()?;
    let built = own.parent().context("it lies in a folder")?;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .context("it lies in the workspace")?;
    let mut bench = Bench {
        quick,
        rounds: rounds.unwrap_or(if quick { 1 } else { 3 }),
        place: built.parent().context("profiles lie in target/")?.join("bench"),
        root: root.to_owned(),
        snug: built.join("snug"),
        random: Random(seed),
        figures: Vec::new(),
        targets: Vec::new(),
        most,
        keeps: !quick && only.is_none(),
        left_out: Vec::new(),
    };
    fs::create_dir_all(&bench.place)?;
    bench.gather(only.as_deref());
    let machine = Machine::here();
    println!("{}\nSnug: {}", machine.line(), target::SNUG_SETTINGS.join(" "));
    for scenario in scenarios {
        println!("\n== {}: {}", scenario.name, scenario.about);
        bench.begin();
        (scenario.run)(&mut bench)?;
        report::write(&bench, &machine, seed, scenario.name)?;
    }
    Ok(())
}

/// Raises the limit of open files to the system's maximum, since many programs start with a thousand. Returns
/// how many connections this leaves to a process besides its own files.
fn allow_connections() -> Result<usize> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    Ok(19_800.min(most as usize - 200))
}
