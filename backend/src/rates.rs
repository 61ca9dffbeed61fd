//! Rate limits of users and networks, by the cost of what they ask for: bytes of history, searches, changes that are delivered to
//! others and stay in the log, and messages of guests.
//!
//! One client can be any number of guests, so guests are counted by their network too. A member is counted alone: no other user can
//! spend a member's allowance.

use std::{
    collections::HashMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use ipnet::IpNet;
use snug_shared::ids::{ChatId, RoomId};

use crate::{
    config::{Config, Rate},
    network::{ClientNetwork, NetworkRate},
    tasks::Tasks,
};

/// The interval at which idle users and networks are forgotten.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
/// The factors of one guest's rate and burst of messages that give those of all guests of a network, unless a setting says otherwise.
const GUESTS: [u32; 2] = [4, 10];
/// Slow rooms and networks that are remembered. Above it a new turn is not recorded: the least that can be lost is the wait of one
/// network.
const TURNS: usize = 10_000;

/// A burst after a rest, and the period in which one is allowed for long.
struct Allowed(u32, Duration);

impl Allowed {
    fn quota(&self) -> Quota {
        let quota = Quota::with_period(self.1).expect("a period is not 0");
        quota.allow_burst(NonZeroU32::new(self.0).expect("a burst is not 0"))
    }
}

/// New names and avatars: each is delivered to all who see the person, with whole rosters.
const RENAMES: Allowed = Allowed(5, Duration::from_secs(60));
/// New statuses: delivered to all who see the person.
const STATUSES: Allowed = Allowed(10, Duration::from_secs(2));
/// Rooms and conversations that are opened, changed, joined or left: the changes stay in the log, and are delivered to the members.
const CHANGES: Allowed = Allowed(100, Duration::from_secs(1));
/// Moderation, and deleted messages: these stay in the log and are delivered, too.
const ACTS: Allowed = Allowed(100, Duration::from_millis(500));
/// Searches and lists, by user; a network's guests have four times as many together.
const SEARCHES: Allowed = Allowed(20, Duration::from_millis(200));
const SEARCHES_BY_NETWORK: Allowed = Allowed(80, Duration::from_millis(50));

/// The kinds of requests that are counted by user, without a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A new name or avatar.
    Rename,
    /// A new status.
    Status,
    /// A room or conversation opened, changed, joined or left, or another user added to or removed from it.
    Change,
    /// An act of moderation, or a message deleted.
    Moderation,
}

/// The account to which a request is charged: a person, and for a guest also the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spender {
    /// The id of the person.
    pub person: ChatId,
    /// The network of a guest; `None` for a member, whose network is not counted.
    pub guest_of: Option<ClientNetwork>,
}

/// The rate limits of one server.
pub struct Rates {
    costs: [DefaultKeyedRateLimiter<ChatId>; 4],
    searches: DefaultKeyedRateLimiter<ChatId>,
    searches_by_network: NetworkRate,
    guest_messages: NetworkRate,
    turns: Turns,
    read_by_person: Meter<ChatId>,
    read_by_network: Meter<IpNet>,
}

/// The time to wait, in whole milliseconds.
pub type Wait = u32;

fn wait(duration: Duration) -> Wait {
    Wait::try_from(duration.as_millis()).map_or(Wait::MAX, |it| it.saturating_add(1))
}

fn spend(limiter: &DefaultKeyedRateLimiter<ChatId>, person: &ChatId) -> Result<(), Wait> {
    let checked = limiter.check_key(person);
    checked.map_err(|until| wait(until.wait_time_from(limiter.clock().now())))
}

