//! What a person and a network may make the server do, by what it costs: bytes that are read back, searches, changes that
//! others are told of and that stay in the log, and what guests say.
//!
//! A guest is anybody, as often as they like, so guests are counted by their network too. A member is counted alone: nobody
//! else can spend what is theirs.

use std::{
    collections::HashMap,
    hash::Hash,
    num::NonZeroU32,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};
use ipnet::IpNet;
use snug_shared::ids::{ChatId, RoomId};

use crate::{
    app::App,
    config::{Config, Rate},
    network::{Network, NetworkRate},
};

/// How often those who have been quiet are forgotten.
const PRUNE_INTERVAL: Duration = Duration::from_secs(60);
/// Guests of one network may say so many times as much as one of them for long, and at once, unless a setting says otherwise.
const GUESTS: [u32; 2] = [4, 10];
/// Slow rooms and networks that are remembered. The least that can be forgotten is how long one network has to wait.
const TURNS: usize = 10_000;

/// So many at once after a rest, and one in each period for long.
struct Allowed(u32, Duration);

impl Allowed {
    fn quota(&self) -> Quota {
        let quota = Quota::with_period(self.1).expect("a period is not 0");
        quota.allow_burst(NonZeroU32::new(self.0).expect("a burst is not 0"))
    }
}

/// New names and avatars: each is told to all who see the person, with whole rosters.
const RENAMES: Allowed = Allowed(5, Duration::from_secs(60));
/// Statuses: told to all who see the person.
const STATUSES: Allowed = Allowed(10, Duration::from_secs(2));
/// Rooms and conversations that are opened, changed, joined or left: they stay in the log, and their people are told.
const CHANGES: Allowed = Allowed(100, Duration::from_secs(1));
/// What is done to keep order, and messages that are deleted: the same.
const ACTS: Allowed = Allowed(100, Duration::from_millis(500));
/// Searches and lists, by person; a network's guests have four times as many together.
const SEARCHES: Allowed = Allowed(20, Duration::from_millis(200));
const SEARCHES_BY_NETWORK: Allowed = Allowed(80, Duration::from_millis(50));

/// What is counted by person and without a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// A new name or avatar.
    Rename,
    /// A new status.
    Status,
    /// A room or conversation opened, changed, joined or left, or somebody else brought in or taken out.
    Change,
    /// An act to keep order, or a message deleted.
    Act,
}

/// Who spends: a person, and of a guest the network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spender {
    /// Who.
    pub person: ChatId,
    /// The network of a guest; a member has none that counts.
    pub guest_of: Option<Network>,
}

/// The rates of one server.
pub struct Rates {
    costs: [DefaultKeyedRateLimiter<ChatId>; 4],
    searches: DefaultKeyedRateLimiter<ChatId>,
    searches_by_network: NetworkRate,
    guest_messages: NetworkRate,
    turns: Turns,
    read_by_person: Meter<ChatId>,
    read_by_network: Meter<IpNet>,
}

/// How long to wait, in whole milliseconds.
pub type Wait = u32;

fn wait(duration: Duration) -> Wait {
    Wait::try_from(duration.as_millis()).map_or(Wait::MAX, |it| it.saturating_add(1))
}

fn spend(limiter: &DefaultKeyedRateLimiter<ChatId>, person: &ChatId) -> Result<(), Wait> {
    let checked = limiter.check_key(person);
    checked.map_err(|until| wait(until.wait_time_from(limiter.clock().now())))
}

impl Rates {
    /// As the settings have them.
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

    /// Takes one of what is counted by person.
    ///
    /// # Errors
    /// How long to wait.
    pub fn spend(&self, cost: Cost, person: &ChatId) -> Result<(), Wait> {
        spend(&self.costs[cost as usize], person)
    }

    /// Lets somebody search, or have a list.
    ///
    /// # Errors
    /// How long to wait.
    pub fn search(&self, spender: &Spender) -> Result<(), Wait> {
        spend(&self.searches, &spender.person)?;
        let network = spender.guest_of.map(|it| self.searches_by_network.check(it));
        network.unwrap_or(Ok(())).map_err(wait)
    }

    /// Lets a guest of a network say something.
    ///
    /// # Errors
    /// How long to wait.
    pub fn say(&self, guest_of: Network) -> Result<(), Wait> {
        self.guest_messages.check(guest_of).map_err(wait)
    }

    /// Lets a guest say something in a slow room, where those of one network share what one of them may. What is refused for
    /// another reason gives it [back](Rates::give_back).
    ///
    /// # Errors
    /// How long to wait.
    pub fn take_turn(&self, turn: &SlowTurn, seconds: u32) -> Result<Taken, Wait> {
        self.turns
            .take(turn, Duration::from_secs(seconds.into()), Instant::now())
    }

    /// Nothing was said: somebody else may.
    pub fn give_back(&self, turn: &SlowTurn) {
        self.turns.give_back(turn);
    }

    /// Whether somebody may be read something back now, or is to wait because too much was read before.
    ///
    /// # Errors
    /// How long to wait.
    pub fn may_read(&self, spender: &Spender) -> Result<(), Wait> {
        let now = Instant::now();
        let network = spender.guest_of.into_iter().flat_map(Network::scopes);
        let owed = network.filter_map(|it| self.read_by_network.owed(&it, now));
        let most = self
            .read_by_person
            .owed(&spender.person, now)
            .into_iter()
            .chain(owed)
            .max();
        most.map_or(Ok(()), |owed| Err(wait(owed)))
    }

    /// So many bytes were read back to somebody.
    pub fn has_read(&self, spender: &Spender, bytes: usize) {
        let now = Instant::now();
        self.read_by_person.charge(spender.person.clone(), bytes, 1, now);
        for (index, scope) in spender.guest_of.into_iter().flat_map(Network::scopes).enumerate() {
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

/// Forgets idle people and networks, for as long as the server runs.
pub fn run_pruner(app: &App) {
    let rates = app.rates.clone();
    app.tasks.run_until_drained(async move {
        let mut ticks = tokio::time::interval(PRUNE_INTERVAL);
        loop {
            ticks.tick().await;
            rates.prune();
        }
    });
}

/// A rate of bytes that is charged when it is known how many they were (the generic cell rate algorithm, ITU-T I.371, with a
/// debt: governor, and so [`NetworkRate`], takes only what is there). Whoever owes more than the burst waits.
struct Meter<Key> {
    bytes_per_second: f64,
    burst: Duration,
    /// When all that was read is paid for.
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

    /// How long it takes until somebody may read again; nothing, if they may now.
    fn owed(&self, key: &Key, now: Instant) -> Option<Duration> {
        let paid = *self.paid().get(key)?;
        let owed = paid.checked_duration_since(now)?.checked_sub(self.burst)?;
        (!owed.is_zero()).then_some(owed)
    }

    /// Charges bytes to somebody who has `times` the rate, and `times` the burst with it.
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

/// A guest's turn to say something in a slow room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SlowTurn {
    /// Which room.
    pub room: RoomId,
    /// Who.
    pub person: ChatId,
    /// From which network.
    pub network: Network,
}

/// How a turn was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Now.
    Now,
    /// The person has it already: what they say may be what they have said.
    Before,
}

/// Who of a network had the last turn in a slow room, and when.
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
            // A wider network is shared by those who wait less.
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
    use super::*;

    fn id(id: &str) -> ChatId {
        id.try_into().expect("an id")
    }

    fn network(address: &str) -> Network {
        Network::of(address.parse().expect("an address"))
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
