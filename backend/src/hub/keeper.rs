//! What happens in the hub by the clock: people whose grace is over leave, large rooms tell their changes.

use std::{
    sync::{Arc, PoisonError},
    time::Instant,
};

use tokio::time::sleep_until;

use super::{Departure, Hub};
use crate::tasks::Tasks;

/// Runs the hub's tasks.
pub fn keep(hub: &Arc<Hub>, tasks: &Tasks) {
    for shard in &hub.shards {
        let (shard, draining) = (shard.clone(), tasks.draining());
        tasks.run(async move {
            tokio::select! {
                () = shard.run() => {}
                () = draining => {}
            }
        });
    }
    let (hub, draining) = (hub.clone(), tasks.draining());
    tasks.run(async move {
        tokio::select! {
            () = hub.keep_time() => {}
            () = draining => {}
        }
    });
}

impl Hub {
    async fn keep_time(&self) {
        loop {
            let rung = self.keeper.notified();
            match self.do_what_is_due(Instant::now()) {
                None => rung.await,
                Some(next) => {
                    tokio::select! {
                        () = rung => {}
                        () = sleep_until(next.into()) => {}
                    }
                }
            }
        }
    }

    /// Answers with the time of what is due next.
    fn do_what_is_due(&self, now: Instant) -> Option<Instant> {
        while let Some(departure) = self.next_departure(now) {
            self.go(&departure);
        }
        while let Some(room) = self.next_tick(now) {
            self.announce(&room, super::presence::Presence::flush);
        }
        let departure = self
            .departures
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .front()
            .map(|it| it.at);
        let tick = self
            .ticks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .front()
            .map(|it| it.0);
        departure.into_iter().chain(tick).min()
    }

    fn next_departure(&self, now: Instant) -> Option<Departure> {
        let mut departures = self.departures.lock().unwrap_or_else(PoisonError::into_inner);
        departures.pop_front_if(|it| it.at <= now)
    }

    fn next_tick(&self, now: Instant) -> Option<Arc<super::Room>> {
        let mut ticks = self.ticks.lock().unwrap_or_else(PoisonError::into_inner);
        ticks.pop_front_if(|it| it.0 <= now).map(|it| it.1)
    }

    fn go(&self, departure: &Departure) {
        let mut people = self.people();
        let gone = people
            .here
            .get(&departure.person)
            .is_some_and(|person| person.connections.is_empty() && person.departed == departure.departed);
        if !gone {
            return;
        }
        let Some(person) = people.here.remove(&departure.person) else {
            return;
        };
        people.names.release(&person.user.name);
        for room in &person.memberships.rooms() {
            self.announce(room, |presence| presence.leave(&departure.person));
        }
    }
}
