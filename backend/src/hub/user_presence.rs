//! The presence of a user who is online: whether they are away, their status, and the rooms in which they are typing. In memory
//! only: the first frame of a user's next connection contains the status again.

use std::{sync::Arc, time::Instant};

use snug_shared::{
    ids::{ChatId, RoomId},
    status::Status,
};

use super::{ConnectionGuard, ConnectionHandle, Hub, Person};

impl ConnectionGuard {
    /// Sets whether the user is away from this connection.
    pub fn set_away(&self, away: bool) {
        self.hub.change_presence(&self.user.chat_id, |person| {
            person.remove_away(&self.handle);
            if away {
                person.away.push(self.handle.clone());
            }
        });
    }

    /// Sets the user's status.
    pub fn set_status(&self, status: Option<Status>) {
        self.hub.change_presence(&self.user.chat_id, |person| {
            Arc::make_mut(&mut person.user).status = status
        });
    }

    /// Sets whether the user is typing in a room.
    pub fn writes(&self, room: &RoomId, is: bool) {
        self.hub.writes(&self.user.chat_id, room, is, Instant::now());
    }
}

impl Person {
    pub(super) fn remove_away(&mut self, handle: &Arc<ConnectionHandle>) {
        self.away.retain(|it| !Arc::ptr_eq(it, handle));
    }

    /// Updates the user's away flag from their connections.
    pub(super) fn update_away(&mut self) {
        let away = self.is_away();
        if self.user.away != away {
            Arc::make_mut(&mut self.user).away = away;
        }
    }

    /// Returns whether the user is away from all their connections.
    pub(super) fn is_away(&self) -> bool {
        self.away.len() == self.connections.len()
    }
}

impl Hub {
    fn change_presence(&self, person: &ChatId, change: impl FnOnce(&mut Person)) {
        let mut people = self.people();
        if let Some(person) = people.here.get_mut(person) {
            change(person);
            self.set_presence(person);
        }
    }

    /// Announces the user's presence to their rooms at the next tick, so that frequent changes cost four frames a second at most.
    pub(super) fn set_presence(&self, person: &mut Person) {
        person.update_away();
        for room in &person.memberships.rooms() {
            self.announce(room, |presence| presence.update(&person.user));
        }
    }

    /// Sets whether a user is typing in a room.
    pub(super) fn writes(&self, person: &ChatId, room: &RoomId, is: bool, now: Instant) {
        let people = self.people();
        let room = (people.here.get(person)).and_then(|person| person.memberships.room(room));
        // Only a member of the room is shown as typing.
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
