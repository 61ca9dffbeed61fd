//! Limits the rate at which connections join: after a restart all clients reconnect at once, and each costs a page of history and a
//! roster. Above the rate, connections wait for their turn and are sent the time after which to ask again.
//!
//! Turns are granted round-robin among the waiting networks, one each, so that no client waits longer because another one connects a
//! thousand times. Members have turns of their own, one each in a round, and never wait for guests. A turn belongs to an open
//! connection: an unused turn is available again when the connection is dropped.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::Hash,
    num::NonZeroU32,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use ipnet::IpNet;
use snug_shared::ids::ChatId;

use crate::{
    config::Rate,
    network::{ClientNetwork, NetworkRate},
};

/// The longest wait that is sent to a connection. If its turn has not come by then, it is sent another wait.
const LONGEST: Duration = Duration::from_secs(10);

/// Turns a second of the guests of one network for long; the burst is the number of connections that the network may have. Otherwise
/// a network whose connections are closed as fast as they join could use all spare turns, and keep the server busy.
const OF_NETWORK: NonZeroU32 = NonZeroU32::new(5).unwrap();

/// The time by which one flood delays further guests of its network, beyond what is forgiven. A client that is closed for a flood
/// would otherwise reconnect at once, and a turn costs more than the flood did.
const FLOOD: Duration = Duration::from_secs(1);
const FORGIVEN: Duration = Duration::from_secs(3);

/// Grants the turns of one server.
pub struct Admission {
    /// The end of the delay that floods have caused, by network.
    floods: Mutex<HashMap<IpNet, Instant>>,
    guests: Arc<Lane<IpNet>>,
    of_network: NetworkRate,
    members: Arc<Lane<ChatId>>,
}

impl Admission {
    /// Admits guests and members at this rate each. A network may have `connections_of_network` connections.
    #[must_use]
    pub fn new(rate: Rate, connections_of_network: usize) -> Self {
        let burst = u32::try_from(connections_of_network).unwrap_or(u32::MAX);
        Self {
            floods: Mutex::default(),
            guests: Lane::new(rate),
            of_network: NetworkRate::new(Rate {
                per_second: OF_NETWORK,
                burst: NonZeroU32::new(burst).unwrap_or(OF_NETWORK),
            }),
            members: Lane::new(rate),
        }
    }

    /// Queues a guest for a turn. The networks that one subscriber may have share their turns.
    ///
    /// # Errors
    /// The time to wait before asking again, if the network has taken too many.
    pub fn guest(&self, network: ClientNetwork, now: Instant) -> Result<AdmissionTicket, Duration> {
        let bounded = |wait: Duration| wait.clamp(Duration::from_millis(1), LONGEST);
        let widest = widest(network);
        let flooded = self.floods().get(&widest).copied().unwrap_or(now);
        let wait = flooded.saturating_duration_since(now + FORGIVEN);
        if !wait.is_zero() {
            return Err(bounded(wait));
        }
        self.of_network.check(network).map_err(bounded)?;
        Ok(AdmissionTicket(Kind::Guest(self.guests.wait(widest, now))))
    }

    /// Delays the guests of this network, since one of its connections was closed for a flood.
    pub fn flooded(&self, network: ClientNetwork, now: Instant) {
        let mut floods = self.floods();
        let until = floods.entry(widest(network)).or_insert(now);
        // At most the longest wait, so that the delay ends soon after the last flood.
        *until = ((*until).max(now) + FLOOD).min(now + FORGIVEN + LONGEST);
    }

    fn floods(&self) -> MutexGuard<'_, HashMap<IpNet, Instant>> {
        self.floods.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets networks that have not taken turns for a while.
    pub fn prune(&self) {
        self.of_network.prune();
        let now = Instant::now();
        let mut floods = self.floods();
        floods.retain(|_, until| *until > now);
        floods.shrink_to_fit();
    }

    /// Queues a member, who is signed in, for a turn.
    #[must_use]
    pub fn member(&self, person: &ChatId, now: Instant) -> AdmissionTicket {
        AdmissionTicket(Kind::Member(self.members.wait(person.clone(), now)))
    }
}

