//! The hub's timers: users leave when their grace period ends, rooms send their gathered presence changes, and typing expires.

use std::{
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use tokio::{
    task::unconstrained,
    time::{interval, sleep_until},
};

use super::{Departure, Hub};
use crate::{heap, tasks::Tasks};

/// The interval at which rooms without users online drop their newest entries.
const FORGET: Duration = Duration::from_secs(1);

/// Runs the hub's tasks.
pub fn run_tasks(hub: &Arc<Hub>, tasks: &Tasks) {
    for shard in hub.shards.tasks() {
        // The task yields by itself. A yield that the runtime forces would make a client look slow.
        tasks.run_until_drained(unconstrained(shard));
    }
    let clock = hub.clone();
    tasks.run_until_drained(async move { clock.run_timers().await });
    let hub = hub.clone();
    tasks.run_until_drained(async move { hub.forget_empty_rooms().await });
}

impl Hub {
    async fn run_timers(&self) {
        loop {
            let changed = self.timers_changed.notified();
            match self.run_due(Instant::now()) {
                None => changed.await,
                Some(next) => {
                    tokio::select! {
                        () = changed => {}
                        () = sleep_until(next.into()) => {}
                    }
                }
            }
        }
    }

    /// Drops the newest entries of rooms in which nobody is online, for ever.
    async fn forget_empty_rooms(&self) {
        let mut ticks = interval(FORGET);
        loop {
            ticks.tick().await;
            heap::freed(self.recent.forget_empty_rooms());
        }
    }

    /// Runs what is due, and returns the time of what is due next.
    fn run_due(&self, now: Instant) -> Option<Instant> {
        while let Some(departure) = self.next_departure(now) {
            self.remove_departed(&departure);
        }
        while let Some(room) = self.next_tick(now) {
            self.announce(&room, super::presence::Presence::flush);
            let (told, next) = room.typing(|typing| typing.tick(now));
            self.tell(&room, told);
            if let Some(next) = next {
                self.tick_at(next, room);
            }
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

    fn remove_departed(&self, departure: &Departure) {
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
        people.names.free(&person.user.name);
        for room in &person.memberships.rooms() {
            self.announce(room, |presence| presence.leave(&departure.person));
        }
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::{
        ids::{ChatId, RoomId},
        presence::ChatUser,
        rooms::{ReadState, RoomInfo},
        text::RoomName,
    };

    use super::*;
    use crate::{
        config::{Config, Options},
        hub::{ConnectionGuard, ConnectionHandle, Cursor, JoinRequest, TICK},
        identity::Identity,
    };

    fn lobby() -> Arc<Hub> {
        let info = RoomInfo::open(RoomId::lobby(), RoomName::lobby());
        let config = Config::resolve(Options::default()).expect("defaults");
        Hub::new([info], config.grace, config.messages, config.recent_bytes)
    }

    fn enter(hub: &Arc<Hub>, name: &str) -> ConnectionGuard {
        let chat_id = ChatId::try_from(name).expect("an id");
        let request = JoinRequest {
            user: ChatUser::guest(chat_id.clone(), name.try_into().expect("a name")),
            identity: Identity::guest(chat_id),
            address: [127, 0, 0, 1].into(),
            handle: Arc::new(ConnectionHandle::new(())),
        };
        let rooms = [(RoomId::lobby(), ReadState::default())];
        let guard = hub.enter(request, (&rooms, 0), &|_, _| Ok(()));
        guard.expect("a free name").expect("nothing has changed")
    }

    /// Returns the text that a connection reads from a cursor on.
    fn read(hub: &Hub, cursor: &mut Cursor) -> String {
        let (mut batch, mut room_left) = (Vec::new(), usize::MAX);
        let room = hub.room(&RoomId::lobby()).expect("the lobby");
        room.read(cursor, &mut room_left, &mut batch);
        let texts = batch.iter().map(|it| String::from_utf8_lossy(it.as_bytes()));
        texts.collect()
    }

    #[test]
    fn whoever_writes_is_told_at_the_tick_and_is_forgotten_after_six_seconds() {
        let (hub, now) = (lobby(), Instant::now());
        let ann = enter(&hub, "ann");
        let mut cursor = Cursor::default();
        read(&hub, &mut cursor);
        hub.writes(&ann.user.chat_id, &RoomId::lobby(), true, now);
        assert_eq!(read(&hub, &mut cursor), "", "not before the tick");
        let mut next = hub.run_due(now + 2 * TICK);
        assert!(read(&hub, &mut cursor).contains(r#""chatIds":["ann"],"count":1"#));
        let end = now + Duration::from_secs(6);
        while let Some(due) = next.filter(|due| *due < end) {
            next = hub.run_due(due);
            assert_eq!(read(&hub, &mut cursor), "");
        }
        let next = hub.run_due(end + TICK);
        assert!(read(&hub, &mut cursor).contains(r#""chatIds":[],"count":0"#));
        assert_eq!(next, None, "and nothing more is due");
    }

    #[test]
    fn a_connection_that_is_back_within_two_seconds_has_not_been_away() {
        let hub = lobby();
        let (ann, _bob) = (enter(&hub, "ann"), enter(&hub, "bob"));
        let mut cursor = Cursor::default();
        read(&hub, &mut cursor);
        drop(ann);
        hub.run_due(Instant::now() + Duration::from_secs(2));
        assert_eq!(read(&hub, &mut cursor), "");
        hub.run_due(Instant::now() + Duration::from_secs(4));
        assert!(read(&hub, &mut cursor).contains("CLOSE_CONNECTION"));
    }
}
