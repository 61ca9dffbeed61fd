//! The users who are typing in a room. The room sends their list at its ticks: a connection stores the number of the list that
//! it has read, and one that missed some reads the newest. A room in which a user is typing ticks until nobody is, so that
//! users who never send a stop expire.

use std::time::{Duration, Instant};

use snug_shared::{
    ids::{ChatId, RoomId},
    limits::NAMED_TYPING,
    typing,
    wire::ServerFrame,
};

use super::{Frame, PresenceSeq, TICK, presence::Announced};

/// The time after which a user is no longer shown as typing: twice the interval at which the page repeats it.
const WRITING: Duration = Duration::from_secs(6);

pub struct Typing {
    room: RoomId,
    /// The users who are typing, the longest first, each with the time at which they expire.
    people: Vec<(ChatId, Instant)>,
    /// The number of the list that was sent last; 0 if nobody has typed yet.
    number: PresenceSeq,
    frame: Option<Frame>,
    /// Whether `people` has changed since the last frame.
    changed: bool,
    /// The time of the next tick: always set while a user is typing.
    due: Option<Instant>,
}

impl Typing {
    pub fn new(room: RoomId) -> Self {
        Self {
            room,
            people: Vec::new(),
            number: PresenceSeq::NONE,
            frame: None,
            changed: false,
            due: None,
        }
    }

    pub fn writes(&mut self, person: &ChatId, now: Instant) -> Announced {
        let until = now + WRITING;
        match self.people.iter_mut().find(|it| it.0 == *person) {
            Some(known) => known.1 = until,
            None => {
                self.people.push((person.clone(), until));
                self.changed = true;
            }
        }
        if self.due.is_some() {
            return Announced::Nothing;
        }
        self.due = Some(now + TICK);
        Announced::AtTick
    }

    pub fn stops(&mut self, person: &ChatId) {
        self.changed |= self.end(|it, _| it == person);
    }

    /// Stops a user's typing because their message is posted. It is sent with the message, or it would arrive after it.
    pub fn said(&mut self, person: &ChatId) {
        if self.end(|it, _| it == person) {
            self.tell();
        }
    }

    /// Stops all typing because the room was archived. It is sent with that change.
    pub fn all_stop(&mut self) {
        if self.end(|_, _| true) {
            self.tell();
        }
    }

    /// Ticks, perhaps at a tick that the room needs for something else. Returns also when the next tick is due.
    pub fn tick(&mut self, now: Instant) -> (Announced, Option<Instant>) {
        if self.due.is_none_or(|due| now < due) {
            return (Announced::Nothing, None);
        }
        self.changed |= self.end(|_, until| until <= now);
        self.due = (!self.people.is_empty()).then_some(now + TICK);
        if !self.changed {
            return (Announced::Nothing, self.due);
        }
        self.tell();
        (Announced::Now, self.due)
    }

    /// Drops the frame if nobody is typing: it is created again when a connection needs it.
    pub fn forget_if_empty(&mut self) {
        if self.people.is_empty() {
            self.people = Vec::new();
            self.frame = None;
        }
    }

    pub fn number(&self) -> PresenceSeq {
        self.number
    }

    /// Returns the list that was sent last, unless it is empty and the connection has never read another.
    pub fn read(&mut self, seen: &mut PresenceSeq) -> Option<Frame> {
        let heard_of_none = *seen == PresenceSeq::NONE;
        *seen = self.number;
        if heard_of_none && self.people.is_empty() {
            return None;
        }
        Some(
            self.frame
                .get_or_insert_with(|| encode(&self.room, &self.people))
                .clone(),
        )
    }

    fn tell(&mut self) {
        self.number = self.number.next();
        self.frame = None;
        self.changed = false;
    }

    /// Ends the typing of users. Returns whether any was typing.
    fn end(&mut self, who: impl Fn(&ChatId, Instant) -> bool) -> bool {
        let before = self.people.len();
        self.people.retain(|(person, until)| !who(person, *until));
        self.people.len() < before
    }
}

