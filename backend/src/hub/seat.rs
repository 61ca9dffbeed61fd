//! Coming in and going: a connection's place in the hub.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Instant,
};

use snug_shared::{code::Code, ids::RoomId, presence::ChatUser, rooms::Standing};

use super::{
    Allowance, Bell, Change, Connection, Departure, Hub, Membership, Memberships, People, Person, allowance,
};
use crate::{identity::Identity, network::Network};

/// Somebody at the door.
pub struct Arrival {
    /// Who.
    pub identity: Identity,
    /// As the roster is to show them.
    pub user: ChatUser,
    /// From where.
    pub address: IpAddr,
    /// What wakes their connection.
    pub bell: Arc<Bell>,
}

/// Whether somebody may be here, from there.
pub type Check<'a> = &'a dyn Fn(&Identity, IpAddr) -> Result<(), Code>;

/// A connection's place in the hub. Dropping it is leaving.
pub struct Seat {
    pub(super) hub: Arc<Hub>,
    pub(super) bell: Arc<Bell>,
    /// Who sits here, under a name that looks like nobody else's.
    pub user: Arc<ChatUser>,
    /// The rooms that its person was in when it was taken, after the change of this number; and in which
    /// they are as it goes on.
    pub rooms: Vec<Membership>,
    /// See `rooms`.
    pub seen: Change,
    /// The last thing that had happened to their account by then.
    pub noticed: Change,
    /// See `rooms`.
    pub memberships: Arc<Memberships>,
    /// What its person may still say.
    pub allowance: Arc<Allowance>,
}

impl Hub {
    /// Takes a seat for a connection, beside the other connections of the same person. Another claim of an id that somebody holds
    /// is refused. A name that looks like
    /// somebody else's gets a number. `rooms` are those that the store had for them `as_of` so many
    /// changes; none if it knows better by now, and then the store has to be read again. Whether they may come in
    /// is asked here: whoever ceases to be allowed to is either refused now or found by [`Hub::review`].
    pub fn enter(
        self: &Arc<Self>,
        arrival: Arrival,
        (rooms, as_of): (&[(RoomId, Standing)], u64),
        check: Check<'_>,
    ) -> Result<Option<Seat>, Code> {
        let Arrival {
            identity,
            mut user,
            address,
            bell,
        } = arrival;
        let mut people = self.people();
        check(&identity, address)?;
        let People {
            here, names, changes, ..
        } = &mut *people;
        let held = here.get(&identity.chat_id);
        if identity.nonce.is_some() && held.is_some_and(|it| it.nonce != identity.nonce) {
            return Err(Code::ChatIdTaken);
        }
        let known = match here.get(&identity.chat_id) {
            // It is known better which rooms they are in, and not what waits there.
            Some(person) => person.memberships.counted(rooms),
            None => *changes == as_of,
        };
        if !known {
            return Ok(None);
        }
        // Once for this connection, and once for the roster.
        user.name = names.take(&identity.chat_id, &user.name);
        names.hold(&identity.chat_id, &user.name);
        if let Some(before) = here.get(&identity.chat_id) {
            names.release(&before.user.name);
            // Newer than what a browser has kept.
            user.status.clone_from(&before.user.status);
        }
        let user = Arc::new(user);
        let person = here.entry(identity.chat_id.clone()).or_insert_with(|| {
            Box::new(Person {
                user: user.clone(),
                nonce: identity.nonce,
                // Most have one.
                connections: Vec::with_capacity(1),
                away: Vec::new(),
                departed: 0,
                memberships: Memberships::new(rooms.iter().filter_map(|(room, standing)| {
                    let (room, standing) = (self.room(room)?, *standing);
                    Some(Membership { room, standing })
                })),
                allowance: Arc::new(allowance(self.rate)),
            })
        });
        let place = self.shards.place(identity.session.is_none());
        place.seat(&person.memberships.rooms(), &bell);
        person.nonce = identity.nonce;
        person.connections.push(Connection {
            place,
            bell: bell.clone(),
            identity,
            address,
            name: user.name.clone(),
        });
        if user.away {
            person.away.push(bell.clone());
        }
        person.user = user;
        person.stands();
        let user = person.user.clone();
        let (seen, rooms) = person.memberships.all();
        for Membership { room, .. } in &rooms {
            // Under the same lock as the table of people, so that no departure comes between.
            self.announce(room, |presence| presence.join(&user));
        }
        Ok(Some(Seat {
            hub: self.clone(),
            bell,
            user,
            rooms,
            memberships: person.memberships.clone(),
            seen,
            noticed: person.memberships.last_notice(),
            allowance: person.allowance.clone(),
        }))
    }

    fn depart(&self, user: &ChatUser, bell: &Arc<Bell>) {
        let mut people = self.people();
        let People { here, names, .. } = &mut *people;
        let Some(known) = here.get_mut(&user.chat_id) else {
            return;
        };
        if let Some(index) = known
            .connections
            .iter()
            .position(|it| Arc::ptr_eq(&it.bell, bell))
        {
            let Connection {
                place,
                bell,
                name,
                address,
                identity,
            } = known.connections.swap_remove(index);
            if identity.session.is_none() {
                self.gone()
                    .left(&known.user, Network::of(address), Instant::now());
            }
            names.release(&name);
            place.leave(&known.memberships.rooms(), &bell);
        }
        known.is_back_at(bell);
        if known.connections.is_empty() {
            for room in &known.memberships.rooms() {
                room.typing(|typing| typing.stops(&user.chat_id));
            }
            known.departed += 1;
            let departure = Departure {
                at: Instant::now() + self.grace,
                person: user.chat_id.clone(),
                departed: known.departed,
            };
            self.departures
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push_back(departure);
            self.keeper.notify_one();
        } else {
            self.show(known);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.hub.depart(&self.user, &self.bell);
    }
}
