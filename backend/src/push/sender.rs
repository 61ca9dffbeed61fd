//! The task that sends pushes: a few at a time, with retries of those that were put off.

use std::{
    collections::HashMap,
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
    Services,
    delivery::{Outcome, Push, Tried, deliver},
    endpoint::Endpoint,
    policy::{Recipient, urgency_for},
    queue::{AT_ONCE, Queue},
    throttle::{Ready, Throttle},
};
use crate::{
    clock,
    features::{Command, Entry, push},
    metrics::Pushed,
    store::read::Readers,
    tasks::Tasks,
};

/// The time in which a user is not notified of a room again.
const QUIET: Duration = Duration::from_secs(30);
/// The delays before the second, third and fourth try, if the push service reports none.
const AGAIN: [Duration; 3] = [
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_secs(120),
];
/// The longest delay that a push service may ask for; after that, a push is no longer worth sending.
const LATEST: Duration = Duration::from_secs(60 * 60);

/// Failed tries in a row after which a browser is not tried for a while, twice as long after each further failure.
const FAILING: u32 = 3;
/// The first and the longest of these delays.
const BACKOFF: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60 * 60)];
/// Browsers for which such a delay is stored at a time.
const BACKING_OFF: usize = 4_096;

/// Sends pushes until the server drains, each after the `grace` period of its recipient. Pushes that wait then are lost.
pub fn run(services: Services, grace: Duration, tasks: &Tasks) {
    let mut sender = Sender {
        services,
        throttle: Throttle::new(grace, QUIET),
        waiting: Queue::default(),
        backoff: HashMap::new(),
        under_way: FuturesUnordered::new(),
    };
    tasks.run_until_drained(async move { sender.run().await });
}

struct Sender {
    services: Services,
    throttle: Throttle,
    waiting: Queue,
    /// The endpoints that have failed again and again, each with the time until which it is not tried.
    backoff: HashMap<String, Instant>,
    under_way: FuturesUnordered<BoxFuture<'static, (Push, Tried)>>,
}

impl Sender {
    async fn run(&mut self) {
        loop {
            let due = self.throttle.take(Instant::now());
            if !due.is_empty() {
                self.resolve_recipients(due).await;
            }
            while self.under_way.len() < AT_ONCE
                && let Some(push) = self.waiting.take(Instant::now())
            {
                let services = self.services.clone();
                let sent = async move { (deliver(&services, &push).await, push) };
                self.under_way
                    .push(sent.map(|(tried, push)| (push, tried)).boxed());
            }
            let has_capacity = self.under_way.len() < AT_ONCE;
            let next = [self.throttle.next(), self.waiting.next().filter(|_| has_capacity)];
            let next = next.into_iter().flatten().min();
            let pushes = self.services.pushes.clone();
            tokio::select! {
                messages = pushes.next_messages() => self.enqueue(messages).await,
                Some((push, tried)) = self.under_way.next(), if !self.under_way.is_empty() => {
                    self.waiting.done(&push.service, tried.answered);
                    self.on_outcome(push, tried).await;
                }
                () = until(next) => {}
            }
        }
    }

    /// Finds the users to notify of messages, and adds these to the throttle.
    async fn enqueue(&mut self, messages: Vec<Message>) {
        let mut rooms: HashMap<RoomId, Vec<Arc<Message>>> = HashMap::new();
        for message in messages {
            rooms
                .entry(message.room.clone())
                .or_default()
                .push(Arc::new(message));
        }
        let ids: Vec<RoomId> = rooms.keys().cloned().collect();
        let recipients = read(&self.services.readers, move |tables| {
            let of = |room: &RoomId| push::recipients(tables, room);
            ids.iter()
                .map(|room| Ok((room.clone(), of(room)?)))
                .collect::<Result<Vec<_>, _>>()
        });
        for (room, people) in recipients.await {
            let direct = (self.services.hub.room(&room)).is_some_and(|it| it.info().kind == Kind::Direct);
            for (person, level) in people {
                let sees = self.services.hub.is_active(&person);
                let recipient = Recipient {
                    person: &person,
                    sees,
                    level,
                    direct,
                };
                self.add(recipient, &rooms[&room]);
            }
        }
    }

