//! Implements `cargo xtask test`: its steps, ordered so that mistakes are found as early as possible.

use std::fmt::Write as _;
use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::autobahn;
use crate::command::{self, cargo, root, run};
use crate::cycles;
use crate::setup::{self, TARGET};
use crate::steps;

struct Step {
    name: &'static str,
    /// What the step checks, for the help and the heading.
    about: &'static str,
    run: fn() -> Result<()>,
}

const STEPS: &[Step] = &[
    Step {
        name: "fmt",
        about: "rustfmt has nothing to change",
        run: fmt,
    },
    Step {
        name: "cycles",
        about: "modules do not depend on each other in a cycle",
        run: cycles::check,
    },
    Step {
        name: "clippy",
        about: "clippy reports nothing",
        run: clippy,
    },
    Step {
        name: "deny",
        about: "every crate has a licence, a source and a version that deny.toml allows",
        run: deny,
    },
    Step {
        name: "doc",
        about: "the crates' documentation builds without broken links",
        run: doc,
    },
    Step {
        name: "page",
        about: "the page builds into dist/",
        run: steps::page,
    },
    Step {
        name: "unit",
        about: "cargo test: every crate, and the server over real sockets",
        run: unit,
    },
    Step {
        name: "components",
        about: "the page's components in headless Chromium",
        run: components,
    },
    Step {
        name: "server",
        about: "the release server builds around the page",
        run: steps::server,
    },
    Step {
        name: "budgets",
        about: "the number of system calls per message on that server",
        run: budgets,
    },
    Step {
        name: "autobahn",
        about: "the 301 cases of RFC 6455 against the server's WebSockets",
        run: autobahn::cases,
    },
    Step {
        name: "stories",
        about: "end-to-end tests in Chromium, Firefox and WebKit against that server (Playwright)",
        run: stories,
    },
];

/// Formats the list of steps for the help.
pub fn list() -> String {
    let mut lines = String::new();
    for step in STEPS {
        let _ = writeln!(lines, "  {:12}{}", step.name, step.about);
    }
    lines
}

pub fn all() -> Result<()> {
    let started = Instant::now();
    STEPS.iter().try_for_each(take)?;
    println!(
        "\nAll {} steps passed in {} s.",
        STEPS.len(),
        started.elapsed().as_secs()
    );
    Ok(())
}

pub fn only(name: &str) -> Result<()> {
    let step = STEPS.iter().find(|step| step.name == name);
    take(step.with_context(|| format!("there is no step `{name}`; the steps are\n{}", list()))?)
}

fn take(step: &Step) -> Result<()> {
    let started = Instant::now();
    println!("\n== {}: {}", step.name, step.about);
    (step.run)().with_context(|| {
        let name = step.name;
        format!("the step `{name}` failed; `cargo xtask test --only {name}` repeats it")
    })?;
    println!("== {} passed in {} s", step.name, started.elapsed().as_secs());
    Ok(())
}

/// Runs `cargo xtask soak <times>`.
pub fn soak(times: u32) -> Result<()> {
    setup::strace()?;
    run(&mut cargo(&["build", "--release", "--package", "snug"])?)?;
    let budgets = ["test", "--package", "snug", "--test", "budgets"];
    run(cargo(&budgets)?
        .args(["--", "--nocapture", "--ignored"])
        .env("SNUG_BIN", command::server("release")?))?;
    let tests = ["test", "--release", "--package", "snug"];
    run(cargo(&tests)?
        .args(["--test", "faults", "--test", "power", "--", "--nocapture"])
        .env("SNUG_STRACE", "1")
        .env("SNUG_CROWD", "2000")
        .env("SNUG_PLANS", (200 * times).to_string())
        .env("SNUG_KILLS", (25 * times).to_string())
        .env("SNUG_ACKNOWLEDGEMENTS", "2000")
        .env("SNUG_POWER_CUTS", (250 * times).to_string()))?;
    let attacks = ["test", "--release", "--package", "snug", "--test", "attacks"];
    run(cargo(&attacks)?
        .args(["--", "--nocapture", "--test-threads", "1"])
        .env("SNUG_SIEGE_SECONDS", (15 * times).to_string()))?;
    let fuzz = ["test", "--release", "--package", "snug-fuzz", "--test", "targets"];
    run(cargo(&fuzz)?
        .args(["--", "--nocapture"])
        .env("SNUG_FUZZ_SECONDS", (15 * times).to_string()))
}

fn fmt() -> Result<()> {
    run(&mut cargo(&["fmt", "--all", "--check"])?)
}

fn clippy() -> Result<()> {
    run(&mut cargo(&[
        "clippy",
        "--workspace",
        "--all-targets",
        "--quiet",
        "--",
        "-D",
        "warnings",
    ])?)
}

fn deny() -> Result<()> {
    let mut deny = setup::cargo_deny()?;
    run(deny.args(["--locked", "check", "bans", "licenses", "sources"]))
}

fn doc() -> Result<()> {
    let mut doc = cargo(&[
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--quiet",
    ])?;
    run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}

fn unit() -> Result<()> {
    run(&mut cargo(&["test", "--workspace", "--quiet"])?)
}

/// Counts system calls of the release server; the `unit` step counts those of its own build.
fn budgets() -> Result<()> {
    let mut tests = cargo(&["test", "--workspace", "--test", "budgets", "--", "--nocapture"])?;
    run(tests.env("SNUG_BIN", command::server("release")?))
}

fn components() -> Result<()> {
    let tools = setup::components()?;
    println!("Compiling the tests for the browser (about three minutes the first time).");
    let mut tests = cargo(&[
        "test",
        "--package",
        "snug-frontend",
        "--target",
        TARGET,
        "--tests",
    ])?;
    tests.env(
        "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
        "wasm-bindgen-test-runner",
    );
    tools.prepare(&mut tests)?;
    run(&mut tests)
}

/// Runs the stories against the release server that an earlier step has built.
fn stories() -> Result<()> {
    setup::stories()?;
    setup::engines()?;
    for args in [["tsc", "--noEmit"], ["playwright", "test"]] {
        let mut npx = setup::npx()?;
        npx.current_dir(root()?.join("e2e"))
            .arg("--no-install")
            .args(args);
        npx.env("SNUG_BIN", command::server("release")?);
        run(&mut npx)?;
    }
    Ok(())
}
