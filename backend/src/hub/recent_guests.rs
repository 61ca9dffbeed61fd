//! Guests who left within the last day: their name and avatar, and the networks they connected from. In memory only: a guest
//! who has left can still be banned, and no address is stored.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use snug_shared::{ids::ChatId, presence::ChatUser};

use crate::network::{ClientNetwork, NetworkPermit, NetworkShares};

/// The time for which a guest is remembered.
const REMEMBERED: Duration = Duration::from_secs(24 * 60 * 60);
/// Guests that are remembered in all.
const GUESTS: usize = 10_000;
/// Guests of one network that are remembered, so that many from one do not displace the others.
const GUESTS_OF_NETWORK: usize = 200;
/// Networks of one guest that are remembered.
const NETWORKS: usize = 8;

struct RecentGuest {
    user: Arc<ChatUser>,
    networks: Vec<ClientNetwork>,
    at: Instant,
    /// The guest's number in the order of departure.
    number: u64,
    _share: NetworkPermit,
}

/// The guests who left within the last day, see the module's documentation.
pub struct RecentGuests {
    guests: HashMap<ChatId, RecentGuest>,
    /// The guests by number, the oldest first.
    order: BTreeMap<u64, ChatId>,
    shares: Arc<NetworkShares>,
    next: u64,
}

impl Default for RecentGuests {
    fn default() -> Self {
        Self {
            guests: HashMap::new(),
            order: BTreeMap::new(),
            shares: NetworkShares::new(GUESTS_OF_NETWORK),
            next: 0,
        }
    }
}

impl RecentGuests {
    /// Stores a guest whose connection has ended.
    pub fn left(&mut self, user: &Arc<ChatUser>, network: ClientNetwork, now: Instant) {
        let before = self.forget(&user.chat_id);
        while let Some((_, oldest)) = self.order.first_key_value() {
            let old = |it: &RecentGuest| now.duration_since(it.at) >= REMEMBERED;
            if self.guests.len() < GUESTS && !self.guests.get(oldest).is_none_or(old) {
                break;
            }
            let oldest = oldest.clone();
            self.forget(&oldest);
        }
        let share = loop {
            match self.shares.take(network) {
                Some(share) => break share,
                // The network's own oldest guest is forgotten.
                None => match self.oldest_of(network) {
                    Some(oldest) => drop(self.forget(&oldest)),
                    None => return,
                },
            }
        };
        let mut networks = before.map(|it| it.networks).unwrap_or_default();
        networks.retain(|it| *it != network);
        networks.push(network);
        if networks.len() > NETWORKS {
            networks.remove(0);
        }
        let number = self.next;
        self.next += 1;
        self.order.insert(number, user.chat_id.clone());
        let guest = RecentGuest {
            user: user.clone(),
            networks,
            at: now,
            number,
            _share: share,
        };
        self.guests.insert(user.chat_id.clone(), guest);
    }

    /// Returns a guest as they were shown, and the networks that they connected from.
    pub fn find(&self, person: &ChatId, now: Instant) -> Option<(&Arc<ChatUser>, &[ClientNetwork])> {
        let guest = self.guests.get(person)?;
        let remembered = now.duration_since(guest.at) < REMEMBERED;
        remembered.then_some((&guest.user, guest.networks.as_slice()))
    }

    fn forget(&mut self, person: &ChatId) -> Option<RecentGuest> {
        let guest = self.guests.remove(person)?;
        self.order.remove(&guest.number);
        Some(guest)
    }

    /// Returns the oldest guest of a network, or of a network that contains it.
    fn oldest_of(&self, network: ClientNetwork) -> Option<ChatId> {
        let widest = network.scopes().last()?;
        let from = |person: &&ChatId| {
            let guest = self.guests.get(*person);
            let last = guest.and_then(|it| it.networks.last());
            last.is_some_and(|it| widest.contains(&it.address()))
        };
        self.order.values().find(from).cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn user(id: &str) -> Arc<ChatUser> {
        Arc::new(ChatUser::guest(
            id.try_into().expect("an id"),
            id.try_into().expect("a name"),
        ))
    }

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn a_crowd_from_one_network_makes_nobody_else_forgotten() {
        let (mut gone, now) = (RecentGuests::default(), Instant::now());
        gone.left(&user("bob"), network("192.0.2.1"), now);
        gone.left(&user("bob"), network("192.0.2.2"), now);
        for n in 0..1_000 {
            gone.left(&user(&format!("e{n}")), network("198.51.100.1"), now);
        }
        let found = |gone: &RecentGuests, id: &str, now| {
            let found = gone.find(&id.try_into().expect("an id"), now);
            found.map_or(0, |(_, networks)| networks.len())
        };
        assert_eq!(found(&gone, "bob", now), 2, "from both");
        assert_eq!((found(&gone, "e0", now), found(&gone, "e999", now)), (0, 1));
        assert_eq!(gone.guests.len(), 1 + GUESTS_OF_NETWORK);
        let next_day = now + REMEMBERED;
        assert_eq!(found(&gone, "bob", next_day), 0);
        gone.left(&user("cem"), network("192.0.2.1"), next_day);
        assert_eq!((gone.guests.len(), gone.order.len()), (1, 1));
    }

    #[test]
    fn many_networks_are_remembered_in_part() {
        let (mut gone, now) = (RecentGuests::default(), Instant::now());
        for n in 0..GUESTS + 100 {
            let address = format!("10.{}.{}.1", n >> 8, n & 255);
            gone.left(&user(&format!("g{n}")), network(&address), now);
        }
        assert_eq!((gone.guests.len(), gone.order.len()), (GUESTS, GUESTS));
    }
}
