//! Limits how often a user is notified of a room: at once, and then once per window, of the last message.
//!
//! Has no clock: the caller passes the time.

use std::{
    collections::{BTreeSet, HashMap, hash_map::Entry},
    sync::Arc,
    time::{Duration, Instant},
};

use snug_shared::{
    ids::{ChatId, RoomId},
    messages::Message,
};

use super::policy::Urgency;

/// Windows that are open at a time.
const MOST: usize = 16_384;
/// Guests' windows that are open at a time.
const OF_GUESTS: usize = 4_096;

/// A user and one of their rooms.
type Whose = (ChatId, RoomId);

/// A message that a user is to be notified of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ready {
    pub(super) person: ChatId,
    pub(super) message: Arc<Message>,
    pub(super) urgency: Urgency,
}

/// The time in which a user is not notified of a room again.
struct Window {
    /// The message that waits for the window's end, if there is one.
    waiting: Option<(Arc<Message>, Urgency)>,
    guest: bool,
}

/// The open windows of all users and rooms.
pub(super) struct Throttle {
    /// The delay of the first message: a user who only reloads their page is back by then.
    settle: Duration,
    /// The time without notifications after a message.
    quiet: Duration,
    open: HashMap<Whose, Window>,
    of_guests: usize,
    ends: BTreeSet<(Instant, ChatId, RoomId)>,
}

impl Throttle {
    pub(super) fn new(settle: Duration, quiet: Duration) -> Self {
        Self {
            settle,
            quiet,
            open: HashMap::new(),
            of_guests: 0,
            ends: BTreeSet::new(),
        }
    }

    /// Adds a message for a user, a guest or not. Returns whether there was room for it.
    pub(super) fn put(&mut self, due: Ready, guest: bool, now: Instant) -> bool {
        let Ready {
            person,
            message,
            urgency,
        } = due;
        let full = self.open.len() >= MOST || (guest && self.of_guests >= OF_GUESTS);
        match self.open.entry((person, message.room.clone())) {
            Entry::Occupied(mut open) => {
                let waiting = &mut open.get_mut().waiting;
                // A message for all does not replace a message for the user.
                if waiting.as_ref().is_none_or(|(_, before)| *before <= urgency) {
                    *waiting = Some((message, urgency));
                }
            }
            Entry::Vacant(_) if full => return false,
            Entry::Vacant(place) => {
                let (person, room) = place.key().clone();
                self.ends.insert((now + self.settle, person, room));
                let waiting = Some((message, urgency));
                place.insert(Window { waiting, guest });
                self.of_guests += usize::from(guest);
            }
        }
        true
    }

    /// Takes the messages that are ready by now.
    pub(super) fn take(&mut self, now: Instant) -> Vec<Ready> {
        let mut due = Vec::new();
        while self.ends.first().is_some_and(|(end, ..)| *end <= now) {
            let Some((_, person, room)) = self.ends.pop_first() else {
                break;
            };
            let whose = (person, room);
            let waiting = self.open.get_mut(&whose).and_then(|it| it.waiting.take());
            let Some((message, urgency)) = waiting else {
                let over = self.open.remove(&whose);
                self.of_guests -= usize::from(over.is_some_and(|it| it.guest));
                continue;
            };
            let (person, room) = whose;
            self.ends.insert((now + self.quiet, person.clone(), room));
            due.push(Ready {
                person,
                message,
                urgency,
            });
        }
        due
    }

    /// Returns when the next message may be ready.
    pub(super) fn next(&self) -> Option<Instant> {
        self.ends.first().map(|(end, ..)| *end)
    }
}

#[cfg(test)]
mod tests {
    use snug_shared::{avatar::Avatar, ids::Position, text::MessageBody};

    use super::*;

    const SETTLE: Duration = Duration::from_secs(2);
    const QUIET: Duration = Duration::from_secs(30);

