//! `snug`: one program, one folder of data.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    match snug::cli::run(snug::cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            snug::output::error(format_args!("snug: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
