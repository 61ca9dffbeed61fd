//! Assigns threads to processors (sched_setaffinity(2), Linux; docs/adr/0016).
//!
//! Linux balances the load of busy processors every few tens of milliseconds. Until then two of the runtime's workers may share one
//! processor while the other processor has only background work. So each worker has a processor of its own, and steals tasks from
//! busy workers. All other threads run on any processor.

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    thread::available_parallelism,
};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that the process may run on. Unset if no worker is bound to one.
static ALL: OnceLock<CpuSet> = OnceLock::new();

/// Assigns a processor to each worker of the process's runtime, if there are as many workers as processors that the process may run
/// on. In a container with a quota there are fewer workers: those of several containers would be bound to the same processors.
pub(crate) fn assign(runtime: &mut tokio::runtime::Builder) {
    let workers = available_parallelism().map_or(1, usize::from);
    let Ok(all) = sched_getaffinity(None) else { return };
    if workers < 2 || all.count() as usize != workers || ALL.set(all).is_err() {
        return;
    }
    let begun = AtomicUsize::new(0);
    // The workers are the first threads that a runtime begins.
    runtime.worker_threads(workers).on_thread_start(move || {
        let number = begun.fetch_add(1, Ordering::Relaxed);
        match (0..CpuSet::MAX_CPU).filter(|it| all.is_set(*it)).nth(number) {
            Some(processor) => {
                let mut own = CpuSet::new();
                own.set(processor);
                run_on(&own);
            }
            None => run_on(&all),
        }
    });
}

/// Lets this thread run on any processor of the process. A thread inherits the processors of the thread that started it.
pub(crate) fn run_anywhere() {
    if let Some(all) = ALL.get() {
        run_on(all);
    }
}

fn run_on(processors: &CpuSet) {
    // A sandbox may refuse the call: then the system chooses.
    let _ = sched_setaffinity(None, processors);
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use tokio::runtime::Handle;

    use super::*;
    use crate::background::Pool;

    fn own() -> Vec<usize> {
        let set = sched_getaffinity(None).expect("every thread has some");
        (0..CpuSet::MAX_CPU).filter(|it| set.is_set(*it)).collect()
    }

    #[test]
    fn a_worker_has_one_processor_and_every_other_thread_has_all() {
        let all = own();
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        assign(&mut runtime);
        if ALL.get().is_none() {
            return;
        }
        let runtime = runtime.build().expect("a runtime");
        // Each task blocks its worker until every worker has one.
        let barrier = Arc::new(Barrier::new(all.len()));
        let workers = all.iter().map(|_| {
            let barrier = barrier.clone();
            runtime.spawn(async move {
                barrier.wait();
                own()
            })
        });
        let workers: Vec<_> = workers.collect();
        runtime.block_on(async move {
            let mut together = Vec::new();
            for worker in workers {
                let own = worker.await.expect("it ends well");
                assert_eq!(own.len(), 1);
                together.extend(own);
            }
            together.sort_unstable();
            assert_eq!(together, all);
            let blocking = tokio::task::spawn_blocking(own).await;
            assert_eq!(blocking.expect("it ends well"), all);
            let begun_by_a_worker = Handle::current().spawn(async {
                let pool = Pool::<()>::new("test", 1);
                pool.run(|()| own()).await
            });
            let background = begun_by_a_worker.await.expect("it ends well");
            assert_eq!(background.expect("it is done"), all);
        });
    }
}
