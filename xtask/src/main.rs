//! Implements `cargo xtask`: builds, runs and tests Snug on a machine that has little more than Rust.
//!
//! One file per command. [`setup`] finds or installs the tools that a command needs, and prints what it
//! installs; [`steps`] contains the steps that several commands share. Unix only: servers are stopped with
//! signals.

mod autobahn;
mod command;
mod cycles;
mod dev;
mod postprocess;
mod service;
mod setup;
mod steps;
mod test;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
Builds, runs and tests Snug. Missing tools are installed first, for all clones of this user.

Usage: cargo xtask <command>

  run [args…]         Build, then start the server; args go to `snug serve`, e.g. --listen 0.0.0.0:8080
  dev                 Page on http://127.0.0.1:8081 and server on port 8080, rebuilt when files change
  build               Page into dist/, then the server that embeds it: target/release/snug
  test                All checks that a change must pass; stops at the first failure
  test --only <step>  One step of it
  soak <times>        Instructions per message; the fault tests with <times> as many plans, kills and power cuts; the
                      attacks, with a siege of <times> x 15 s; and fuzzing of each target for the same time
                      (40 takes 75 minutes on two cores)
  bench [args…]       Measures Snug, its peers and the baselines (bench/README.md); `bench --quick` takes minutes,
                      `bench help` lists the scenarios; `bench page` measures the page in a slow browser
  help                Print this help

Steps of test, in order:
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(args: &[String]) -> Result<()> {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["run", rest @ ..] => steps::run(rest),
        ["dev"] => dev::dev(),
        ["build"] => steps::build(),
        ["test"] => test::all(),
        ["test", "--only", step] => test::only(step),
        ["soak", times] => test::soak(times.parse().context("<times> must be a number")?),
        ["bench", rest @ ..] => steps::bench(rest),
        [] | ["help" | "-h" | "--help"] | ["test" | "build" | "dev", "-h" | "--help"] => {
            print!("{HELP}{}", test::list());
            Ok(())
        }
        _ => bail!(
            "unknown command `cargo xtask {}`; `cargo xtask --help` lists the commands",
            args.join(" ")
        ),
    }
}
