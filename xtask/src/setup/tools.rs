//! Finds or installs trunk, wasm-bindgen, wasm-opt and cargo-deny: from `PATH` if the version is right, or
//! else in `snug-tools` under cargo's home, one folder per version, shared by all clones of this user.

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use super::{debian, npm};
use crate::command::{cargo, command, output_of, root, run_quietly};

const TRUNK: &str = "0.21.14";
const KOSOKU: &str = "0.1.0";
const CARGO_DENY: &str = "0.20.2";

/// Older versions fail on the WebAssembly that current Rust emits.
const WASM_OPT_AT_LEAST: u32 = 120;

/// Whether wasm-opt is available.
pub enum WasmOpt {
    Found,
    Missing,
}

/// Returns the folder of trunk, or `None` if it is on `PATH`.
pub fn trunk() -> Result<Option<PathBuf>> {
    if version_on_path("trunk").is_some_and(|it| it.starts_with("0.21.")) {
        return Ok(None);
    }
    cargo_installed(
        &Tool {
            package: "trunk",
            program: "trunk",
            version: TRUNK,
            locked: true,
        },
        "four minutes on two cores",
    )
}

/// Returns the folder of wasm-bindgen and its test runner, in the version that the page is linked with, or
/// `None` if both are on `PATH`.
pub fn wasm_bindgen() -> Result<Option<PathBuf>> {
    let version = locked_version("wasm-bindgen")?;
    let programs = ["wasm-bindgen", "wasm-bindgen-test-runner"];
    if programs
        .iter()
        .all(|it| version_on_path(it).as_deref() == Some(&version))
    {
        return Ok(None);
    }
    // Not `--locked`: the package's lock file has named crates that were yanked later.
    let tool = Tool {
        package: "wasm-bindgen-cli",
        program: "wasm-bindgen",
        version: &version,
        locked: false,
    };
    cargo_installed(&tool, "three minutes on two cores")
}

/// Returns the folder of cargo-deny, or `None` if it is on `PATH`.
pub fn cargo_deny() -> Result<Option<PathBuf>> {
    if version_on_path("cargo-deny").is_some_and(|it| it.starts_with("0.20.")) {
        return Ok(None);
    }
    cargo_installed(
        &Tool {
            package: "cargo-deny",
            program: "cargo-deny",
            version: CARGO_DENY,
            locked: true,
        },
        "a minute on two cores",
    )
}

/// Returns whether wasm-opt is available, and its folder if it is not on `PATH`.
pub fn wasm_opt() -> Result<(WasmOpt, Option<PathBuf>)> {
    let major = version_on_path("wasm-opt").and_then(|it| it.parse().ok());
    if major.is_some_and(|it: u32| it >= WASM_OPT_AT_LEAST) {
        return Ok((WasmOpt::Found, None));
    }
    match npm::wasm_opt() {
        Ok(folder) => Ok((WasmOpt::Found, Some(folder))),
        Err(error) => {
            println!("The page will be larger than necessary, because wasm-opt is not available: {error:#}.");
            Ok((WasmOpt::Missing, None))
        }
    }
}

/// Returns the path of the program that runs Autobahn's cases on current Python, and installs it if needed.
pub fn kosoku() -> Result<PathBuf> {
    let place = folder()?.join(format!("kosoku-{KOSOKU}"));
    let program = place.join("bin/kosoku");
    if !program.is_file() {
        println!("Installing Autobahn's WebSocket cases for this user (once, seconds).");
        debian::python()?;
        run_quietly(command("python3")?.args(["-m", "venv", "--clear"]).arg(&place))?;
        let mut pip = command(place.join("bin/pip"))?;
        run_quietly(pip.args(["install", "--quiet", &format!("kosoku=={KOSOKU}")]))?;
    }
    Ok(program)
}

/// Returns this user's folder of tools.
pub fn folder() -> Result<PathBuf> {
    Ok(cargo_home()?.join("snug-tools"))
}

pub fn cargo_home() -> Result<PathBuf> {
    Ok(match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir()
            .context("there is no home folder; set CARGO_HOME")?
            .join(".cargo"),
    })
}

struct Tool<'a> {
    package: &'a str,
    program: &'a str,
    version: &'a str,
    locked: bool,
}

fn cargo_installed(tool: &Tool, duration: &str) -> Result<Option<PathBuf>> {
    let Tool {
        package,
        program,
        version,
        locked,
    } = *tool;
    let place = folder()?.join(format!("{program}-{version}"));
    let bin = place.join("bin");
    if !bin.join(program).is_file() {
        println!("Installing {program} {version} for this user (once, about {duration}).");
        let mut install = cargo(&["install", package, "--version", version, "--root"])?;
        install.arg(&place).args(locked.then_some("--locked"));
        // Build tools need not be fast; these settings halve the compile time.
        install
            .env(
                "CARGO_PROFILE_RELEASE_OPT_LEVEL",
                if package == "wasm-bindgen-cli" { "1" } else { "0" },
            )
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "0");
        run_quietly(&mut install)?;
    }
    Ok(Some(bin))
}

/// Returns the version that `--version` prints: the second word, or the third if the second is "version".
fn version_on_path(program: &str) -> Option<String> {
    let said = output_of(command(program).ok()?.arg("--version"))?;
    said.split_whitespace()
        .skip(1)
        .find(|it| *it != "version")
        .map(str::to_owned)
}

fn locked_version(package: &str) -> Result<String> {
    let lock = fs::read_to_string(root()?.join("Cargo.lock")).context("cannot read Cargo.lock")?;
    let entry = format!("name = \"{package}\"\nversion = \"");
    let version = lock.split(&entry).nth(1).and_then(|rest| rest.split('"').next());
    version
        .map(str::to_owned)
        .with_context(|| format!("Cargo.lock has no {package}"))
}