impl Rates {
    /// Creates the limits with the rates of the settings.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let [long, once] = GUESTS.map(|it| NonZeroU32::new(it).unwrap_or(NonZeroU32::MIN));
        let messages = Rate {
            per_second: config.messages.per_second.saturating_mul(long),
            burst: config.messages.burst.saturating_mul(once),
        };
        let messages = Rate {
            per_second: config.guest_messages_per_second.unwrap_or(messages.per_second),
            burst: config.guest_messages_burst.unwrap_or(messages.burst),
        };
        Self {
            costs: [RENAMES, STATUSES, CHANGES, ACTS].map(|it| RateLimiter::keyed(it.quota())),
            searches: RateLimiter::keyed(SEARCHES.quota()),
            searches_by_network: NetworkRate::with_quota(SEARCHES_BY_NETWORK.quota()),
            guest_messages: NetworkRate::new(messages),
            turns: Turns::default(),
            read_by_person: Meter::new(config.read_kib),
            read_by_network: Meter::new(config.network_read_kib),
        }
    }

    /// Takes one from the person's allowance of this kind.
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn spend(&self, cost: Cost, person: &ChatId) -> Result<(), Wait> {
        spend(&self.costs[cost as usize], person)
    }

    /// Admits a search or a list.
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn search(&self, spender: &Spender) -> Result<(), Wait> {
        spend(&self.searches, &spender.person)?;
        let network = spender.guest_of.map(|it| self.searches_by_network.check(it));
        network.unwrap_or(Ok(())).map_err(wait)
    }

    /// Admits a message of a guest of this network.
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn say(&self, guest_of: ClientNetwork) -> Result<(), Wait> {
        self.guest_messages.check(guest_of).map_err(wait)
    }

    /// Takes a guest's turn to post in a slow room, where the guests of one network share the rate of one guest. If the message is
    /// refused for another reason, the turn is [given back](Rates::give_back).
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn take_turn(&self, turn: &SlowTurn, seconds: u32) -> Result<Taken, Wait> {
        self.turns
            .take(turn, Duration::from_secs(seconds.into()), Instant::now())
    }

    /// Returns the turn of a message that was not posted, so that another guest may post.
    pub fn give_back(&self, turn: &SlowTurn) {
        self.turns.give_back(turn);
    }

    /// Checks that a user may read history now, and has not read too much before.
    ///
    /// # Errors
    /// The milliseconds to wait.
    pub fn may_read(&self, spender: &Spender) -> Result<(), Wait> {
        let now = Instant::now();
        let network = spender.guest_of.into_iter().flat_map(ClientNetwork::scopes);
        let owed = network.filter_map(|it| self.read_by_network.owed(&it, now));
        let most = self
            .read_by_person
            .owed(&spender.person, now)
            .into_iter()
            .chain(owed)
            .max();
        most.map_or(Ok(()), |owed| Err(wait(owed)))
    }

    /// Charges the bytes of history that a user has read.
    pub fn has_read(&self, spender: &Spender, bytes: usize) {
        let now = Instant::now();
        self.read_by_person.charge(spender.person.clone(), bytes, 1, now);
        for (index, scope) in spender
            .guest_of
            .into_iter()
            .flat_map(ClientNetwork::scopes)
            .enumerate()
        {
            self.read_by_network.charge(scope, bytes, 1 << index, now);
        }
    }

    fn prune(&self) {
        for limiter in self.costs.iter().chain([&self.searches]) {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        self.searches_by_network.prune();
        self.guest_messages.prune();
        let now = Instant::now();
        self.turns.prune(now);
        self.read_by_person.prune(now);
        self.read_by_network.prune(now);
    }
}

/// Forgets idle users and networks, for as long as the server runs.
pub fn run_pruner(rates: &Arc<Rates>, tasks: &Tasks) {
    let rates = rates.clone();
    tasks.run_until_drained(async move {
        let mut ticks = tokio::time::interval(PRUNE_INTERVAL);
        loop {
            ticks.tick().await;
            rates.prune();
        }
    });
}

/// A rate of bytes that is charged once the number of bytes is known (the generic cell rate algorithm, ITU-T I.371, with a debt:
/// governor, and so [`NetworkRate`], takes only what is available). A user who owes more than the burst waits.
struct Meter<Key> {
    bytes_per_second: f64,
    burst: Duration,
    /// The times at which all read bytes are paid for.
    paid: Mutex<HashMap<Key, Instant>>,
}

impl<Key: Hash + Eq> Meter<Key> {
    fn new(kib: Rate) -> Self {
        let bytes_per_second = f64::from(kib.per_second.get()) * 1_024.0;
        Self {
            bytes_per_second,
            burst: Duration::from_secs_f64(f64::from(kib.burst.get()) * 1_024.0 / bytes_per_second),
            paid: Mutex::default(),
        }
    }

    /// Returns how long a user has to wait before the next read; `None` if they may read now.
    fn owed(&self, key: &Key, now: Instant) -> Option<Duration> {
        let paid = *self.paid().get(key)?;
        let owed = paid.checked_duration_since(now)?.checked_sub(self.burst)?;
        (!owed.is_zero()).then_some(owed)
    }

    /// Charges bytes to a user or network that has `times` the rate and `times` the burst.
    fn charge(&self, key: Key, bytes: usize, times: u32, now: Instant) {
        let time = Duration::from_secs_f64(bytes as f64 / (self.bytes_per_second * f64::from(times)));
        let mut all = self.paid();
        let paid = all.entry(key).or_insert(now);
        *paid = (*paid).max(now) + time;
    }

    fn prune(&self, now: Instant) {
        let mut all = self.paid();
        all.retain(|_, paid| *paid > now);
        all.shrink_to_fit();
    }

    fn paid(&self) -> MutexGuard<'_, HashMap<Key, Instant>> {
        self.paid.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The turn of a guest to post in a slow room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowTurn {
    /// The slow room.
    pub room: RoomId,
    /// The guest.
    pub person: ChatId,
    /// The network of the guest.
    pub network: ClientNetwork,
}

/// The result of taking a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The turn was taken now.
    Now,
    /// The person has the turn already: the message may be a repetition of one that they have posted.
    Before,
}

