//! The command line.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    app,
    config::{Config, Options},
    log,
    store::{backup, folder::Folder},
};

/// A chat room of your own: one program, one folder of data.
#[derive(Parser)]
#[command(version, about)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the chat room and its page.
    Serve(Box<Options>),
    /// Make the tables again from the log, which is the truth. Stop Snug first.
    Rebuild(Data),
    /// Write everything into one new file, also while Snug serves. It holds secrets: keep it safe.
    Backup(Backup),
    /// Put a backup into the folder. Stop Snug first; what the folder held is moved aside in it.
    Restore(Backup),
}

#[derive(Args)]
struct Data {
    /// The folder that holds everything.
    #[arg(long, env = "SNUG_DATA", value_name = "DIR", default_value = crate::config::DATA)]
    data: PathBuf,
}

#[derive(Args)]
struct Backup {
    /// The backup.
    file: PathBuf,
    #[command(flatten)]
    folder: Data,
}

/// Does what the command line says, to the end.
pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(options) => serve(&Config::resolve(*options)?),
        Command::Rebuild(Data { data }) => {
            let mut folder = Folder::open(&data)?;
            let transaction = folder.connection.transaction()?;
            let entries = log::rebuild(&transaction).context("the tables were left as they were")?;
            transaction.commit()?;
            println!("made again from {entries} entries");
            Ok(())
        }
        Command::Backup(Backup { file, folder }) => {
            let entries = backup::backup(&folder.data, &file)?;
            println!("{entries} entries are in {}, checked", file.display());
            Ok(())
        }
        Command::Restore(Backup { file, folder }) => {
            let (entries, aside) = backup::restore(&file, &folder.data)?;
            println!("{entries} entries are in {}, checked", folder.data.display());
            if let Some(aside) = aside {
                println!("what it held is now in {}", aside.display());
            }
            Ok(())
        }
    }
}

fn serve(config: &Config) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(&config.log).context("the setting `log` is not a filter")?)
        .with_writer(std::io::stderr)
        .init();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime could not start")?
        .block_on(app::serve(config))
}
