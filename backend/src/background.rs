//! Threads for work that takes milliseconds: hashes, pictures and queries. They have a lower priority than the runtime's threads
//! and the log's.
//!
//! The system's scheduler would otherwise give each of them as much time as a thread that serves clients: a few guests who register
//! would take most of the processor, and all messages would wait. A thread of low priority that loses the processor while it holds a
//! lock keeps the lock for milliseconds. So these threads share no lock with the runtime's threads that is taken for each piece of
//! work. Tokio's pool of blocking threads has one lock for its queue.

use std::{
    mem::take,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use thiserror::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

/// The increase of the thread's niceness over the process's (setpriority(2)): if both want the processor, such a thread has a tenth
/// of the time of one that serves clients. If no other thread does, it has all of it.
const NICENESS: i32 = 10;

/// Reports that the work panicked, or that the system has no thread for it.
#[derive(Clone, Copy, Debug, Error)]
#[error("work in the background was not finished")]
pub struct Unfinished;

/// A number of threads, each with a state that its work may use.
pub struct Pool<S>(Arc<Threads<S>>);

struct Threads<S> {
    name: &'static str,
    /// One permit for each thread, given in the order of the requests.
    permits: Arc<Semaphore>,
    idle: Mutex<Vec<Queue<S>>>,
}

/// The queue of one thread, which ends when this is dropped.
type Queue<S> = mpsc::Sender<Box<dyn FnOnce(&mut S) + Send>>;

impl<S> Clone for Pool<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S: Default + 'static> Pool<S> {
    /// Creates a pool of at most `threads` threads of that name. Each thread starts when it is first needed, and ends with the pool.
    #[must_use]
    pub fn new(name: &'static str, threads: usize) -> Self {
        Self(Arc::new(Threads {
            name,
            permits: Arc::new(Semaphore::new(threads)),
            idle: Mutex::default(),
        }))
    }

    /// Runs the work on the next free thread. Work that has started is finished, even if its caller has stopped waiting.
    ///
    /// # Errors
    /// [`Unfinished`] if the work panics or no thread can be started.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        let permit = self.0.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| Unfinished)?;
        let idle = self.0.idle().pop();
        let queue = idle.map_or_else(|| begin(self.0.name), Ok)?;
        let lease = Lease {
            threads: self.0.clone(),
            queue: Some(queue.clone()),
            _permit: permit,
        };
        let (done, result) = oneshot::channel();
        let work = Box::new(move |state: &mut S| {
            let result = catch_unwind(AssertUnwindSafe(|| work(state)));
            let result = result.map_err(|_| {
                take(state);
                Unfinished
            });
            // The waiting caller returns the thread to the pool, so that this thread takes no lock for it.
            let _ = done.send((result, lease));
        });
        queue.send(work).map_err(|_| Unfinished)?;
        let (result, _lease) = result.await.map_err(|_| Unfinished)?;
        result
    }
}

impl<S> Threads<S> {
    fn idle(&self) -> MutexGuard<'_, Vec<Queue<S>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread in use, and its permit. Dropping the lease returns both.
struct Lease<S> {
    threads: Arc<Threads<S>>,
    queue: Option<Queue<S>>,
    _permit: OwnedSemaphorePermit,
}

impl<S> Drop for Lease<S> {
    fn drop(&mut self) {
        self.threads.idle().extend(self.queue.take());
    }
}

fn begin<S: Default + 'static>(name: &'static str) -> Result<Queue<S>, Unfinished> {
    let (queue, works) = mpsc::channel();
    let serve = move || {
        // On other systems niceness belongs to the process. If the call is refused, the thread has the usual priority.
        #[cfg(target_os = "linux")]
        {
            crate::processors::run_anywhere();
            let _ = rustix::process::nice(NICENESS);
        }
        let mut state = S::default();
        for work in works {
            let work: Box<dyn FnOnce(&mut S) + Send> = work;
            work(&mut state);
        }
    };
    let begun = thread::Builder::new().name(name.to_owned()).spawn(serve);
    begun.map(|_| queue).map_err(|_| Unfinished)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_work_alone_and_leaves_no_state() {
        let pool = Pool::<u8>::new("test", 1);
        let count = |state: &mut u8| {
            *state += 1;
            *state
        };
        assert_eq!(pool.run(count).await.expect("it is done"), 1);
        assert_eq!(pool.run(count).await.expect("it is done"), 2);
        assert!(pool.run(|_| panic!("on purpose")).await.is_err());
        assert_eq!(pool.run(count).await.expect("it is done"), 1);
    }

    #[tokio::test]
    async fn as_much_is_done_at_once_as_there_are_threads_also_of_what_nobody_waits_for() {
        let pool = Pool::<()>::new("test", 2);
        let (release, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        for _ in 0..2 {
            let held = held.clone();
            let mut work = Box::pin(pool.run(move |()| {
                let _ = held.lock().expect("nobody panics").recv();
            }));
            assert!(futures_util::poll!(&mut work).is_pending());
        }
        assert_eq!(pool.0.permits.available_permits(), 0);
        drop(release);
        assert_eq!(pool.run(|()| 5).await.expect("it is done"), 5);
        let all = pool.0.permits.acquire_many(2).await;
        assert!(all.is_ok());
        assert_eq!(pool.0.idle().len(), 2);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn its_threads_alone_have_a_lower_priority() {
        let niceness = || rustix::process::getpriority_process(None).expect("every thread has one");
        let here = niceness();
        let there = Pool::<()>::new("test", 1).run(move |()| niceness()).await;
        assert_eq!(there.expect("it is done"), (here + NICENESS).min(19));
        assert_eq!(niceness(), here);
    }
}
