//! Deletes rooms that nobody uses: at the start, every hour, and when somebody is refused a room for want of one.
//!
//! Which rooms are unused is a question to the tables, asked again by `apply`; who is online only the hub knows.

use std::time::Duration;

use snug_shared::ids::{ChatId, RoomId};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};

use crate::{
    app::App,
    clock,
    features::{Command, removals},
    identity::SERVER,
};

/// How long a sweep waits for the next one, unless it is asked for.
const PAUSE: Duration = Duration::from_secs(60 * 60);
/// How long it waits in any case: whoever is refused rooms cannot make the server sweep all the time.
const AT_LEAST: Duration = Duration::from_secs(60);

/// Asks for a sweep.
#[derive(Default)]
pub struct Sweep(Notify);

impl Sweep {
    /// Rooms are short.
    pub fn ask(&self) {
        self.0.notify_one();
    }
}

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
        // Whether it was asked for or is due, it is time.
        let _ = timeout(PAUSE, app.sweep.0.notified()).await;
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
        // Somebody may have come meanwhile; then it is refused.
        if let Err(code) = app.submit(by, Command::LetGo(removals::LetGo { room })).await {
            tracing::debug!(%code, "a room that seemed unused stays");
        }
    }
}