fn encode(room: &RoomId, people: &[(ChatId, Instant)]) -> Frame {
    Frame::of(&ServerFrame::Typing(typing::Typing {
        room: room.clone(),
        chat_ids: people.iter().take(NAMED_TYPING).map(|it| it.0.clone()).collect(),
        count: people.len(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> ChatId {
        ChatId::try_from(id).expect("an id")
    }

    /// Returns what a connection reads that has read up to `seen`.
    fn told(typing: &mut Typing, seen: &mut PresenceSeq) -> Option<(Vec<String>, usize)> {
        if *seen == typing.number() {
            return None;
        }
        let frame = typing.read(seen)?;
        let json = frame.as_bytes();
        let start = json.iter().position(|&byte| byte == b'{').expect("JSON");
        match serde_json::from_slice(&json[start..]).expect("a frame") {
            ServerFrame::Typing(it) => Some((it.chat_ids.into_iter().map(String::from).collect(), it.count)),
            other => panic!("not about writing: {other:?}"),
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn a_crowd_that_writes_is_one_frame_a_tick_with_the_first_three() {
        let (mut typing, now) = (Typing::new(RoomId::lobby()), Instant::now());
        assert_eq!(typing.writes(&person("p0"), now), Announced::AtTick);
        for index in 1..100 {
            let writes = typing.writes(&person(&format!("p{index}")), now);
            assert_eq!(writes, Announced::Nothing);
        }
        let mut seen = PresenceSeq::NONE;
        assert_eq!(typing.tick(now), (Announced::Nothing, None), "another's tick");
        assert_eq!(told(&mut typing, &mut seen), None);
        let next = now + 2 * TICK;
        assert_eq!(typing.tick(now + TICK), (Announced::Now, Some(next)));
        assert_eq!(
            told(&mut typing, &mut seen),
            Some((names(&["p0", "p1", "p2"]), 100))
        );
        assert_eq!(told(&mut typing, &mut seen), None);
        assert_eq!(typing.tick(next), (Announced::Nothing, Some(next + TICK)));
    }

    #[test]
    fn whoever_says_no_more_of_it_has_stopped_after_six_seconds() {
        let (mut typing, now) = (Typing::new(RoomId::lobby()), Instant::now());
        typing.writes(&person("ann"), now);
        typing.writes(&person("bob"), now);
        typing.tick(now + TICK);
        let mut seen = PresenceSeq::NONE;
        told(&mut typing, &mut seen);
        typing.writes(&person("bob"), now + Duration::from_secs(3));
        typing.tick(now + Duration::from_millis(5_700));
        assert_eq!(told(&mut typing, &mut seen), None, "not yet");
        typing.tick(now + WRITING);
        assert_eq!(told(&mut typing, &mut seen), Some((names(&["bob"]), 1)));
        let end = now + Duration::from_secs(9);
        assert_eq!(typing.tick(end), (Announced::Now, None), "and ticks no more");
        assert_eq!(told(&mut typing, &mut seen), Some((vec![], 0)));
        assert_eq!(typing.writes(&person("ann"), end), Announced::AtTick);
    }

    #[test]
    fn with_the_words_the_writing_ends_at_once() {
        let (mut typing, now) = (Typing::new(RoomId::lobby()), Instant::now());
        typing.writes(&person("ann"), now);
        typing.tick(now + TICK);
        let (mut seen, mut late) = (PresenceSeq::NONE, PresenceSeq::NONE);
        told(&mut typing, &mut seen);
        typing.said(&person("ann"));
        assert_eq!(told(&mut typing, &mut seen), Some((vec![], 0)));
        assert_eq!(
            told(&mut typing, &mut late),
            None,
            "who has heard of nobody has nothing to take back"
        );
        typing.said(&person("ann"));
        assert_eq!(told(&mut typing, &mut seen), None);
    }
}