/// Returns the widest network that one subscriber may have.
fn widest(network: ClientNetwork) -> IpNet {
    let widest = network.scopes().last();
    widest.unwrap_or_else(|| network.address().into())
}

/// A connection's place in the queue for admission. Dropping it unused gives its turn to the next one.
pub struct AdmissionTicket(Kind);

enum Kind {
    Guest(Ticket<IpNet>),
    Member(Ticket<ChatId>),
}

impl AdmissionTicket {
    /// Takes the turn, if it has come.
    ///
    /// # Errors
    /// The time to wait before asking again.
    pub fn take(&mut self, now: Instant) -> Result<(), Duration> {
        match &mut self.0 {
            Kind::Guest(ticket) => ticket.take(now),
            Kind::Member(ticket) => ticket.take(now),
        }
    }
}

/// Grants turns at a rate, round-robin among the waiting keys (the generic cell rate algorithm, ITU-T I.371, over a round robin).
struct Lane<K> {
    interval: Duration,
    burst: Duration,
    state: Mutex<State<K>>,
}

struct State<K> {
    /// The time of the next turn if there were no bursts.
    next: Instant,
    /// The keys with a waiting ticket, the next one first.
    round: VecDeque<K>,
    waiting: HashMap<K, VecDeque<u64>>,
    /// The tickets whose turn has come and was not used yet.
    granted: HashSet<u64>,
    last_number: u64,
}

struct Ticket<K: Clone + Eq + Hash> {
    lane: Arc<Lane<K>>,
    key: K,
    number: u64,
    used: bool,
}

impl<K: Clone + Eq + Hash> Lane<K> {
    fn new(rate: Rate) -> Arc<Self> {
        let interval = Duration::from_secs(1) / rate.per_second.get();
        Arc::new(Self {
            interval,
            burst: interval * (rate.burst.get() - 1),
            state: Mutex::new(State {
                next: Instant::now(),
                round: VecDeque::new(),
                waiting: HashMap::new(),
                granted: HashSet::new(),
                last_number: 0,
            }),
        })
    }

    fn wait(self: &Arc<Self>, key: K, now: Instant) -> Ticket<K> {
        let mut state = self.state();
        self.grant_due(&mut state, now);
        if state.round.is_empty() {
            // Turns that were unused while no ticket waited make a burst, and no more.
            state.next = state.next.max(now);
        }
        state.last_number += 1;
        let number = state.last_number;
        let waiting = state.waiting.entry(key.clone()).or_default();
        waiting.push_back(number);
        if waiting.len() == 1 {
            state.round.push_back(key.clone());
        }
        let lane = self.clone();
        Ticket {
            lane,
            key,
            number,
            used: false,
        }
    }

