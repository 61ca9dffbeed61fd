//! The order in which pushes are sent. Each push service has a limit of concurrent requests, so that a service that does not
//! answer delays no other one; services that have not answered yet have a smaller limit, and one for all of them together.
//! Members' pushes are sent before guests'.
//!
//! Has no clock and sends nothing: the caller passes the time.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    time::Instant,
};

use super::delivery::Push;

/// Concurrent requests in all.
pub(super) const AT_ONCE: usize = 32;
/// Concurrent requests to all push services together that have not answered yet, or did not answer the last time.
const UNPROVEN_AT_ONCE: usize = 8;
/// Concurrent requests to one such service.
const AT_ONCE_TO_UNPROVEN: usize = 2;
/// Concurrent requests to one service that answers.
const AT_ONCE_TO_ONE: usize = 6;
/// Pushes that may wait, in all.
const WAITING: usize = 16_384;
/// Guests' pushes that may wait.
const GUESTS_WAITING: usize = 4_096;
/// Pushes that may wait for one service that has not answered yet.
const WAITING_FOR_UNPROVEN: usize = 256;
/// Services that are remembered for having answered.
const REMEMBERED: usize = 1_024;

/// The pushes that wait, and their push services.
#[derive(Default)]
pub(super) struct Queue {
    /// The pushes that are not due yet, by time and by their number among those of the same time.
    later: BTreeMap<(Instant, u64), Push>,
    put: u64,
    /// The pushes that are due, by service; members' and guests'.
    due: [HashMap<String, VecDeque<Push>>; 2],
    /// The services of `due`, in the order of their turns.
    turns: [VecDeque<String>; 2],
    services: HashMap<String, Service>,
    under_way: usize,
    unproven_under_way: usize,
    waiting: usize,
    guests_waiting: usize,
}

/// A push service: scheme, host and port.
#[derive(Default)]
struct Service {
    /// Whether the service answered the last time.
    answers: bool,
    waiting: usize,
    under_way: usize,
    /// The number of requests under way that were sent before the service had answered.
    sent_unproven: usize,
}

impl Queue {
    /// Adds a push that is due at a time. Returns whether there was room for it.
    pub(super) fn put(&mut self, at: Instant, push: Push) -> bool {
        let service = self.services.entry(push.service.clone()).or_default();
        let full = self.waiting >= WAITING
            || (push.guest && self.guests_waiting >= GUESTS_WAITING)
            || (!service.answers && service.waiting >= WAITING_FOR_UNPROVEN);
        if full {
            self.forget(&push.service);
            return false;
        }
        service.waiting += 1;
        self.waiting += 1;
        self.guests_waiting += usize::from(push.guest);
        self.put += 1;
        self.later.insert((at, self.put), push);
        true
    }

    /// Takes a push that can be sent now; the caller reports its end to [`Queue::done`].
    pub(super) fn take(&mut self, now: Instant) -> Option<Push> {
        while let Some(next) = self.later.first_entry().filter(|it| it.key().0 <= now) {
            let push = next.remove();
            let group = usize::from(push.guest);
            let due = self.due[group].entry(push.service.clone()).or_default();
            if due.is_empty() {
                self.turns[group].push_back(push.service.clone());
            }
            due.push_back(push);
        }
        if self.under_way >= AT_ONCE {
            return None;
        }
        (0..self.due.len()).find_map(|group| self.take_of(group))
    }

    fn take_of(&mut self, group: usize) -> Option<Push> {
        let turn = self.turns[group].iter().position(|it| self.has_capacity(it))?;
        let name = self.turns[group].remove(turn)?;
        let due = self.due[group].get_mut(&name)?;
        let push = due.pop_front()?;
        if due.is_empty() {
            self.due[group].remove(&name);
        } else {
            self.turns[group].push_back(name);
        }
        let service = self.services.entry(push.service.clone()).or_default();
        service.waiting -= 1;
        service.under_way += 1;
        if !service.answers {
            service.sent_unproven += 1;
            self.unproven_under_way += 1;
        }
        self.under_way += 1;
        self.waiting -= 1;
        self.guests_waiting -= usize::from(push.guest);
        Some(push)
    }

    fn has_capacity(&self, service: &str) -> bool {
        match self.services.get(service) {
            Some(service) if service.answers => service.under_way < AT_ONCE_TO_ONE,
            Some(service) => {
                service.under_way < AT_ONCE_TO_UNPROVEN && self.unproven_under_way < UNPROVEN_AT_ONCE
            }
            None => false,
        }
    }

