//! The task that sends pushes: a few at a time, and those again that were put off.

use std::{
    collections::{BTreeMap, HashMap},
    future::pending,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{FutureExt, StreamExt, future::BoxFuture, stream::FuturesUnordered};
use snug_shared::{
    ids::{ChatId, RoomId},
    messages::Message,
    rooms::Kind,
};
use tokio::time::sleep_until;

use super::{
    concern::{Listener, concern},
    delivery::{Outcome, Push, deliver},
    windows::{Due, Windows},
};
use crate::{
    app::App,
    clock,
    features::{Command, Entry, push},
    metrics::Pushed,
};

/// How long somebody is not told of a room again.
const QUIET: Duration = Duration::from_secs(30);
/// Pushes that are under way at a time.
const AT_ONCE: usize = 16;
/// Pushes that may wait.
const WAITING: usize = 16_384;
/// How long to wait before the second, third and fourth try, if the push service does not say.
const AGAIN: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
];
/// How long a push service may put a push off; what comes later than that is no news.
const LATEST: Duration = Duration::from_secs(60 * 60);

/// Sends pushes until the server drains. What waits then is lost.
pub fn run(app: &App) {
    let mut post = Post {
        app: app.clone(),
        windows: Windows::new(app.config.grace, QUIET),
        waiting: Waiting::default(),
        under_way: FuturesUnordered::new(),
    };
    let draining = app.tasks.draining();
    app.tasks.run(async move {
        tokio::select! {
            () = post.run() => {}
            () = draining => {}
        }
    });
}

struct Post {
    app: App,
    windows: Windows,
    waiting: Waiting,
    under_way: FuturesUnordered<BoxFuture<'static, (Push, Outcome)>>,
}

/// Pushes by the time from which they may be sent, and by their number among those of a time.
#[derive(Default)]
struct Waiting {
    pushes: BTreeMap<(Instant, u64), Push>,
    count: u64,
}

impl Waiting {
    /// Whether there was room for it; otherwise another one has made it.
    fn put(&mut self, at: Instant, push: Push) -> bool {
        self.count += 1;
        self.pushes.insert((at, self.count), push);
        self.pushes.len() <= WAITING || self.pushes.pop_first().is_none()
    }

    fn take(&mut self, now: Instant) -> Option<Push> {
        let next = self.pushes.first_entry()?;
        (next.key().0 <= now).then(|| next.remove())
    }

    fn next(&self) -> Option<Instant> {
        self.pushes.first_key_value().map(|((at, _), _)| *at)
    }
}

impl Post {
    async fn run(&mut self) {
        loop {
            let due = self.windows.take(Instant::now());
            if !due.is_empty() {
                self.address(due).await;
            }
            while self.under_way.len() < AT_ONCE
                && let Some(push) = self.waiting.take(Instant::now())
            {
                let app = self.app.clone();
                let sent = async move { (deliver(&app, &push).await, push) };
                self.under_way
                    .push(sent.map(|(outcome, push)| (push, outcome)).boxed());
            }
            let has_hands = self.under_way.len() < AT_ONCE;
            let next = [self.windows.next(), self.waiting.next().filter(|_| has_hands)];
            let next = next.into_iter().flatten().min();
            let pushes = self.app.pushes.clone();
            tokio::select! {
                messages = pushes.heard() => self.sort(messages).await,
                Some((push, outcome)) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.settle(push, outcome).await;
                }
                () = until(next) => {}
            }
        }
    }

    /// Finds whom messages concern.
    async fn sort(&mut self, messages: Vec<Message>) {
        let mut rooms: HashMap<RoomId, Vec<Arc<Message>>> = HashMap::new();
        for message in messages {
            rooms
                .entry(message.room.clone())
                .or_default()
                .push(Arc::new(message));
        }
        let ids: Vec<RoomId> = rooms.keys().cloned().collect();
        let listeners = read(&self.app, move |tables| {
            let of = |room: &RoomId| push::listeners(tables, room);
            ids.iter()
                .map(|room| Ok((room.clone(), of(room)?)))
                .collect::<Result<Vec<_>, _>>()
        });
        for (room, people) in listeners.await {
            let direct = (self.app.hub.room(&room)).is_some_and(|it| it.info().kind == Kind::Direct);
            for (person, level) in people {
                let sees = self.app.hub.looks(&person);
                let listener = Listener {
                    person: &person,
                    sees,
                    level,
                    direct,
                };
                self.listen(listener, &rooms[&room]);
            }
        }
    }

    fn listen(&mut self, listener: Listener<'_>, messages: &[Arc<Message>]) {
        for message in messages {
            let Some(urgency) = concern(message, listener) else {
                continue;
            };
            let due = Due {
                person: listener.person.clone(),
                message: message.clone(),
                urgency,
            };
            if !self.windows.put(due, Instant::now()) {
                self.count(Pushed::Dropped);
            }
        }
    }

    /// Finds the browsers of those whom they concern.
    async fn address(&mut self, due: Vec<Due>) {
        let people: Vec<ChatId> = due.iter().map(|it| it.person.clone()).collect();
        let endpoints = read(&self.app, move |tables| {
            let of = |person| push::endpoints(tables, person);
            people.iter().map(of).collect::<Result<Vec<_>, _>>()
        });
        let endpoints = endpoints.await;
        for (due, endpoints) in due.into_iter().zip(endpoints) {
            for endpoint in endpoints {
                let push = Push {
                    person: due.person.clone(),
                    endpoint,
                    message: due.message.clone(),
                    urgency: due.urgency,
                    tries: 0,
                };
                self.wait(Instant::now(), push);
            }
        }
    }

    fn wait(&mut self, at: Instant, push: Push) {
        if !self.waiting.put(at, push) {
            self.count(Pushed::Dropped);
        }
    }

    async fn settle(&mut self, push: Push, outcome: Outcome) {
        match outcome {
            Outcome::Void => {}
            Outcome::Sent => self.count(Pushed::Sent),
            Outcome::Refused => self.count(Pushed::Refused),
            Outcome::Gone => {
                self.count(Pushed::Gone);
                let endpoint = push.endpoint;
                let entry = Entry {
                    by: push.person,
                    at: clock::now(),
                    command: Command::Unsubscribe(push::Unsubscribe { endpoint }),
                };
                // If it is not written, the push service says so again.
                drop(self.app.log.submit(entry).await);
            }
            Outcome::Later(said) => {
                let own = AGAIN.get(push.tries as usize).copied();
                match own.map(|own| said.unwrap_or(own)) {
                    Some(time) if time <= LATEST => {
                        let tries = push.tries + 1;
                        self.wait(Instant::now() + time, Push { tries, ..push });
                    }
                    _ => self.count(Pushed::GivenUp),
                }
            }
        }
    }

    fn count(&self, pushed: Pushed) {
        self.app.metrics.pushed(pushed);
    }
}

/// What the tables say; nothing, if they cannot be read.
async fn read<T: Default + Send + 'static>(
    app: &App,
    query: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
) -> T {
    app.readers.read(query).await.unwrap_or_else(|error| {
        tracing::error!(%error, "the store could not be read");
        T::default()
    })
}

async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}
