//! Every task of the server has this owner, which waits for it at shutdown.

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
    /// Runs a task. It watches [`Tasks::draining`] and ends soon after.
    pub fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        // The one place that may: everybody else comes here, so that no task is left behind.
        #[allow(clippy::disallowed_methods)]
        tokio::spawn(self.tracker.track_future(task));
    }

    /// Runs a task that goes on for as long as the server does: it is dropped when the server begins to drain.
    pub fn run_until_drained(&self, task: impl Future<Output = ()> + Send + 'static) {
        let draining = self.draining();
        self.run(async move {
            tokio::select! {
                () = task => {}
                () = draining => {}
            }
        });
    }

    /// Ends when the server begins to drain.
    pub fn draining(&self) -> WaitForCancellationFutureOwned {
        self.draining.clone().cancelled_owned()
    }

    /// Tells every task to end, and waits for them, but no longer than `patience`. Whether all ended.
    pub async fn drain(&self, patience: Duration) -> bool {
        self.draining.cancel();
        self.tracker.close();
        tokio::time::timeout(patience, self.tracker.wait()).await.is_ok()
    }
}