    fn add(&mut self, recipient: Recipient<'_>, messages: &[Arc<Message>]) {
        for message in messages {
            let Some(urgency) = urgency_for(message, recipient) else {
                continue;
            };
            let due = Ready {
                person: recipient.person.clone(),
                message: message.clone(),
                urgency,
            };
            let guest = !self.services.access.is_registered(recipient.person);
            if !self.throttle.put(due, guest, Instant::now()) {
                self.count(Pushed::Dropped);
            }
        }
    }

    /// Finds the browsers of the users to notify, and schedules a push to each.
    async fn resolve_recipients(&mut self, due: Vec<Ready>) {
        let people: Vec<ChatId> = due.iter().map(|it| it.person.clone()).collect();
        let endpoints = read(&self.services.readers, move |tables| {
            let of = |person| push::endpoints(tables, person);
            people.iter().map(of).collect::<Result<Vec<_>, _>>()
        });
        let endpoints = endpoints.await;
        for (due, endpoints) in due.into_iter().zip(endpoints) {
            let guest = !self.services.access.is_registered(&due.person);
            for endpoint in endpoints {
                let now = Instant::now();
                if self.backoff.get(&endpoint).is_some_and(|until| *until > now) {
                    self.count(Pushed::GivenUp);
                    continue;
                }
                let service = Endpoint::try_from(endpoint.clone()).map(|it| it.origin());
                let push = Push {
                    person: due.person.clone(),
                    service: service.unwrap_or_default(),
                    guest,
                    endpoint,
                    message: due.message.clone(),
                    urgency: due.urgency,
                    tries: 0,
                };
                self.schedule(now, push);
            }
        }
    }

    fn schedule(&mut self, at: Instant, push: Push) {
        if !self.waiting.put(at, push) {
            self.count(Pushed::Dropped);
        }
    }

    /// Handles the outcome of a try: counts it, retries later, or removes the subscription.
    async fn on_outcome(&mut self, push: Push, tried: Tried) {
        self.note_failure(&push, &tried).await;
        match tried.outcome {
            Outcome::Skipped => {}
            Outcome::Sent => self.count(Pushed::Sent),
            Outcome::Refused => self.count(Pushed::Refused),
            Outcome::Gone => {
                self.count(Pushed::Gone);
                let endpoint = push.endpoint;
                let entry = Entry {
                    by: push.person,
                    at: clock::now(),
                    command: Command::UnsubscribePush(push::UnsubscribePush { endpoint }),
                };
                // If this is not stored, the push service answers the same again.
                drop(self.services.log.submit(entry).await);
            }
            Outcome::RetryAfter(said) => {
                let own = AGAIN.get(push.tries as usize).copied();
                match own.map(|own| said.unwrap_or(own)) {
                    Some(time) if time <= LATEST => {
                        let tries = push.tries + 1;
                        self.schedule(Instant::now() + time, Push { tries, ..push });
                    }
                    _ => self.count(Pushed::GivenUp),
                }
            }
        }
    }

    /// Stores the failed tries in a row of a browser, and backs off after too many.
    async fn note_failure(
        &mut self,
        push: &Push,
        Tried {
            outcome, failures, ..
        }: &Tried,
    ) {
        let failed = match outcome {
            Outcome::Refused | Outcome::RetryAfter(_) => true,
            Outcome::Sent if *failures > 0 => false,
            Outcome::Sent | Outcome::Skipped | Outcome::Gone => return,
        };
        let now = Instant::now();
        if failed && failures + 1 >= FAILING {
            if self.backoff.len() >= BACKING_OFF {
                self.backoff.retain(|_, until| *until > now);
            }
            let [first, most] = BACKOFF;
            let time = first
                .saturating_mul(1 << (failures + 1 - FAILING).min(16))
                .min(most);
            if self.backoff.len() < BACKING_OFF {
                self.backoff.insert(push.endpoint.clone(), now + time);
            }
        } else if !failed {
            self.backoff.remove(&push.endpoint);
        }
        let endpoint = push.endpoint.clone();
        let entry = Entry {
            by: push.person.clone(),
            at: clock::now(),
            command: Command::CountPushFailures(push::CountPushFailures { endpoint, failed }),
        };
        // The answer is not awaited.
        drop(self.services.log.submit(entry).await);
    }

    fn count(&self, pushed: Pushed) {
        self.services.pushes.metrics.pushed(pushed);
    }
}

/// Returns what the tables contain; the default, if they cannot be read.
async fn read<T: Default + Send + 'static>(
    readers: &Readers,
    query: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T> + Send + 'static,
) -> T {
    readers.read(query).await.unwrap_or_else(|error| {
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