    /// Grants the turns that are due by now.
    fn grant_due(&self, state: &mut State<K>, now: Instant) {
        while !state.round.is_empty() && state.next <= now + self.burst {
            let Some(key) = state.round.pop_front() else {
                return;
            };
            let Some(waiting) = state.waiting.get_mut(&key) else {
                continue;
            };
            if let Some(number) = waiting.pop_front() {
                state.granted.insert(number);
                state.next += self.interval;
            }
            if waiting.is_empty() {
                state.waiting.remove(&key);
            } else {
                state.round.push_back(key);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State<K>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Clone + Eq + Hash> Ticket<K> {
    fn take(&mut self, now: Instant) -> Result<(), Duration> {
        if self.used {
            return Ok(());
        }
        let mut state = self.lane.state();
        self.lane.grant_due(&mut state, now);
        if state.granted.remove(&self.number) {
            self.used = true;
            return Ok(());
        }
        let before = state.before(&self.key, self.number);
        let due = state.next + self.lane.interval * u32::try_from(before).unwrap_or(u32::MAX);
        let wait = due.saturating_duration_since(now + self.lane.burst);
        Err(wait.clamp(Duration::from_millis(1), LONGEST))
    }
}

impl<K: Clone + Eq + Hash> State<K> {
    /// Returns how many turns come before a waiting ticket, if no other ticket is added: those of each key, as long as it has any.
    fn before(&self, key: &K, number: u64) -> usize {
        let place = |key| self.waiting.get(key).map_or(0, VecDeque::len);
        let own = self.waiting.get(key);
        let own = own
            .and_then(|it| it.iter().position(|it| *it == number))
            .unwrap_or(0);
        let mut passed = false;
        let others = self.round.iter().map(|other| {
            if other == key {
                passed = true;
                return own;
            }
            // Keys behind it in the round have had one turn less when its own comes.
            place(other).min(if passed { own } else { own + 1 })
        });
        others.sum()
    }
}

impl<K: Clone + Eq + Hash> Drop for Ticket<K> {
    fn drop(&mut self) {
        if self.used {
            return;
        }
        let mut state = self.lane.state();
        if state.granted.remove(&self.number) {
            state.next = state.next.checked_sub(self.lane.interval).unwrap_or(state.next);
            return;
        }
        if let Some(waiting) = state.waiting.get_mut(&self.key) {
            waiting.retain(|it| *it != self.number);
            if waiting.is_empty() {
                state.waiting.remove(&self.key);
                state.round.retain(|it| *it != self.key);
            }
        }
    }
}

/// Spreads the reconnects of a draining server's clients over time, at the rate at which the next server admits them.
pub struct ReconnectSpreader {
    disconnected: AtomicU32,
    per_second: u32,
}

/// Milliseconds that a server needs to restart.
const RESTART: u32 = 500;

impl ReconnectSpreader {
    /// Creates a spreader for a server that admits connections at this rate.
    pub fn new(rate: Rate) -> Self {
        Self {
            disconnected: AtomicU32::new(0),
            per_second: rate.per_second.get(),
        }
    }

    /// Returns the milliseconds after which the next client should reconnect.
    pub fn next_delay(&self) -> u32 {
        let before = u64::from(self.disconnected.fetch_add(1, Ordering::Relaxed));
        RESTART + u32::try_from(before * 1000 / u64::from(self.per_second)).unwrap_or(u32::MAX - RESTART)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn admission(rate: Rate) -> Admission {
        Admission::new(rate, 10_000)
    }

    fn rate(per_second: u32, burst: u32) -> Rate {
        let of = |n| NonZeroU32::new(n).expect("not 0");
        Rate {
            per_second: of(per_second),
            burst: of(burst),
        }
    }

    fn guest(admission: &Admission, network: ClientNetwork, now: Instant) -> AdmissionTicket {
        let turn = admission.guest(network, now);
        turn.expect("it has not taken too many")
    }

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from(address.parse::<IpAddr>().expect("an address"))
    }

    fn told(turn: &mut AdmissionTicket, now: Instant) -> u128 {
        turn.take(now).map_or_else(|wait| wait.as_millis(), |()| 0)
    }

    #[test]
    fn a_burst_comes_in_at_once_and_the_rest_one_by_one_as_they_were_told() {
        let admission = admission(rate(10, 3));
        let now = Instant::now() + Duration::from_secs(1);
        let mut turns: Vec<_> = (0..6)
            .map(|_| guest(&admission, network("192.0.2.1"), now))
            .collect();
        let waits: Vec<_> = turns.iter_mut().map(|it| told(it, now)).collect();
        assert_eq!(waits, [0, 0, 0, 100, 200, 300]);
        for (turn, wait) in turns.iter_mut().zip([0, 0, 0, 100, 200, 300]) {
            assert_eq!(turn.take(now + Duration::from_millis(wait)), Ok(()));
        }
        // After a rest there is a burst again, and no more.
        let later = now + Duration::from_secs(20);
        let mut turns: Vec<_> = (0..4)
            .map(|_| guest(&admission, network("192.0.2.1"), later))
            .collect();
        let waits: Vec<_> = turns.iter_mut().map(|it| told(it, later)).collect();
        assert_eq!(waits, [0, 0, 0, 100]);
    }

    #[test]
    fn who_is_told_a_time_comes_in_then_wherever_they_are_from() {
        let admission = admission(rate(10, 1));
        let now = Instant::now() + Duration::from_secs(1);
        let mut turns: Vec<_> = (0..12)
            .map(|n| guest(&admission, network(&format!("192.0.2.{}", n % 5 * n)), now))
            .collect();
        for turn in &mut turns {
            if let Err(wait) = turn.take(now) {
                assert_eq!(turn.take(now + wait), Ok(()));
            }
        }
    }

    #[test]
    fn whoever_connects_a_thousand_times_makes_nobody_else_wait_longer_than_a_round() {
        let admission = admission(rate(100, 1));
        let now = Instant::now() + Duration::from_secs(1);
        let mut crowd = Vec::new();
        for n in 0..3_000 {
            // Half of the crowd has one IPv4 address, the rest all the networks of one subscriber.
            crowd.push(guest(&admission, network("192.0.2.1"), now));
            let many = format!("2001:db8:1:{:x}::1", n * 21);
            crowd.push(guest(&admission, network(&many), now));
        }
        let mut newcomer = guest(&admission, network("198.51.100.1"), now);
        assert!(told(&mut newcomer, now) <= 40);
        let ann = ChatId::try_from("ann").expect("an id");
        assert_eq!(
            admission.member(&ann, now).take(now),
            Ok(()),
            "members do not wait for guests"
        );
        assert!(crowd.iter_mut().map(|it| told(it, now)).max() <= Some(LONGEST.as_millis()));
        drop(crowd);
        assert!(told(&mut newcomer, now) <= 10, "nobody waits for who has gone");
        let mut next = guest(&admission, network("198.51.100.2"), now);
        assert!(told(&mut next, now) <= 20);
        assert!(admission.guests.state().waiting.len() <= 2);
    }

    #[test]
    fn a_turn_that_nobody_used_is_given_to_the_next() {
        let admission = admission(rate(1, 1));
        let now = Instant::now() + Duration::from_secs(1);
        let first = guest(&admission, network("192.0.2.1"), now);
        let mut second = guest(&admission, network("192.0.2.2"), now);
        assert!(second.take(now).is_err());
        drop(first);
        assert_eq!(second.take(now), Ok(()));
        let mut third = guest(&admission, network("192.0.2.3"), now);
        drop(second);
        assert!(third.take(now).is_err(), "the second has used its turn");
    }

    #[test]
    fn a_network_takes_as_many_turns_as_it_has_connections_and_then_a_few() {
        let admission = Admission::new(rate(500, 500), 256);
        let now = Instant::now();
        let taken = |address: &dyn Fn(u32) -> String| {
            let turns = (0..2_000).filter(|n| admission.guest(network(&address(*n)), now).is_ok());
            turns.count()
        };
        // The upper bound allows for turns that become available while the loop runs.
        assert!((256..300).contains(&taken(&|_| "192.0.2.1".to_owned())));
        assert!((512..600).contains(&taken(&|n| format!("2001:db8:1:{:x}::1", n % 256))));
        assert_eq!(taken(&|n| format!("10.0.{}.{}", n / 250, n % 250)), 2_000);
    }

    #[test]
    fn whoever_floods_waits_before_they_come_in_again_and_nobody_else_does() {
        let admission = admission(rate(500, 500));
        let (now, from) = (Instant::now(), network("192.0.2.1"));
        let wait = |address, now| admission.guest(network(address), now).err();
        for _ in 0..3 {
            admission.flooded(from, now);
            assert_eq!(wait("192.0.2.1", now), None, "it may be a mistake");
        }
        for _ in 0..100 {
            admission.flooded(from, now);
        }
        assert_eq!(wait("192.0.2.1", now), Some(LONGEST));
        assert_eq!(wait("192.0.2.2", now), None);
        assert_eq!(wait("192.0.2.1", now + LONGEST), None, "it is over");
    }

    #[test]
    fn who_is_sent_away_comes_back_one_by_one() {
        let reconnects = ReconnectSpreader::new(rate(100, 1));
        let times: Vec<_> = (0..3).map(|_| reconnects.next_delay()).collect();
        assert_eq!(times, [500, 510, 520]);
    }
}
