//! Finds or installs the tools that a command needs. Each tool is looked up first, then installed where this
//! user's other clones find it too. If that fails, the error names the command that installs it.

mod debian;
mod npm;
mod tools;
mod wasm;

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use self::tools::WasmOpt;
use crate::command::command;

pub use debian::{engines, strace};
pub use npm::{npx, stories};
pub use wasm::{TARGET, Wasm};

/// The tools that build the page.
pub struct PageTools {
    pub wasm: Wasm,
    wasm_opt: WasmOpt,
    /// Folders to put before the user's `PATH`.
    folders: Vec<PathBuf>,
}

/// Returns the tools that build the page for a release.
pub fn page() -> Result<PageTools> {
    let mut tools = page_for_development()?;
    let (wasm_opt, folder) = tools::wasm_opt()?;
    tools.wasm_opt = wasm_opt;
    tools.folders.extend(folder);
    Ok(tools)
}

/// Returns the same tools without wasm-opt, which only reduces the size.
pub fn page_for_development() -> Result<PageTools> {
    let wasm = wasm::find_or_install()?;
    let folders = [tools::trunk()?, tools::wasm_bindgen()?]
        .into_iter()
        .flatten()
        .collect();
    Ok(PageTools {
        wasm,
        wasm_opt: WasmOpt::Missing,
        folders,
    })
}

/// Returns the path of the client that runs Autobahn's WebSocket cases.
pub fn kosoku() -> Result<PathBuf> {
    tools::kosoku()
}

/// Returns the tools for the component tests, and installs a browser and its driver.
pub fn components() -> Result<PageTools> {
    debian::browser()?;
    let wasm = wasm::find_or_install()?;
    let folders = tools::wasm_bindgen()?.into_iter().collect();
    Ok(PageTools {
        wasm,
        wasm_opt: WasmOpt::Missing,
        folders,
    })
}

/// Returns a `cargo deny` command.
pub fn cargo_deny() -> Result<Command> {
    match tools::cargo_deny()? {
        Some(folder) => command(folder.join("cargo-deny")),
        None => command("cargo-deny"),
    }
}

impl PageTools {
    /// Returns `trunk <subcommand>` with all tools on its `PATH`.
    pub fn trunk(&self, subcommand: &str) -> Result<Command> {
        let mut trunk = command("trunk")?;
        trunk.arg(subcommand).arg("--skip-version-check");
        // trunk accepts only `true` and `false` for this variable; the convention is `1`.
        if env::var_os("NO_COLOR").is_some() {
            trunk.env_remove("NO_COLOR").args(["--color", "never"]);
        }
        self.prepare(&mut trunk)?;
        Ok(trunk)
    }

    /// Returns `trunk build` with the profile that optimizes for size, and without this machine's paths in
    /// the output.
    pub fn trunk_build(&self) -> Result<Command> {
        // Not trunk's release mode: it always runs wasm-opt, which removes the function names, by which the
        // module is split (xtask/src/postprocess/wasm_split.rs).
        let mut trunk = self.trunk("build")?;
        trunk.args(["--cargo-profile", "page"]);
        let crates = tools::cargo_home()?.join("registry/src");
        trunk.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            format!("--remap-path-prefix={}=", crates.display()),
        );
        Ok(trunk)
    }

    /// Returns a `wasm-opt` command, or `None` if it is not available.
    pub fn wasm_opt(&self) -> Result<Option<Command>> {
        Ok(match self.wasm_opt {
            WasmOpt::Found => {
                let mut wasm_opt = command("wasm-opt")?;
                self.prepare(&mut wasm_opt)?;
                Some(wasm_opt)
            }
            WasmOpt::Missing => None,
        })
    }

    /// Sets a command's `PATH`, and the compiler for the page.
    pub fn prepare(&self, command: &mut Command) -> Result<()> {
        let inherited = env::var_os("PATH").unwrap_or_default();
        let path = self.folders.iter().cloned().chain(env::split_paths(&inherited));
        command.env(
            "PATH",
            env::join_paths(path).context("PATH holds a name that cannot be in it")?,
        );
        self.wasm.prepare(command);
        Ok(())
    }
}
