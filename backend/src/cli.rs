//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use nix::sys::{
    resource::{Resource, getrlimit, setrlimit},
    stat::{Mode, umask},
};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

use crate::{
    backup,
    config::{Config, LogFormat, Options},
    heap, log, output, server,
    store::folder::Folder,
};

/// Team chat that you host yourself: one program, one data folder.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the chat server.
    Serve(Box<Options>),
    /// Rebuild the database tables from the log. Stop Snug first.
    Rebuild(Data),
    /// Back up everything to a new file, also while Snug is running. The backup contains secrets: keep it safe.
    Backup(Backup),
    /// Restore a backup to the data folder; the previous data is kept there under another name. A running Snug restarts with it.
    Restore(Backup),
}

#[derive(Args)]
struct Data {
    /// The data folder.
    #[arg(long, env = "SNUG_DATA", value_name = "DIR", default_value = crate::config::DATA)]
    data: PathBuf,
}

#[derive(Args)]
struct Backup {
    /// The backup file.
    file: PathBuf,
    #[command(flatten)]
    folder: Data,
}

/// Runs the command of the command line to its end.
pub fn run(cli: Cli) -> Result<()> {
    // Only the owner of the process may read the files that it creates, SQLite's included.
    umask(Mode::S_IRWXG | Mode::S_IRWXO);
    match cli.command {
        Command::Serve(options) => serve(&Config::resolve(*options)?),
        Command::Rebuild(Data { data }) => {
            let mut folder = Folder::open(&data)?;
            let transaction = folder.connection.transaction()?;
            let entries = log::rebuild(&transaction).context("the tables were not changed")?;
            transaction.commit()?;
            output::line(format_args!("rebuilt from {entries} entries"));
            Ok(())
        }
        Command::Backup(Backup { file, folder }) => {
            let (data, to) = (folder.data, file.clone());
            let entries = until_stopped(move || backup::backup(&data, &to))??;
            output::line(format_args!(
                "backed up {entries} entries to {} (verified)",
                file.display()
            ));
            Ok(())
        }
        Command::Restore(Backup { file, folder }) => {
            let data = folder.data.clone();
            let entries = until_stopped(move || backup::restore(&file, &data))??;
            let data = folder.data.display();
            output::line(format_args!(
                "restored {entries} entries to {data} (verified); the previous data is kept there under another name"
            ));
            Ok(())
        }
    }
}

/// Creates or restores a backup. SIGINT and SIGTERM stop it in order, so that it leaves nothing incomplete behind.
fn until_stopped<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("could not start the runtime")?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) =
            (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let mut working = tokio::task::spawn_blocking(work);
        tokio::select! {
            done = &mut working => return Ok(done?),
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        backup::stop();
        Ok(working.await?)
    })
}

/// Raises the limit of open files to what `wanted` connections need, as far as the system allows it.
fn raise_fd_limit(wanted: usize) {
    // Files besides the connections: the database, its readers, standard streams, and those of the runtime's event loop.
    const BESIDES: u64 = 64;
    let Ok((files, most)) = getrlimit(Resource::RLIMIT_NOFILE) else {
        return;
    };
    let wanted = wanted as u64 + BESIDES;
    let allowed = if files < wanted && setrlimit(Resource::RLIMIT_NOFILE, wanted.min(most), most).is_ok() {
        wanted.min(most)
    } else {
        files
    };
    if allowed < wanted {
        tracing::warn!(
            allowed,
            wanted,
            "the limit of open files is too low for max-connections"
        );
    }
}

fn serve(config: &Config) -> Result<()> {
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.log).context("the setting `log` is not a valid filter")?)
        // Colours are for terminals: a file gets none.
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        // Errors of writing the log are dropped: to report them in the same place would end the program.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    raise_fd_limit(config.connections);
    heap::configure();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    #[cfg(target_os = "linux")]
    crate::processors::assign(&mut runtime);
    runtime
        .enable_all()
        .build()
        .context("could not start the runtime")?
        .block_on(server::serve(config))
}
