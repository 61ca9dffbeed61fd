//! The peers: other servers with the same task, installed from the registries in the versions that the lock
//! files in `peers/` pin.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    bench::Bench,
    protocol_adapter,
    target::{Target, Tier},
};

/// One peer.
pub struct Peer {
    /// How to run it.
    pub target: Target,
    /// Installs it into `target/bench/peers`.
    install: fn(&Bench, &Path) -> Result<()>,
    /// Whether it is so well known that the quick run includes it.
    pub quick: bool,
}

const BARE: Target = Target {
    name: "",
    tier: Tier::Bare,
    adapter: &protocol_adapter::BROADCAST,
    command: |_, _, _| bail!("nothing is run"),
};

/// All peers.
pub const ALL: [Peer; 10] = [
    Peer {
        target: Target {
            name: "uwebsockets",
            command: |bench, port, _| node(bench, "uwebsockets", port),
            ..BARE
        },
        install: npm,
        quick: true,
    },
    Peer {
        target: Target {
            name: "ws",
            command: |bench, port, _| node(bench, "ws", port),
            ..BARE
        },
        install: npm,
        quick: true,
    },
    Peer {
        target: Target {
            name: "bun",
            command: |bench, port, _| {
                let place = place(bench, "bun");
                Ok(with_port(
                    Command::new(place.join("node_modules/.bin/bun")),
                    &place.join("server.js"),
                    port,
                ))
            },
            ..BARE
        },
        install: npm,
        quick: false,
    },
    Peer {
        target: Target {
            name: "nodejs-websocket",
            command: |bench, port, _| node(bench, "nodejs-websocket", port),
            ..BARE
        },
        install: npm,
        quick: false,
    },
    Peer {
        target: Target {
            name: "socket.io",
            adapter: &protocol_adapter::SOCKET_IO,
            command: |bench, port, _| node(bench, "socket.io", port),
            ..BARE
        },
        install: npm,
        quick: false,
    },
    Peer {
        target: Target {
            name: "websockets",
            command: |bench, port, _| {
                let place = place(bench, "websockets");
                Ok(with_port(
                    Command::new(place.join("venv/bin/python3")),
                    &place.join("server.py"),
                    port,
                ))
            },
            ..BARE
        },
        install: pip,
        quick: false,
    },
    Peer {
        target: Target {
            name: "warp",
            command: |bench, port, _| rust(bench, "warp", port),
            ..BARE
        },
        install: cargo,
        quick: false,
    },
    Peer {
        target: Target {
            name: "tungstenite",
            command: |bench, port, _| rust(bench, "tungstenite", port),
            ..BARE
        },
        install: cargo,
        quick: false,
    },
    Peer {
        target: Target {
            name: "fastwebsockets",
            command: |bench, port, _| rust(bench, "fastwebsockets", port),
            ..BARE
        },
        install: cargo,
        quick: false,
    },
    Peer {
        target: Target {
            name: "inspircd",
            tier: Tier::Chat,
            adapter: &protocol_adapter::IRC,
            command: |bench, port, folder| {
                let place = place(bench, "inspircd");
                let settings = fs::read_to_string(place.join("inspircd.conf"))?
                    .replace("PORT", &port.to_string())
                    .replace("FOLDER", &folder.display().to_string())
                    .replace(
                        "MODULES",
                        &place.join("usr/lib/inspircd/modules").display().to_string(),
                    );
                let config = folder.join("inspircd.conf");
                fs::write(&config, settings)?;
                let mut irc = Command::new(place.join("usr/sbin/inspircd"));
                irc.args(["--nofork", "--runasroot", "--config"]).arg(config);
                Ok(irc)
            },
        },
        install: debian,
        quick: false,
    },
];

impl Peer {
    /// Installs the peer, unless this version is installed already.
    pub fn install(&self, bench: &Bench) -> Result<()> {
        (self.install)(bench, &place(bench, self.target.name))
    }
}

fn place(bench: &Bench, name: &str) -> PathBuf {
    bench.place.join("peers").join(name)
}

