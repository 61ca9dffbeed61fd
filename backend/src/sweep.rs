//! Deletes unused rooms: at the start, every hour, and when a user is refused a room because there are too many.
//!
//! The tables know which rooms are unused, and `apply` checks it again; only the hub knows who is online.

use std::time::Duration;

use snug_shared::ids::{ChatId, RoomId};
use tokio::time::{sleep, timeout};

use crate::{
    app::App,
    clock,
    features::{Command, removals},
    identity::SERVER,
};

/// The pause between sweeps, unless one is requested.
const PAUSE: Duration = Duration::from_secs(60 * 60);
/// The shortest pause between sweeps: refused requests for rooms cannot keep the server sweeping.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Sweeps until the server drains.
pub fn run(app: &App) {
    let task = app.clone();
    app.tasks
        .run_until_drained(async move { sweep_again_and_again(&task).await });
}

async fn sweep_again_and_again(app: &App) {
    loop {
        sweep(app).await;
        sleep(AT_LEAST).await;
        app.openings.prune();
        // Both a request and the timeout start the next sweep.
        let _ = timeout(PAUSE, app.sweep.asked()).await;
    }
}

async fn sweep(app: &App) {
    let now = clock::now();
    let unused = app
        .readers
        .read(move |tables| removals::unused(tables, now))
        .await;
    let rooms = unused.unwrap_or_else(|error| {
        tracing::error!(%error, "the store could not be read");
        Vec::new()
    });
    let nobody_there = |room: &RoomId| app.hub.room(room).is_none_or(|it| it.count() == 0);
    for room in rooms.into_iter().filter(nobody_there) {
        let by = ChatId::try_from(SERVER).expect("it is an id");
        // A user may have joined meanwhile; then the deletion is refused.
        if let Err(code) = app
            .submit(by, Command::RemoveUnusedRoom(removals::RemoveUnusedRoom { room }))
            .await
        {
            tracing::debug!(%code, "kept a room that seemed unused");
        }
    }
}
