//! A server's use of processors and memory, read from /proc.

use std::{collections::HashMap, fs};

use anyhow::{Context, Result};

/// The processor's time of each thread, and for how long it was ready and something else ran, in nanoseconds.
pub struct Cpu(HashMap<String, Spent>);

/// See [`Cpu`].
#[derive(Clone, Copy, Default)]
pub struct Spent {
    /// On a core.
    pub running: u64,
    /// Held up by other processes, or by its own threads.
    pub waiting: u64,
}

impl Cpu {
    /// Of a process until now.
    pub fn of(pid: u32) -> Result<Self> {
        let mut threads = HashMap::new();
        for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
            let thread = thread?;
            // It may have ended meanwhile.
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

    /// What was spent between an earlier reading and this one.
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

/// The memory of a process, in bytes: resident, and its share of what it shares.
pub fn memory(pid: u32) -> Result<(u64, u64)> {
    let books = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    Ok((kilobytes(&books, "Rss:")?, kilobytes(&books, "Pss:")?))
}

/// What the kernel holds, in bytes, of all processes together: buffers of TCP, and slabs, in which sockets are.
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
    fn work_costs_time_and_memory_is_read() {
        let own = std::process::id();
        let before = Cpu::of(own).expect("this process");
        while Cpu::of(own).expect("this process").since(&before).running == 0 {}
        let (resident, share) = memory(own).expect("this process");
        assert!(resident >= share && share > 0);
        assert!(kernel().expect("this machine").1 > 0);
    }
}
