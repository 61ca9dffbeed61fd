//! What comes from npm, each pinned by a lock file with checksums: wasm-opt, and the stories' Playwright.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::{debian, tools};
use crate::command::{command, on_path, root, run_quietly};

/// The folder that has wasm-opt, under this user's tools.
pub fn wasm_opt() -> Result<PathBuf> {
    let pinned = root()?.join("xtask/wasm-opt");
    let lock = fs::read_to_string(pinned.join("package-lock.json"))?;
    let version = lock
        .split("\"binaryen\": \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .context("xtask/wasm-opt pins no binaryen")?;
    let place = tools::folder()?.join(format!("binaryen-{version}"));
    let bin = place.join("node_modules/.bin");
    if !bin.join("wasm-opt").is_file() {
        println!("Installing wasm-opt {version} for this user (once, seconds).");
        fs::create_dir_all(&place)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(pinned.join(file), place.join(file))?;
        }
        install(&place)?;
    }
    Ok(bin)
}

/// Playwright and what the stories import, in e2e/, and the browser.
pub fn stories() -> Result<()> {
    debian::browser()?;
    let folder = root()?.join("e2e");
    let written = |file: &str| fs::metadata(folder.join(file)).and_then(|it| it.modified()).ok();
    // npm writes the first of these when it has finished.
    if written("node_modules/.package-lock.json") < written("package-lock.json") {
        println!("Installing Playwright into e2e/node_modules (seconds).");
        install(&folder)?;
    }
    Ok(())
}

fn install(folder: &Path) -> Result<()> {
    if on_path("npm").is_none() && debian::can_install() {
        println!("Installing Node and npm (about a minute).");
        debian::install(&["nodejs", "npm"]).context("Node comes with npm")?;
    }
    if on_path("npm").is_none() {
        bail!("npm is missing: `sudo apt-get install nodejs npm`, or Node 20 or newer from elsewhere");
    }
    let mut npm = command("npm")?;
    npm.current_dir(folder).args(["ci", "--no-audit", "--no-fund"]);
    // The machine's own Chromium is used.
    run_quietly(npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"))
}
