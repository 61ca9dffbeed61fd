//! Builds the page and the server, and starts the server (`cargo xtask run`) and the bench.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::command::{self, cargo, command, run as run_aloud};
use crate::postprocess::postprocess;
use crate::setup;

/// Runs `cargo xtask build`.
pub fn build() -> Result<()> {
    page()?;
    server()?;
    println!(
        "Built {}, which includes the page.",
        command::server("release")?.display()
    );
    Ok(())
}

/// Runs `cargo xtask run [args…]`. Returns only if the server cannot be started.
pub fn run(args: &[&str]) -> Result<()> {
    build()?;
    let mut snug = command(command::server("release")?)?;
    snug.arg("serve").args(args);
    // The server replaces this process, so that Ctrl-C and a service manager's signals reach it directly.
    Err(snug.exec()).context("cannot start the server")
}

/// Builds the page into dist/, optimized for size, with hashed file names.
pub fn page() -> Result<()> {
    let tools = setup::page()?;
    println!("Building the page into dist/ (three to five minutes the first time, then a minute or less).");
    run_aloud(&mut tools.trunk_build()?)?;
    postprocess(&tools)
}

/// Builds the server, which embeds the page in dist/.
pub fn server() -> Result<()> {
    println!("Building the server (about three minutes the first time).");
    run_aloud(&mut cargo(&["build", "--release", "--package", "snug"])?)
}

/// Runs `cargo xtask bench [args…]`.
pub fn bench(args: &[&str]) -> Result<()> {
    if args == ["page"] {
        return bench_page();
    }
    server()?;
    run_aloud(&mut cargo(&["build", "--release", "--package", "snug-bench"])?)?;
    run_aloud(command(command::server("release")?.with_file_name("snug-bench"))?.args(args))
}

/// Measures the page in a slowed-down browser, with the tools of the stories, and writes
/// bench/results/page.md.
fn bench_page() -> Result<()> {
    build()?;
    setup::stories()?;
    let mut npx = setup::npx()?;
    npx.current_dir(command::root()?.join("e2e")).args([
        "--no-install",
        "playwright",
        "test",
        "--config",
        "measure.config.ts",
    ]);
    npx.env("SNUG_BIN", command::server("release")?);
    run_aloud(&mut npx)
}
