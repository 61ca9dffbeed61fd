//! Finds or installs a compiler with a standard library for `wasm32-unknown-unknown`.

use std::env;
use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use super::debian;
use crate::command::{command, output_of};

pub const TARGET: &str = "wasm32-unknown-unknown";

/// The compiler of the page.
pub enum Wasm {
    /// The compiler that compiles everything else.
    Usual,
    /// Debian's compiler, which compiles the standard library together with the page.
    Debian,
}

/// Looks for the target in order of cost: installed compilers, a download by rustup (seconds), Debian's
/// packages (a minute).
pub fn find_or_install() -> Result<Wasm> {
    if usual_has_it() {
        return Ok(Wasm::Usual);
    }
    if debian::compiler() {
        return Ok(Wasm::Debian);
    }
    println!("Adding Rust's WebAssembly target (seconds).");
    if output_of(command("rustup")?.args(["target", "add", TARGET])).is_some() && usual_has_it() {
        return Ok(Wasm::Usual);
    }
    if debian::can_install() {
        println!(
            "rustup cannot add it on this machine. Installing Debian's Rust for the page (about a minute)."
        );
        debian::install(debian::COMPILER)?;
        if debian::compiler() {
            return Ok(Wasm::Debian);
        }
    }
    bail!("the page needs Rust's WebAssembly target: `rustup target add {TARGET}`")
}

impl Wasm {
    /// Sets the environment variables with which cargo compiles for the page.
    pub fn prepare(&self, command: &mut Command) {
        if matches!(self, Self::Debian) {
            command
                .env("RUSTC", debian::RUSTC)
                // Building the standard library is an unstable feature, and Debian's compiler is a stable
                // one.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_UNSTABLE_BUILD_STD", "std,panic_abort");
        }
    }
}

fn usual_has_it() -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = command(rustc)
        .ok()
        .and_then(|mut it| output_of(it.args(["--print", "sysroot"])));
    sysroot.is_some_and(|it| {
        Path::new(&it)
            .join("lib/rustlib")
            .join(TARGET)
            .join("lib")
            .is_dir()
    })
}
