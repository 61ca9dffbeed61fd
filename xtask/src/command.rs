//! Finds and runs other programs, with their output shown or hidden.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// Returns the workspace's folder.
pub fn root() -> Result<PathBuf> {
    // Read at run time: a clone may be moved together with its target folder.
    let own = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
    Ok(Path::new(&own)
        .parent()
        .context("xtask lies in the workspace's folder")?
        .to_owned())
}

/// Returns the path of the server's binary in the given profile's folder, next to this program's own folder.
pub fn server(profile: &str) -> Result<PathBuf> {
    // `CARGO_TARGET_DIR` or cargo's configuration may put both outside target/.
    let own = env::current_exe().context("where is xtask?")?;
    let target = own.ancestors().nth(2).context("xtask lies in target/debug")?;
    Ok(target.join(profile).join("snug"))
}

/// Creates a command that runs in the workspace's folder.
pub fn command(program: impl AsRef<OsStr>) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir(root()?);
    Ok(command)
}

/// Creates a command for the cargo that started xtask.
pub fn cargo(args: &[&str]) -> Result<Command> {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))?;
    cargo.args(args);
    Ok(cargo)
}

/// Runs a command with its output shown. Fails if it exits with an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command with its output hidden, and prints the output only if it fails.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        eprint!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    Ok(())
}

/// Returns what a command prints, or `None` if it cannot be started or fails.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Finds the first file of that name on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Formats a command as a user would type it.
pub fn shown(command: &Command) -> String {
    let mut line = String::new();
    for (name, value) in command.get_envs() {
        if let Some(value) = value.filter(|_| name != "PATH") {
            let _ = write!(line, "{}={} ", name.to_string_lossy(), quoted(value));
        }
    }
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    line += &program.to_string_lossy();
    for arg in command.get_args() {
        let _ = write!(line, " {}", quoted(arg));
    }
    line
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains([' ', '"']) {
        format!("'{word}'")
    } else {
        word.into_owned()
    }
}
