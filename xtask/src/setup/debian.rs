//! Installs Debian packages: browsers, and a Rust compiler for the page on machines that cannot download one
//! from rustup.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use nix::unistd::geteuid;

use crate::command::{command, on_path, output_of, run_quietly};

/// The path of Debian's compiler; rustup's comes first on `PATH`.
pub const RUSTC: &str = "/usr/bin/rustc";

/// Debian's newest Rust (packaged for its browsers), the source of the standard library, and a linker.
pub const COMPILER: &[&str] = &["rustc-web", "rust-web-src", "rust-web-llvm", "lld-22"];

const SOURCE: &str = "/usr/lib/rustlib/src/rust/library/Cargo.lock";
const LINKER: &str = "rust-lld";

/// Returns whether packages can be installed: only as root on Debian. xtask never asks for a password, and
/// does not support other package managers.
pub fn can_install() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && geteuid().is_root() && on_path("apt-get").is_some()
}

pub fn install(packages: &[&str]) -> Result<()> {
    let apt = |args: &[&str]| -> Result<()> {
        run_quietly(
            command("apt-get")?
                .env("DEBIAN_FRONTEND", "noninteractive")
                .args(args),
        )
    };
    let install = [
        &["install", "--yes", "--quiet", "--no-install-recommends"],
        packages,
    ]
    .concat();
    // A fresh image has no package lists, and those of an old image may name packages that no longer exist.
    apt(&["update", "--quiet"])?;
    apt(&install)
}

/// Returns whether Debian's compiler is installed, complete, and new enough for the workspace.
pub fn compiler() -> bool {
    let new_enough = || {
        let version = output_of(command(RUSTC).ok()?.arg("--version"))?;
        let minor: u32 = version
            .strip_prefix("rustc 1.")?
            .split('.')
            .next()?
            .parse()
            .ok()?;
        Some(minor >= env!("CARGO_PKG_RUST_VERSION").strip_prefix("1.")?.parse().ok()?)
    };
    Path::new(SOURCE).is_file() && on_path(LINKER).is_some() && new_enough().unwrap_or(false)
}

/// Installs Chromium, its driver, and the fonts for Chinese and emoji that the stories check.
pub fn browser() -> Result<()> {
    let packages = [
        "chromium",
        "chromium-driver",
        "fonts-noto-cjk",
        "fonts-noto-color-emoji",
    ];
    install_missing(&packages, "Chromium and fonts")?;
    if on_path("chromedriver").is_none() {
        bail!("the tests need Chromium and chromedriver: `sudo apt-get install chromium chromium-driver`");
    }
    Ok(())
}

/// Installs the other two browser engines: Firefox, which needs no driver, and WebKit with its driver and a
/// virtual display.
pub fn engines() -> Result<()> {
    install_missing(
        &["firefox-esr", "webkit2gtk-driver", "xvfb"],
        "Firefox and WebKit",
    )?;
    let firefox = on_path("firefox-esr").or_else(|| on_path("firefox"));
    if firefox.is_none() || on_path("WebKitWebDriver").is_none() || on_path("Xvfb").is_none() {
        bail!(
            "the stories need Firefox and WebKit: `sudo apt-get install firefox-esr webkit2gtk-driver xvfb`"
        );
    }
    Ok(())
}

fn install_missing(packages: &[&str], what: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|it| !installed(it)).collect();
    if can_install() && !missing.is_empty() {
        println!("Installing {what} for the tests (about a minute).");
        install(&missing).with_context(|| format!("the tests need {what}"))?;
    }
    Ok(())
}

/// Installs Python with venv.
pub fn python() -> Result<()> {
    let works = || output_of(command("python3").ok()?.args(["-c", "import ensurepip"]));
    if works().is_none() && can_install() {
        install(&["python3-venv"])?;
    }
    if works().is_none() {
        bail!("the WebSocket cases need Python 3 with venv: `sudo apt-get install python3-venv`");
    }
    Ok(())
}

/// Installs strace, which records the server's system calls in the longest test.
pub fn strace() -> Result<()> {
    if on_path("strace").is_none() && can_install() {
        println!("Installing strace.");
        install(&["strace"]).context("the test of the system calls needs strace")?;
    }
    if on_path("strace").is_none() {
        bail!("the test of the system calls needs strace: `sudo apt-get install strace`");
    }
    Ok(())
}

fn installed(package: &str) -> bool {
    let status = command("dpkg-query")
        .ok()
        .and_then(|mut it| output_of(it.args(["--show", "--showformat=${db:Status-Status}", package])));
    status.as_deref() == Some("installed")
}
