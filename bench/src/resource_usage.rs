//! Reads a server's use of processors and memory from /proc.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result};

/// For each thread, the processor time that it used, and the time that it was ready while something else ran.
pub struct Cpu(HashMap<String, Spent>);

/// Processor times of one thread or of several, in nanoseconds.
#[derive(Clone, Copy, Default)]
pub struct Spent {
    /// Time on a core.
    pub running: u64,
    /// Time ready to run, but without a core: other processes or the server's own threads had it.
    pub waiting: u64,
}

impl Cpu {
    /// Reads the times of a process up to now.
    pub fn of(pid: u32) -> Result<Self> {
        let mut threads = HashMap::new();
        for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
            let thread = thread?;
            // The thread may have ended meanwhile.
            let Ok(books) = fs::read_to_string(thread.path().join("schedstat")) else {
                continue;
            };
            let mut numbers = books.split_whitespace().map(str::parse);
            let mut number = || -> Result<u64> { Ok(numbers.next().context("three numbers")??) };
            let (running, waiting) = (number()?, number()?);
            let name = thread.file_name().to_string_lossy().into_owned();
            threads.insert(name, Spent { running, waiting });
        }
        Ok(Self(threads))
    }

    /// Returns the time spent since an earlier reading.
    pub fn since(&self, earlier: &Self) -> Spent {
        let mut sum = Spent::default();
        for (thread, now) in &self.0 {
            let before = earlier.0.get(thread).copied().unwrap_or_default();
            sum.running += now.running - before.running;
            sum.waiting += now.waiting - before.waiting;
        }
        sum
    }
}

/// Returns the memory of a process, in bytes: resident (RSS), and with shared pages divided among their users
/// (PSS).
pub fn memory(pid: u32) -> Result<(u64, u64)> {
    let books = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok((kilobytes(&books, "Rss:")?, kilobytes(&books, "Pss:")?))
}

/// Returns memory of the kernel for all processes together, in bytes: TCP buffers, and slabs, which contain
/// the sockets.
pub fn kernel() -> Result<(u64, u64)> {
    let sockets = fs::read_to_string("/proc/net/sockstat")?;
    let tcp = sockets
        .lines()
        .find(|it| it.starts_with("TCP:"))
        .context("TCP's line")?;
    let pages: u64 = tcp.rsplit(' ').next().context("its last number")?.parse()?;
    let slab = kilobytes(&fs::read_to_string("/proc/meminfo")?, "Slab:")?;
    Ok((pages * 4096, slab))
}

fn kilobytes(books: &str, name: &str) -> Result<u64> {
    let line = books.lines().find(|it| it.starts_with(name));
    let number = line.and_then(|it| it.split_whitespace().nth(1));
    Ok(number.with_context(|| format!("no {name}"))?.parse::<u64>()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_processor_time_and_memory_is_measured() {
        let own = std::process::id();
        let before = Cpu::of(own).expect("this process");
        while Cpu::of(own).expect("this process").since(&before).running == 0 {}
        let (resident, share) = memory(own).expect("this process");
        assert!(resident >= share && share > 0);
        assert!(kernel().expect("this machine").1 > 0);
    }
}
