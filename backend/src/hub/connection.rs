//! Registers connections with the hub, and removes them.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError},
    time::Instant,
};

use snug_shared::{error_code::ErrorCode, ids::RoomId, presence::ChatUser, rooms::ReadState};

use super::{
    Allowance, Connection, ConnectionHandle, Departure, Hub, Membership, MembershipSeq, Memberships, People,
    Person, allowance,
};
use crate::{identity::Identity, network::ClientNetwork};

/// A connection that is to be registered.
pub struct JoinRequest {
    /// The identity of the user.
    pub identity: Identity,
    /// The user as the roster is to show them.
    pub user: ChatUser,
    /// The address of the client.
    pub address: IpAddr,
    /// The handle of the connection.
    pub handle: Arc<ConnectionHandle>,
}

/// Checks that an identity may connect from an address.
pub type AccessCheck<'a> = &'a dyn Fn(&Identity, IpAddr) -> Result<(), ErrorCode>;

/// The registration of a connection with the hub. Dropping it removes the connection.
pub struct ConnectionGuard {
    pub(super) hub: Arc<Hub>,
    pub(super) handle: Arc<ConnectionHandle>,
    /// The user as they are shown to others, under a name that is confusable with no other user's.
    pub user: Arc<ChatUser>,
    /// The user's rooms at the time of registration, as of the change `seen`.
    pub rooms: Vec<Membership>,
    /// The last change to the memberships that `rooms` contains.
    pub seen: MembershipSeq,
    /// The last security notice at the time of registration.
    pub noticed: MembershipSeq,
    /// The user's rooms as they change.
    pub memberships: Arc<Memberships>,
    /// The user's message allowance.
    pub allowance: Arc<Allowance>,
}

impl Hub {
    /// Registers a connection, beside the other connections of the same user. A name that is confusable with another user's
    /// gets a number. `rooms` are the memberships that the store had at revision `as_of`; returns `None` if the hub has applied
    /// a newer one, in which case the caller must read again. `check` runs under the hub's lock, so that a user who is banned
    /// concurrently is refused here or found by [`Hub::review`].
    ///
    /// # Errors
    /// [`ErrorCode::ChatIdTaken`] if the id is claimed by another user who is online, or the code of `check`.
    pub fn enter(
        self: &Arc<Self>,
        request: JoinRequest,
        (rooms, as_of): (&[(RoomId, ReadState)], u64),
        check: AccessCheck<'_>,
    ) -> Result<Option<ConnectionGuard>, ErrorCode> {
        let JoinRequest {
            identity,
            mut user,
            address,
            handle,
        } = request;
        let mut people = self.people();
        check(&identity, address)?;
        let People {
            here, names, changes, ..
        } = &mut *people;
        let held = here.get(&identity.chat_id);
        if identity.nonce.is_some() && held.is_some_and(|it| it.nonce != identity.nonce) {
            return Err(ErrorCode::ChatIdTaken);
        }
        let known = match here.get(&identity.chat_id) {
            // The hub knows the memberships better than the store did, but not the unread counts.
            Some(person) => person.memberships.counted(rooms),
            None => *changes == as_of,
        };
        if !known {
            return Ok(None);
        }
        // Reserved once for this connection, and once for the roster.
        user.name = names.assign(&identity.chat_id, &user.name);
        names.reserve(&identity.chat_id, &user.name);
        if let Some(before) = here.get(&identity.chat_id) {
            names.free(&before.user.name);
            // This status is newer than the one that the browser has stored.
            user.status.clone_from(&before.user.status);
        }
        let user = Arc::new(user);
        let person = here.entry(identity.chat_id.clone()).or_insert_with(|| {
            Box::new(Person {
                user: user.clone(),
                nonce: identity.nonce,
                // Most users have one connection.
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
        let slot = self.shards.assign(identity.session.is_none());
        slot.subscribe(&person.memberships.rooms(), &handle);
        person.nonce = identity.nonce;
        person.connections.push(Connection {
            slot,
            handle: handle.clone(),
            identity,
            address,
            name: user.name.clone(),
        });
        if user.away {
            person.away.push(handle.clone());
        }
        person.user = user;
        person.update_away();
        let user = person.user.clone();
        let (seen, rooms) = person.memberships.all();
        for Membership { room, .. } in &rooms {
            // Under the same lock as the table of users, so that no departure comes between.
            self.announce(room, |presence| presence.join(&user));
        }
        Ok(Some(ConnectionGuard {
            hub: self.clone(),
            handle,
            user,
            rooms,
            memberships: person.memberships.clone(),
            seen,
            noticed: person.memberships.last_notice(),
            allowance: person.allowance.clone(),
        }))
    }

    fn depart(&self, user: &ChatUser, handle: &Arc<ConnectionHandle>) {
        let mut people = self.people();
        let People { here, names, .. } = &mut *people;
        let Some(known) = here.get_mut(&user.chat_id) else {
            return;
        };
        if let Some(index) = known
            .connections
            .iter()
            .position(|it| Arc::ptr_eq(&it.handle, handle))
        {
            let Connection {
                slot,
                handle,
                name,
                address,
                identity,
            } = known.connections.swap_remove(index);
            if identity.session.is_none() {
                self.gone()
                    .left(&known.user, ClientNetwork::from(address), Instant::now());
            }
            names.free(&name);
            slot.unsubscribe(&known.memberships.rooms(), &handle);
        }
        known.remove_away(handle);
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
            self.timers_changed.notify_one();
        } else {
            self.set_presence(known);
        }
    }
}

impl Drop for ConnectionGuard {
    fn drop(&mut self) {
        self.hub.depart(&self.user, &self.handle);
    }
}