/// The guest of each network with the last turn in a slow room, and its time.
#[derive(Default)]
struct Turns(Mutex<HashMap<(RoomId, IpNet), (ChatId, Instant)>>);

impl Turns {
    fn take(&self, turn: &SlowTurn, interval: Duration, now: Instant) -> Result<Taken, Wait> {
        let mut all = self.all();
        let (mut others, mut mine) = (Duration::ZERO, false);
        for (index, scope) in turn.network.scopes().enumerate() {
            let Some((person, at)) = all.get(&(turn.room.clone(), scope)) else {
                continue;
            };
            let left = (*at + interval / (1 << index)).saturating_duration_since(now);
            // A wider network is shared by more guests, so its wait is shorter.
            if *person != turn.person {
                others = others.max(left);
            } else if index == 0 && !left.is_zero() {
                mine = true;
            }
        }
        if mine {
            return Ok(Taken::Before);
        }
        if !others.is_zero() {
            return Err(wait(others));
        }
        if all.len() >= TURNS {
            all.retain(|_, (_, at)| now.duration_since(*at) < interval);
        }
        if all.len() < TURNS {
            for scope in turn.network.scopes() {
                all.insert((turn.room.clone(), scope), (turn.person.clone(), now));
            }
        }
        Ok(Taken::Now)
    }

    fn give_back(&self, turn: &SlowTurn) {
        let mut all = self.all();
        for scope in turn.network.scopes() {
            let place = (turn.room.clone(), scope);
            if all.get(&place).is_some_and(|(person, _)| *person == turn.person) {
                all.remove(&place);
            }
        }
    }

    fn prune(&self, now: Instant) {
        let slowest = Duration::from_secs(snug_shared::limits::SLOWEST.into());
        let mut all = self.all();
        all.retain(|_, (_, at)| now.duration_since(*at) < slowest);
        all.shrink_to_fit();
    }

    fn all(&self) -> MutexGuard<'_, HashMap<(RoomId, IpNet), (ChatId, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn id(id: &str) -> ChatId {
        id.try_into().expect("an id")
    }

    fn network(address: &str) -> ClientNetwork {
        ClientNetwork::from(address.parse::<IpAddr>().expect("an address"))
    }

    #[test]
    fn bytes_are_paid_for_after_they_were_read() {
        let kib = |it| NonZeroU32::new(it).expect("not 0");
        let meter = Meter::new(Rate {
            per_second: kib(1),
            burst: kib(8),
        });
        let now = Instant::now();
        let owed = |seconds| meter.owed(&"ann", now + Duration::from_secs(seconds));
        meter.charge("ann", 8 * 1_024, 1, now);
        assert_eq!(owed(0), None, "the burst is spent, and nothing owed");
        meter.charge("ann", 4 * 1_024, 1, now);
        assert_eq!(owed(0), Some(Duration::from_secs(4)));
        assert_eq!((owed(3), owed(4)), (Some(Duration::from_secs(1)), None));
        assert_eq!(meter.owed(&"bob", now), None);
        meter.prune(now + Duration::from_secs(12));
        assert!(meter.paid().is_empty());
    }

    #[test]
    fn guests_of_a_network_share_their_turns_in_a_slow_room() {
        let (turns, now) = (Turns::default(), Instant::now());
        let turn = |person: &str, address: &str| SlowTurn {
            room: RoomId::lobby(),
            person: id(person),
            network: network(address),
        };
        let take = |person: &str, address: &str, after| {
            let taken = turns.take(
                &turn(person, address),
                Duration::from_secs(60),
                now + Duration::from_secs(after),
            );
            taken.map_err(|wait| wait / 1_000)
        };
        assert_eq!(take("ann", "192.0.2.1", 0), Ok(Taken::Now));
        assert_eq!(
            take("ann", "192.0.2.1", 1),
            Ok(Taken::Before),
            "perhaps the same again"
        );
        assert_eq!(take("bob", "192.0.2.1", 20), Err(40));
        assert_eq!(take("bob", "192.0.2.2", 20), Ok(Taken::Now), "another network");
        assert_eq!(take("cem", "192.0.2.1", 60), Ok(Taken::Now));
        turns.give_back(&turn("ann", "192.0.2.1"));
        assert_eq!(take("bob", "192.0.2.1", 61), Err(59), "it was not Ann's to give");
        turns.give_back(&turn("cem", "192.0.2.1"));
        assert_eq!(take("bob", "192.0.2.1", 61), Ok(Taken::Now));
        assert_eq!(take("dan", "2001:db8::1", 0), Ok(Taken::Now));
        assert_eq!(
            take("eve", "2001:db8:0:1::1", 10),
            Err(20),
            "twice as often in a /56"
        );
        turns.prune(now + Duration::from_secs(4_000));
        assert!(turns.all().is_empty());
    }
}
