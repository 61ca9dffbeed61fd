//! `cargo xtask`: builds, runs and tests Snug on a machine that has Rust and little else.
//!
//! One command, one file. [`setup`] finds or installs what a command needs and says so; [`steps`] are
//! the pieces that commands share. Unix only: servers are stopped with signals.

mod autobahn;
mod command;
mod cycles;
mod dev;
mod finish;
mod service;
mod setup;
mod steps;
mod test;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

const HELP: &str = "\
Builds, runs and tests Snug. What is missing is installed first, for all clones of this user.

Usage: cargo xtask <command>

  run [args…]         Build, then start the server; args go to `snug serve`, e.g. --listen 0.0.0.0:8080
  dev                 Page on http://127.0.0.1:8081 and server on port 8080, rebuilt when files change
  build               Page into dist/, and around it the server: target/release/snug
  test                Everything that has to pass before a change lands, up to the first failure
  test --only <step>  One step of it
  soak <times>        The instructions that a message costs; the plans, kills and losses of power of the fault tests, so many
                      times as many; the attacks, and the siege for so many quarters of a minute; and as long of arbitrary
                      bytes for each target (40 is an hour and a quarter on two cores)
  bench [args…]       Snug beside others and the machine's floor, measured (bench/README.md); `bench --quick` takes minutes,
                      `bench help` lists the scenarios; `bench page` is the page in a slow browser
  help                This

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
        ["soak", times] => test::soak(times.parse().context("how many times is a number")?),
        ["bench", rest @ ..] => steps::bench(rest),
        [] | ["help" | "-h" | "--help"] | ["test" | "build" | "dev", "-h" | "--help"] => {
            print!("{HELP}{}", test::list());
            Ok(())
        }
        _ => bail!(
            "there is no `cargo xtask {}`; `cargo xtask --help` lists what there is",
            args.join(" ")
        ),
    }
}