    /// Ends a request to a service, which answered or did not.
    pub(super) fn done(&mut self, name: &str, answered: bool) {
        if let Some(service) = self.services.get_mut(name) {
            service.under_way -= 1;
            self.under_way -= 1;
            service.answers = answered;
            // Any of the requests may have been sent before the service had answered: the order makes no difference, since all
            // of them end.
            let sent_unproven = service.sent_unproven.min(1);
            service.sent_unproven -= sent_unproven;
            self.unproven_under_way -= sent_unproven;
        }
        self.forget(name);
    }

    /// Forgets a service for which no push waits, unless it answers.
    fn forget(&mut self, name: &str) {
        let idle = |it: &Service| it.waiting == 0 && it.under_way == 0;
        if self.services.get(name).is_some_and(|it| idle(it) && !it.answers) {
            self.services.remove(name);
        }
        if self.services.len() > REMEMBERED {
            self.services.retain(|_, service| !idle(service));
        }
    }

    /// Returns when the next push is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.later.first_key_value().map(|((at, _), _)| *at)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use snug_shared::{
        avatar::Avatar,
        ids::{ChatId, Key, Millis, Position, RoomId},
        mentions::Mentions,
        messages::Message,
        text::{MessageBody, Nickname},
    };

    use super::*;
    use crate::push::Urgency;

    fn push(service: &str, guest: bool) -> Push {
        let message = Message {
            room: RoomId::lobby(),
            n: Position(1),
            key: Key::try_from("1").expect("a key"),
            chat_id: ChatId::try_from("ann").expect("an id"),
            name: Nickname::try_from("Ann").expect("a name"),
            avatar: Avatar::of_seed("ann"),
            text: MessageBody::try_from("hello").expect("a text"),
            mentions: Mentions::default(),
            at: Millis(0),
        };
        Push {
            person: ChatId::try_from("bob").expect("an id"),
            endpoint: format!("{service}/a"),
            service: service.to_owned(),
            guest,
            message: Arc::new(message),
            urgency: Urgency::Normal,
            tries: 0,
        }
    }

    fn taken(queue: &mut Queue, now: Instant) -> Vec<String> {
        std::iter::from_fn(|| queue.take(now))
            .map(|it| it.service)
            .collect()
    }

    #[test]
    fn a_service_that_does_not_answer_delays_no_other_one() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for _ in 0..200 {
            queue.put(now, push("https://tarpit", true));
        }
        assert_eq!(taken(&mut queue, now), ["https://tarpit"; 2]);
        queue.put(now, push("https://good", true));
        assert_eq!(taken(&mut queue, now), ["https://good"]);
        queue.done("https://good", true);
        for n in 0..100 {
            queue.put(now, push(&format!("https://tarpit-{n}"), false));
        }
        assert_eq!(taken(&mut queue, now).len(), UNPROVEN_AT_ONCE - 2);
        for _ in 0..10 {
            queue.put(now, push("https://good", true));
        }
        assert_eq!(taken(&mut queue, now), ["https://good"; AT_ONCE_TO_ONE]);
    }

    #[test]
    fn members_go_first_and_services_take_turns() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        for (service, guest) in [("a", true), ("b", false), ("b", false), ("c", false)] {
            queue.put(now, push(service, guest));
        }
        assert_eq!(taken(&mut queue, now), ["b", "c", "b", "a"]);
    }

    #[test]
    fn what_waits_is_bounded_for_a_service_for_guests_and_in_all() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        let put = |queue: &mut Queue, service: String, guest: bool, count: usize| {
            (0..count)
                .filter(|_| queue.put(now, push(&service, guest)))
                .count()
        };
        assert_eq!(put(&mut queue, "a".to_owned(), true, 300), WAITING_FOR_UNPROVEN);
        let guests: usize = (0..40).map(|n| put(&mut queue, format!("g{n}"), true, 200)).sum();
        assert_eq!(guests + WAITING_FOR_UNPROVEN, GUESTS_WAITING);
        let members: usize = (0..80)
            .map(|n| put(&mut queue, format!("m{n}"), false, 200))
            .sum();
        assert_eq!(members + GUESTS_WAITING, WAITING);
    }

    #[test]
    fn nothing_is_remembered_of_a_service_that_does_not_answer() {
        let (mut queue, now) = (Queue::default(), Instant::now());
        queue.put(now, push("a", true));
        assert_eq!(queue.next(), Some(now));
        assert_eq!(taken(&mut queue, now), ["a"]);
        queue.done("a", false);
        assert!(queue.services.is_empty());
        assert_eq!(
            (queue.under_way, queue.unproven_under_way, queue.waiting),
            (0, 0, 0)
        );
    }
}
