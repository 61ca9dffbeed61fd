//! Owns every task of the server, and waits for the tasks at shutdown.

use std::{future::Future, time::Duration};

use tokio_util::{
    sync::{CancellationToken, WaitForCancellationFutureOwned},
    task::TaskTracker,
};

/// The tasks of one server.
#[derive(Clone, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    draining: CancellationToken,
}

impl Tasks {
    /// Starts a task. The task watches [`Tasks::draining`] and ends soon after.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        // The only call of `spawn`: all other code starts tasks here, so that none is left behind.
        #[allow(clippy::disallowed_methods)]
        tokio::spawn(self.tracker.track_future(task));
    }

    /// Starts a task that runs for as long as the server: it is dropped when the server begins to drain.
    pub fn run_until_drained(&self, task: impl Future<Output = ()> + Send + 'static) {
        let draining = self.draining();
        self.run(async move {
            tokio::select! {
                () = task => {}
                () = draining => {}
            }
        });
    }

    /// Returns a future that completes when the server begins to drain.
    pub fn draining(&self) -> WaitForCancellationFutureOwned {
        self.draining.clone().cancelled_owned()
    }

    /// Cancels every task, and waits for them for at most `patience`. Returns whether all of them ended.
    pub async fn drain(&self, patience: Duration) -> bool {
        self.draining.cancel();
        self.tracker.close();
        tokio::time::timeout(patience, self.tracker.wait()).await.is_ok()
    }
}
