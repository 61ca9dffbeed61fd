//! Implements `cargo xtask dev`: trunk rebuilds the page; this module rebuilds and restarts the server.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{self, Sender};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use notify_debouncer_full::notify::{RecommendedWatcher, RecursiveMode};
use notify_debouncer_full::{
    DebounceEventResult, DebouncedEvent, Debouncer, RecommendedCache, new_debouncer,
};

use crate::command::{self, cargo, command, root};
use crate::service::Service;
use crate::setup;

/// Editors save several files within moments; changes within this time count as one.
const SETTLED: Duration = Duration::from_millis(200);

const WATCHED: &[&str] = &["backend", "shared", "Cargo.toml"];

enum Event {
    Changed,
    Interrupted,
    TrunkEnded(ExitStatus),
    BuildEnded(u64, ExitStatus),
    ServerEnded(u64, ExitStatus),
}

/// Runs `cargo xtask dev` until the user presses Ctrl-C.
pub fn dev() -> Result<()> {
    let tools = setup::page_for_development()?;
    let (events, inbox) = mpsc::channel();
    let interrupted = events.clone();
    ctrlc::set_handler(move || {
        // Sending fails only if dev is already shutting down.
        let _ = interrupted.send(Event::Interrupted);
    })?;
    let _watcher = watch(events.clone())?;

    let mut trunk = tools.trunk("serve")?;
    // dist/ is for release builds: a development page must never be embedded in a released server.
    trunk.arg("--dist").arg(dist()?);
    std::fs::create_dir_all(dist()?).context("cannot create target/dev-page")?;
    let tell = events.clone();
    let _trunk = Service::start(&mut trunk, move |status| {
        drop(tell.send(Event::TrunkEnded(status)))
    })?;

    let mut backend = Backend {
        events,
        round: 0,
        build: None,
        server: None,
    };
    backend.rebuild()?;
    println!("The page will be on http://127.0.0.1:8081 when both builds are done; Ctrl-C ends everything.");
    for event in inbox {
        match event {
            Event::Changed => backend.rebuild()?,
            Event::BuildEnded(round, status) => backend.built(round, status)?,
            Event::ServerEnded(round, status) => backend.ended(round, status),
            Event::TrunkEnded(status) => bail!("trunk ended ({status})"),
            Event::Interrupted => break,
        }
    }
    Ok(())
}

/// The debug server: runs at most one build and one server process, the newest of each.
struct Backend {
    events: Sender<Event>,
    /// Counts rebuilds, so that exit events of older builds and servers can be ignored.
    round: u64,
    build: Option<Service>,
    server: Option<(u64, Service)>,
}

impl Backend {
    /// Starts a build. A build that is still running uses old sources and is cancelled.
    fn rebuild(&mut self) -> Result<()> {
        self.build = None;
        self.round += 1;
        let (round, tell) = (self.round, self.events.clone());
        let on_end = move |status| drop(tell.send(Event::BuildEnded(round, status)));
        self.build = Some(Service::start(
            &mut cargo(&["build", "--package", "snug"])?,
            on_end,
        )?);
        Ok(())
    }

    fn built(&mut self, round: u64, status: ExitStatus) -> Result<()> {
        if round != self.round {
            return Ok(());
        }
        self.build = None;
        if !status.success() {
            println!("The server did not build; {}.", self.what_runs());
            return Ok(());
        }
        // Stop the old server first: the new one needs its port and its data folder.
        self.server = None;
        let tell = self.events.clone();
        let on_end = move |status| drop(tell.send(Event::ServerEnded(round, status)));
        self.server = Some((round, Service::start(&mut server()?, on_end)?));
        Ok(())
    }

    fn ended(&mut self, round: u64, status: ExitStatus) {
        if self.server.as_ref().is_some_and(|(running, _)| *running == round) {
            self.server = None;
            println!("The server ended ({status}); the next change starts it again.");
        }
    }

    fn what_runs(&self) -> &'static str {
        match self.server {
            Some(_) => "the one before goes on running",
            None => "none is running",
        }
    }
}

fn server() -> Result<Command> {
    let mut server = command(command::server("debug")?)?;
    // The page is served from trunk's port.
    let origin = ["--allow-origin", "http://127.0.0.1:8081"];
    server.args(["serve", "--listen", "127.0.0.1:8080"]).args(origin);
    Ok(server)
}

fn dist() -> Result<PathBuf> {
    Ok(root()?.join("target/dev-page"))
}

fn watch(events: Sender<Event>) -> Result<Debouncer<RecommendedWatcher, RecommendedCache>> {
    let on_change = move |changes: DebounceEventResult| {
        if changes.is_ok_and(|changes| changes.iter().any(matters)) {
            let _ = events.send(Event::Changed);
        }
    };
    let mut watcher = new_debouncer(SETTLED, None, on_change).context("cannot watch files")?;
    for place in WATCHED {
        let place = root()?.join(place);
        let watched = watcher.watch(&place, RecursiveMode::Recursive);
        watched.with_context(|| format!("cannot watch {}", place.display()))?;
    }
    Ok(watcher)
}

fn matters(change: &DebouncedEvent) -> bool {
    // Reads are events too, and a build reads every source file.
    !change.kind.is_access() && change.paths.iter().any(|path| is_source(path))
}

/// Returns whether a path is a source file. Editors create swap and backup files next to them.
fn is_source(path: &Path) -> bool {
    path.extension()
        .is_some_and(|it| it == "rs" || it == "toml" || it == "sql")
}
