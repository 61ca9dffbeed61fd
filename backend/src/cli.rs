//! The command line.

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::{
    app,
    config::{Config, Options},
    log,
    store::folder::Folder,
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
    Rebuild(Rebuild),
}

#[derive(Args)]
struct Rebuild {
    /// The folder that holds everything.
    #[arg(long, env = "SNUG_DATA", value_name = "DIR", default_value = crate::config::DATA)]
    data: std::path::PathBuf,
}

/// Does what the command line says, to the end.
pub fn run(cli: Cli) -> Result<()> {
    match cli.command {
        Command::Serve(options) => serve(&Config::resolve(*options)?),
        Command::Rebuild(Rebuild { data }) => {
            let mut folder = Folder::open(&data)?;
            let entries =
                log::rebuild(&mut folder.connection).context("the tables were left as they were")?;
            println!("made again from {entries} entries");
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