/// Copies the peer's own files, without the lock file, to its install folder. Returns whether the lock file has
/// changed.
fn copy(bench: &Bench, name: &str, to: &Path, lock: &str) -> Result<bool> {
    let from = bench.root.join("bench/peers").join(name);
    fs::create_dir_all(to)?;
    let changed = fs::read(from.join(lock))? != fs::read(to.join(lock)).unwrap_or_default();
    for file in fs::read_dir(from)? {
        let file = file?;
        // The caller copies the lock file, which marks a complete install.
        if file.file_type()?.is_file() && file.file_name() != lock {
            fs::copy(file.path(), to.join(file.file_name()))?;
        }
    }
    Ok(changed)
}

fn npm(bench: &Bench, place: &Path) -> Result<()> {
    let name = place.file_name().and_then(|it| it.to_str()).context("a name")?;
    let lock = "package-lock.json";
    if copy(bench, name, place, lock)? {
        println!("installing {name} from npm");
        let own = bench.root.join("bench/peers").join(name).join(lock);
        fs::copy(&own, place.join(lock))?;
        let installed = quietly(
            Command::new("npm")
                .args(["ci", "--no-audit", "--no-fund"])
                .current_dir(place),
        );
        if installed.is_err() {
            fs::remove_file(place.join(lock))?;
        }
        installed?;
    }
    Ok(())
}

fn pip(bench: &Bench, place: &Path) -> Result<()> {
    let lock = "requirements.txt";
    if copy(bench, "websockets", place, lock)? {
        println!("installing websockets from PyPI");
        quietly(
            Command::new("python3")
                .args(["-m", "venv", "venv"])
                .current_dir(place),
        )?;
        let own = bench.root.join("bench/peers/websockets").join(lock);
        let mut pip = Command::new(place.join("venv/bin/pip"));
        quietly(pip.args(["install", "--quiet", "--no-deps", "-r"]).arg(&own))?;
        fs::copy(own, place.join(lock))?;
    }
    Ok(())
}

/// Builds the three Rust peers, which are one package. Cargo detects itself what has changed.
fn cargo(bench: &Bench, _: &Path) -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    build
        .args(["build", "--release", "--locked", "--quiet", "--target-dir"])
        .arg(bench.place.join("peers/rust"))
        .current_dir(bench.root.join("bench/peers/rust"));
    println!("building the peers in Rust (minutes the first time)");
    quietly(&mut build)
}

/// Unpacks Debian's package without installing it, as that would add a daemon that starts with the machine.
fn debian(bench: &Bench, place: &Path) -> Result<()> {
    copy(bench, "inspircd", place, "inspircd.conf")?;
    let own = bench.root.join("bench/peers/inspircd/inspircd.conf");
    if !place.join("usr/sbin/inspircd").exists() {
        println!("fetching inspircd from Debian");
        quietly(
            Command::new("apt-get")
                .args(["download", "inspircd"])
                .current_dir(place),
        )?;
        let mut packages = fs::read_dir(place)?.filter_map(Result::ok).map(|it| it.path());
        let package = packages.find(|it| it.extension().is_some_and(|it| it == "deb"));
        let package = package.context("a package was fetched")?;
        quietly(Command::new("dpkg").arg("--extract").arg(package).arg(place))?;
    }
    fs::copy(own, place.join("inspircd.conf"))?;
    Ok(())
}

fn node(bench: &Bench, name: &str, port: u16) -> Result<Command> {
    let server = place(bench, name).join("server.js");
    Ok(with_port(Command::new("node"), &server, port))
}

fn rust(bench: &Bench, name: &str, port: u16) -> Result<Command> {
    let mut command = Command::new(bench.place.join("peers/rust/release").join(name));
    command.arg(port.to_string());
    Ok(command)
}

fn with_port(mut command: Command, program: &Path, port: u16) -> Command {
    command.arg(program).arg(port.to_string());
    command
}

fn quietly(command: &mut Command) -> Result<()> {
    let program = command.get_program().display().to_string();
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("there is no {program}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{program} failed: {said}");
    Ok(())
}
