//! Describes the machine on which a run was measured.

use std::{fs, process::Command};

use serde::{Deserialize, Serialize};

use crate::server::count_of_cores;

/// The machine and the commit of a run.
#[derive(Clone, Serialize, Deserialize)]
pub struct Machine {
    /// The processor's name.
    processor: String,
    /// The number of cores.
    cores: usize,
    /// The memory, in GiB.
    memory_gib: u64,
    /// The version of the Linux kernel.
    kernel: String,
    /// The file system of the data folder.
    file_system: String,
    /// The commit that was measured.
    commit: String,
}

impl Machine {
    /// Describes this machine.
    pub fn here() -> Self {
        let line = |file: &str, name: &str| {
            let text = fs::read_to_string(file).unwrap_or_default();
            let line = text.lines().find(|it| it.starts_with(name)).unwrap_or_default();
            line.split_once(':')
                .map_or_else(String::new, |it| it.1.trim().to_owned())
        };
        let kilobytes: u64 = line("/proc/meminfo", "MemTotal")
            .trim_end_matches(" kB")
            .parse()
            .unwrap_or_default();
        Self {
            processor: line("/proc/cpuinfo", "model name"),
            cores: count_of_cores().unwrap_or_default(),
            memory_gib: kilobytes.div_ceil(1 << 20),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")
                .unwrap_or_default()
                .trim()
                .to_owned(),
            file_system: said("stat", &["--file-system", "--format=%T", "."]),
            commit: said("git", &["describe", "--always", "--dirty", "--exclude=*"]),
        }
    }

    /// Formats the description in one line.
    pub fn line(&self) -> String {
        let Self {
            processor,
            cores,
            memory_gib,
            kernel,
            file_system,
            commit,
        } = self;
        format!(
            "{processor}, {cores} cores, {memory_gib} GiB, Linux {kernel}, {file_system}; commit {commit}"
        )
    }
}

fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output.map_or_else(
        |_| String::new(),
        |it| String::from_utf8_lossy(&it.stdout).trim().to_owned(),
    )
}