    fn ready(person: &str, room: &str, n: u64, urgency: Urgency) -> Ready {
        Ready {
            person: person.try_into().expect("an id"),
            message: Arc::new(Message {
                room: room.try_into().expect("an id"),
                n: Position(n),
                key: n.to_string().as_str().try_into().expect("a key"),
                chat_id: "ann".try_into().expect("an id"),
                name: "Ann".try_into().expect("a name"),
                avatar: Avatar::of_seed("ann"),
                mentions: snug_shared::mentions::Mentions::default(),
                text: MessageBody::try_from("psst").expect("a text"),
                at: snug_shared::ids::Millis(0),
            }),
            urgency,
        }
    }

    fn numbers(due: &[Ready]) -> Vec<u64> {
        due.iter().map(|it| it.message.n.0).collect()
    }

    #[test]
    fn the_first_is_told_at_once_and_of_the_others_the_last_when_the_time_is_over() {
        let mut throttle = Throttle::new(SETTLE, QUIET);
        let begin = Instant::now();
        for n in 1..=3 {
            assert!(throttle.put(ready("bob", "den", n, Urgency::Normal), false, begin));
        }
        assert_eq!(throttle.take(begin), []);
        let first = throttle.next().expect("an end");
        assert_eq!(first, begin + SETTLE);
        assert_eq!(
            numbers(&throttle.take(first)),
            [3],
            "they came before it was sent"
        );
        for n in 4..=6 {
            throttle.put(ready("bob", "den", n, Urgency::Normal), false, first);
        }
        assert_eq!(throttle.take(first + QUIET - Duration::from_millis(1)), []);
        assert_eq!(numbers(&throttle.take(first + QUIET)), [6]);
        // The last message opened a window too: quiet again, and then as if nothing had been sent.
        assert_eq!(throttle.next(), Some(first + 2 * QUIET));
        assert_eq!(throttle.take(first + 2 * QUIET), []);
        assert_eq!(throttle.next(), None);
        assert!(throttle.open.is_empty());
    }

    #[test]
    fn people_and_rooms_do_not_wait_for_each_other() {
        let mut throttle = Throttle::new(Duration::ZERO, QUIET);
        let now = Instant::now();
        throttle.put(ready("bob", "den", 1, Urgency::Normal), false, now);
        assert_eq!(numbers(&throttle.take(now)), [1]);
        throttle.put(ready("bob", "attic", 2, Urgency::Normal), false, now);
        throttle.put(ready("eve", "den", 3, Urgency::Normal), false, now);
        let mut both = numbers(&throttle.take(now));
        both.sort_unstable();
        assert_eq!(both, [2, 3]);
    }

    #[test]
    fn what_is_said_to_somebody_is_not_hidden_by_what_is_said_to_all() {
        let mut throttle = Throttle::new(Duration::ZERO, QUIET);
        let now = Instant::now();
        throttle.put(ready("bob", "den", 1, Urgency::Normal), false, now);
        throttle.put(ready("bob", "den", 2, Urgency::High), false, now);
        throttle.put(ready("bob", "den", 3, Urgency::Normal), false, now);
        assert_eq!(throttle.take(now), [ready("bob", "den", 2, Urgency::High)]);
    }

    #[test]
    fn there_are_no_more_of_them_than_there_may_be() {
        let mut throttle = Throttle::new(Duration::ZERO, QUIET);
        let now = Instant::now();
        let each = |n: usize| ready(&format!("p{n}"), "den", 1, Urgency::Normal);
        assert!((0..MOST).all(|n| throttle.put(each(n), false, now)));
        assert!(!throttle.put(each(MOST), false, now));
        assert!(throttle.put(each(0), false, now), "one that is open takes more");
        let mut throttle = Throttle::new(Duration::ZERO, QUIET);
        let guests = (0..MOST).filter(|n| throttle.put(each(*n), true, now)).count();
        assert_eq!(guests, OF_GUESTS);
        assert!(throttle.put(each(MOST), false, now), "a member's");
    }
}
