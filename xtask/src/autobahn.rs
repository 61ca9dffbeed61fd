//! Runs Autobahn's test cases of RFC 6455 against the server's WebSocket code, through an echo server
//! (`backend/examples/echo.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::command::{cargo, command, root, run, run_quietly, server};
use crate::setup;

/// Cases of permessage-deflate (RFC 7692), which the server does not support.
const NOT_SPOKEN: [&str; 2] = ["12.*", "13.*"];
/// The number of remaining cases. A report with fewer means that some did not run.
const CASES: usize = 301;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Verdict {
    behavior: String,
    behavior_close: String,
}

/// The echo server. Dropping it kills the process.
struct Echo(Child);

impl Drop for Echo {
    fn drop(&mut self) {
        // The process may have exited already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub fn cases() -> Result<()> {
    let kosoku = setup::kosoku()?;
    // Same command as the `unit` step, so that the build is reused: building the example alone selects other
    // features and recompiles everything.
    run(&mut cargo(&["test", "--workspace", "--no-run", "--quiet"])?)?;
    let program = server("debug")?.with_file_name("examples").join("echo");
    let mut echo = Echo(command(program)?.stdout(Stdio::piped()).spawn()?);
    let mut line = String::new();
    BufReader::new(echo.0.stdout.take().context("piped")?).read_line(&mut line)?;
    let address = line.trim().rsplit('/').next().context("where it listens")?;

    let reports = root()?.join("target/autobahn");
    // Delete the reports of an earlier run, so that they cannot pass as this run's.
    if reports.exists() {
        fs::remove_dir_all(&reports)?;
    }
    let mut client = command(kosoku)?;
    client.arg("--outdir").arg(&reports).arg(address);
    for cases in NOT_SPOKEN {
        client.args(["--exclude", cases]);
    }
    run_quietly(&mut client)?;

    let index = fs::read_to_string(reports.join("index.json"))?;
    let servers: BTreeMap<String, BTreeMap<String, Verdict>> = serde_json::from_str(&index)?;
    let verdicts = servers.into_values().next().context("there is a report")?;
    let well = |it: &str| ["OK", "INFORMATIONAL", "NON-STRICT"].contains(&it);
    let broken: Vec<_> = verdicts
        .iter()
        .filter(|(_, it)| !well(&it.behavior) || !well(&it.behavior_close))
        .map(|(case, _)| case.as_str())
        .collect();
    if !broken.is_empty() || verdicts.len() != CASES {
        let (ran, reports) = (verdicts.len(), reports.display());
        bail!("{ran} of {CASES} cases ran; these failed: {broken:?} (reports in {reports})");
    }
    println!("{CASES} of Autobahn's {CASES} cases passed.");
    Ok(())
}
