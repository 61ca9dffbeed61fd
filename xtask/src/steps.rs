//! The builds, and `cargo xtask run`.

use std::os::unix::process::CommandExt as _;

use anyhow::{Context as _, Result};

use crate::command::{self, cargo, command, run as run_aloud};
use crate::finish;
use crate::setup;

/// `cargo xtask build`
pub fn build() -> Result<()> {
    page()?;
    server()?;
    println!(
        "Built {}, with the page in it.",
        command::server("release")?.display()
    );
    Ok(())
}

/// `cargo xtask run [args…]`
pub fn run(args: &[&str]) -> Result<()> {
    build()?;
    let mut snug = command(command::server("release")?)?;
    snug.arg("serve").args(args);
    // The server takes this process over, so that Ctrl-C and a service manager's signals reach it directly.
    Err(snug.exec()).context("cannot start the server")
}

/// The page, small and hashed, into dist/.
pub fn page() -> Result<()> {
    let tools = setup::page()?;
    println!("Building the page into dist/ (three to five minutes the first time, then a minute or less).");
    run_aloud(&mut tools.trunk_build()?)?;
    finish::finish(&tools)
}

/// The server, around whatever page dist/ holds.
pub fn server() -> Result<()> {
    println!("Building the server (about three minutes the first time).");
    run_aloud(&mut cargo(&["build", "--release", "--package", "snug"])?)
}

/// `cargo xtask bench [args…]`
pub fn bench(args: &[&str]) -> Result<()> {
    if args == ["page"] {
        return bench_page();
    }
    server()?;
    run_aloud(&mut cargo(&["build", "--release", "--package", "snug-bench"])?)?;
    run_aloud(command(command::server("release")?.with_file_name("snug-bench"))?.args(args))
}

/// The page in a browser that is slowed down, with the stories' tools: bench/results/page.md.
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
