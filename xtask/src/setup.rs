//! What a command needs and the machine may lack. Each need is looked for first, then installed where
//! this user's other clones find it too, and otherwise ends in one sentence with the command to type.

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

/// All that builds a page.
pub struct PageTools {
    pub wasm: Wasm,
    wasm_opt: WasmOpt,
    /// Folders that go before the user's `PATH`.
    folders: Vec<PathBuf>,
}

/// For a page as it is released.
pub fn page() -> Result<PageTools> {
    let mut tools = page_for_development()?;
    let (wasm_opt, folder) = tools::wasm_opt()?;
    tools.wasm_opt = wasm_opt;
    tools.folders.extend(folder);
    Ok(tools)
}

/// The same without wasm-opt, which only shrinks.
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

/// The client of Autobahn's WebSocket cases.
pub fn kosoku() -> Result<PathBuf> {
    tools::kosoku()
}

/// For the component tests: a browser, the driver that steers it, and what runs tests in it.
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

/// `cargo deny`.
pub fn cargo_deny() -> Result<Command> {
    match tools::cargo_deny()? {
        Some(folder) => command(folder.join("cargo-deny")),
        None => command("cargo-deny"),
    }
}

impl PageTools {
    /// `trunk <subcommand>` with every tool in its reach.
    pub fn trunk(&self, subcommand: &str) -> Result<Command> {
        let mut trunk = command("trunk")?;
        trunk.arg(subcommand).arg("--skip-version-check");
        // trunk takes only `true` and `false` for this, and the convention is `1`.
        if env::var_os("NO_COLOR").is_some() {
            trunk.env_remove("NO_COLOR").args(["--color", "never"]);
        }
        self.prepare(&mut trunk)?;
        Ok(trunk)
    }

    /// `trunk build` with the profile whose bytes come first, and without this machine's folders in them.
    pub fn trunk_build(&self) -> Result<Command> {
        // Not trunk's release mode: wasm-opt is not optional in that, and takes the names, by which the program is
        // parted (xtask/src/finish/module.rs).
        let mut trunk = self.trunk("build")?;
        trunk.args(["--cargo-profile", "page"]);
        let crates = tools::cargo_home()?.join("registry/src");
        trunk.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS",
            format!("--remap-path-prefix={}=", crates.display()),
        );
        Ok(trunk)
    }

    /// `wasm-opt`, if there is one.
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

    /// Gives a command the tools' folders and the compiler for the page.
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
