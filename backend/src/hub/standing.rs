//! How somebody stands who is online: whether they look away, what they say of themselves, and where they
//! are writing. In memory, like all of presence: what is to outlive a connection, the first frame of the
//! next one brings.

use std::{sync::Arc, time::Instant};

use snug_shared::{
    ids::{ChatId, RoomId},
    status::Status,
};

use super::{Bell, Hub, Person, Seat};

impl Seat {
    /// Its person looks away from this connection, or is back.
    pub fn look_away(&self, away: bool) {
        self.hub.stands(&self.user.chat_id, |person| {
            person.is_back_at(&self.bell);
            if away {
                person.away.push(self.bell.clone());
            }
        });
    }

    /// What its person says of themselves from now on.
    pub fn set_status(&self, status: Option<Status>) {
        self.hub.stands(&self.user.chat_id, |person| {
            Arc::make_mut(&mut person.user).status = status
        });
    }

    /// Its person is writing in a room, or has stopped.
    pub fn writes(&self, room: &RoomId, is: bool) {
        self.hub.writes(&self.user.chat_id, room, is, Instant::now());
    }
}

impl Person {
    pub(super) fn is_back_at(&mut self, bell: &Arc<Bell>) {
        self.away.retain(|it| !Arc::ptr_eq(it, bell));
    }

    /// Shows whether they look away.
    pub(super) fn stands(&mut self) {
        let away = self.looks_away();
        if self.user.away != away {
            Arc::make_mut(&mut self.user).away = away;
        }
    }

    /// Whether they look away from all their connections.
    pub(super) fn looks_away(&self) -> bool {
        self.away.len() == self.connections.len()
    }
}

impl Hub {
    fn stands(&self, person: &ChatId, change: impl FnOnce(&mut Person)) {
        let mut people = self.people();
        if let Some(person) = people.here.get_mut(person) {
            change(person);
            self.show(person);
        }
    }

    /// Their rooms hear how they stand at the next tick: whoever changes it a hundred times a second is
    /// heard four times.
    pub(super) fn show(&self, person: &mut Person) {
        person.stands();
        for room in &person.memberships.rooms() {
            self.announce(room, |presence| presence.update(&person.user));
        }
    }

    /// Somebody is writing in a room, or has stopped.
    pub(super) fn writes(&self, person: &ChatId, room: &RoomId, is: bool, now: Instant) {
        let people = self.people();
        let room = (people.here.get(person)).and_then(|person| person.memberships.room(room));
        // Who cannot be heard there is not seen writing either.
        let Some(room) = room.map(|membership| membership.room) else {
            return;
        };
        if is {
            self.tell(&room, room.writes(person, now));
        } else {
            room.typing(|typing| typing.stops(person));
        }
    }
}
