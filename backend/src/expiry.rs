//! Deletes what has expired: bans by network, and unused sessions. The task runs at the start and then every hour.

use std::time::Duration;

use snug_shared::ids::ChatId;
use tokio::time::{Instant, interval_at};

use crate::{app::App, features::Command, identity::SERVER};

/// The interval of the task.
const EVERY: Duration = Duration::from_secs(60 * 60);

/// Deletes what has expired, and starts the task.
pub async fn start(app: &App) {
    expire(app).await;
    let task = app.clone();
    app.tasks.run_until_drained(async move { run(&task).await });
}

async fn run(app: &App) {
    let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
    loop {
        ticks.tick().await;
        // A connection may stay open for longer than an unused session lasts.
        for (by, session) in app.hub.sessions() {
            app.note_session(by, session).await;
        }
        expire(app).await;
    }
}

async fn expire(app: &App) {
    let snug = ChatId::try_from(SERVER).expect("a well-formed id");
    // If the disk refuses it, the next run tries again in an hour.
    let _ = app.submit(snug, Command::DeleteExpired).await;
}
