//! Other programs: finding them, running them aloud or in silence.

use std::env;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

/// The workspace's folder.
pub fn root() -> Result<PathBuf> {
    // Read while running, since a clone may be moved together with its target folder.
    let own = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
    Ok(Path::new(&own)
        .parent()
        .context("xtask lies in the workspace's folder")?
        .to_owned())
}

/// The server's binary in the given profile's folder, beside this program's own.
pub fn server(profile: &str) -> Result<PathBuf> {
    // `CARGO_TARGET_DIR` and cargo's configuration may have put both elsewhere than in target/.
    let own = env::current_exe().context("where is xtask?")?;
    let target = own.ancestors().nth(2).context("xtask lies in target/debug")?;
    Ok(target.join(profile).join("snug"))
}

/// A command in the workspace's folder.
pub fn command(program: impl AsRef<OsStr>) -> Result<Command> {
    let mut command = Command::new(program);
    command.current_dir(root()?);
    Ok(command)
}

/// The cargo that runs this.
pub fn cargo(args: &[&str]) -> Result<Command> {
    let mut cargo = command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))?;
    cargo.args(args);
    Ok(cargo)
}

/// Runs it with its output in view.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs it unseen, and gives what it said only when it fails.
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

/// What it prints, if it can be started and succeeds.
pub fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The first executable of that name on `PATH`.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// The command as one would type it.
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
