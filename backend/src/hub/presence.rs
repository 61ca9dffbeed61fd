//! The users who are online in a room, and the frames that its connections receive about them.
//!
//! A small room sends its whole roster at every change. A larger one gathers the changes of a tick into one frame for the users
//! who joined and one for those who left, so that a crowd of arrivals costs each member a few frames a second. A very large one
//! names some of its users and counts the others: nobody reads ten thousand names, and sending them to every new connection
//! costs more than all messages. The names that it has sent stay correct: changes and departures of any user are sent. Away
//! flags and status changes of users who are in the room are gathered for a tick in any room. Frames are numbered, and a
//! connection stores the number of the last one that it has read: a connection that is new, or has fallen behind, is sent the
//! whole roster.

use std::{
    collections::{BTreeMap, VecDeque},
    hash::{BuildHasher, RandomState},
    sync::Arc,
};

use snug_shared::{
    ids::{ChatId, RoomId},
    limits::{NAMED_NEWCOMERS, NAMED_PEOPLE, WHOLE_ROSTER},
    mentions::{Mentionable, Mentioned},
    people::Role,
    presence::{ChatUser, Joined, Left},
    wire::ServerFrame,
};

use super::Frame;

/// Difference frames that are stored for connections that are a little behind.
const KEPT: usize = 64;

/// Users whom a visitor of the room sees.
const FACES: usize = 5;

/// The number of a room's presence or typing frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PresenceSeq(u64);

impl PresenceSeq {
    /// The number before the first frame.
    pub const NONE: Self = Self(0);
    /// The number of the first frame.
    pub const FIRST: Self = Self(1);

    /// Returns the number of the next frame.
    pub(super) fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Counts the frames since an earlier one.
    fn since(self, earlier: Self) -> usize {
        (self.0 - earlier.0) as usize
    }
}

/// The time at which a change is announced to the room's connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// Nothing changed.
    Nothing,
    /// The room's frames contain the change already.
    Now,
    /// The change is gathered, as the first of its tick.
    AtTick,
}

enum Change {
    Came(Arc<ChatUser>),
    /// The user was here already, and changed.
    Changed(Arc<ChatUser>),
    Left,
}

fn mentioned(user: &ChatUser) -> Mentioned {
    Mentioned {
        chat_id: user.chat_id.clone(),
        name: user.name.clone(),
    }
}

pub struct Presence {
    room: RoomId,
    people: BTreeMap<ChatId, Arc<ChatUser>>,
    /// The number of the newest frame.
    number: PresenceSeq,
    /// The newest frames, without gaps.
    frames: VecDeque<Frame>,
    /// The frame with the whole roster as of now, once a connection needed it.
    whole: Option<Frame>,
    /// The changes that the present tick has gathered.
    gathered: BTreeMap<ChatId, Change>,
    /// Whether some connections have not been sent all names.
    partial: bool,
    /// The order of guests among the faces: a guest cannot choose an id that comes first.
    order: RandomState,
    /// The faces, with the number of the frame as of which they are.
    faces: Option<(PresenceSeq, Vec<ChatUser>)>,
    /// The users who can be mentioned. Created at the first mention; after that it is kept up to date, not built for each
    /// message.
    mentionable: Option<Arc<Mentionable>>,
}

impl Presence {
    pub fn new(room: RoomId) -> Self {
        Self {
            room,
            people: BTreeMap::new(),
            // After `NONE`, so that it is sent to every connection.
            number: PresenceSeq::FIRST,
            frames: VecDeque::new(),
            whole: None,
            gathered: BTreeMap::new(),
            partial: false,
            order: RandomState::new(),
            faces: None,
            mentionable: None,
        }
    }

    /// Returns the users who can be mentioned.
    pub fn mentionable(&mut self) -> Arc<Mentionable> {
        let people = &self.people;
        let all = || Arc::new(people.values().map(|it| mentioned(it)).collect());
        self.mentionable.get_or_insert_with(all).clone()
    }

    /// Updates the users who can be mentioned after a user changed their name, joined or left.
    fn is_mentionable(&mut self, before: Option<&ChatUser>, now: Option<&ChatUser>) {
        let same = before.map(|it| &it.name) == now.map(|it| &it.name);
        if self.people.is_empty() {
            self.mentionable = None;
        }
        let Some(all) = self.mentionable.as_mut().filter(|_| !same) else {
            return;
        };
        let all = Arc::make_mut(all);
        if let Some(before) = before {
            all.remove(&before.chat_id, &before.name);
        }
        if let Some(now) = now {
            all.insert(mentioned(now));
        }
    }

    /// Returns a few users: members before guests, and otherwise in an order that is random but stable, so that a visitor sees
    /// the same users for as long as they are online.
    pub fn faces(&mut self) -> Vec<ChatUser> {
        if let Some((number, faces)) = &self.faces
            && *number == self.number
        {
            return faces.clone();
        }
        let mut first: Vec<((bool, u64), &Arc<ChatUser>)> = Vec::with_capacity(FACES + 1);
        for person in self.people.values() {
            let rank = (person.role == Role::Guest, self.order.hash_one(&person.chat_id));
            if first.len() == FACES && first.last().is_some_and(|(last, _)| *last < rank) {
                continue;
            }
            let place = first.partition_point(|(other, _)| *other < rank);
            first.insert(place, (rank, person));
            first.truncate(FACES);
        }
        let faces: Vec<_> = first
            .into_iter()
            .map(|(_, person)| ChatUser::clone(person))
            .collect();
        self.faces = Some((self.number, faces.clone()));
        faces
    }

    pub fn count(&self) -> usize {
        self.people.len()
    }

    pub fn people(&self) -> impl Iterator<Item = &Arc<ChatUser>> {
        self.people.values()
    }

    /// Adds a user, or changes their name.
    pub fn join(&mut self, user: &Arc<ChatUser>) -> Announced {
        let before = self.people.insert(user.chat_id.clone(), user.clone());
        self.is_mentionable(before.as_deref(), Some(user));
        let change = match before {
            Some(known) if known == *user => return Announced::Nothing,
            Some(_) => Change::Changed(user.clone()),
            None => Change::Came(user.clone()),
        };
        self.changed(user.chat_id.clone(), change)
    }

    /// Removes a user.
    pub fn leave(&mut self, person: &ChatId) -> Announced {
        let Some(before) = self.people.remove(person) else {
            return Announced::Nothing;
        };
        self.is_mentionable(Some(&before), None);
        self.changed(person.clone(), Change::Left)
    }

    /// Drops the frames if no user is online to read them: the next connection is sent the whole roster.
    pub fn forget_if_empty(&mut self) {
        if self.people.is_empty() {
            self.frames = VecDeque::new();
            self.whole = None;
        }
    }

    /// Changes the away flag or the status of a user who is online.
    pub fn update(&mut self, user: &Arc<ChatUser>) -> Announced {
        let before = match self.people.get_mut(&user.chat_id) {
            Some(known) if known != user => std::mem::replace(known, user.clone()),
            _ => return Announced::Nothing,
        };
        self.is_mentionable(Some(&before), Some(user));
        self.whole = None;
        self.gather(user.chat_id.clone(), Change::Changed(user.clone()))
    }

    /// Turns the gathered changes of a tick into frames.
    pub fn flush(&mut self) -> Announced {
        if self.gathered.is_empty() {
            return Announced::Nothing;
        }
        let crowded = self.count() > NAMED_PEOPLE;
        let (mut joined, mut left, mut newcomers) = (Vec::new(), Vec::new(), 0);
        for (person, change) in std::mem::take(&mut self.gathered) {
            match change {
                Change::Came(_) if crowded && newcomers == NAMED_NEWCOMERS => self.partial = true,
                Change::Came(user) => {
                    newcomers += 1;
                    joined.push(ChatUser::clone(&user));
                }
                Change::Changed(user) => joined.push(ChatUser::clone(&user)),
                Change::Left => left.push(person),
            }
        }
        if self.count() <= WHOLE_ROSTER || left.len() > NAMED_PEOPLE || (self.partial && !crowded) {
            let whole = self.whole();
            self.push_whole(whole);
            return Announced::Now;
        }
        let (room, count) = (self.room.clone(), self.count());
        // The number of users is part of the frame.
        if !joined.is_empty() || left.is_empty() {
            let joined = Joined {
                room: room.clone(),
                count,
                chat_users: None,
                joined: Some(joined),
            };
            self.push(Frame::of(&ServerFrame::UsersJoined(joined)));
        }
        if !left.is_empty() {
            let left = Left {
                room,
                count,
                chat_users: None,
                left: Some(left),
            };
            self.push(Frame::of(&ServerFrame::UsersLeft(left)));
        }
        Announced::Now
    }

    /// Adds the frames that a connection has not seen to `batch`.
    pub fn read(&mut self, seen: &mut PresenceSeq, batch: &mut Vec<Frame>) {
        let missed = self.number.since(*seen);
        if missed <= self.frames.len() {
            batch.extend(self.frames.range(self.frames.len() - missed..).cloned());
        } else {
            batch.push(self.whole());
        }
        *seen = self.number;
    }

    pub fn number(&self) -> PresenceSeq {
        self.number
    }

    fn changed(&mut self, person: ChatId, change: Change) -> Announced {
        self.whole = None;
        if self.count() <= WHOLE_ROSTER {
            let frame = match change {
                Change::Came(_) | Change::Changed(_) => self.whole(),
                Change::Left => Frame::of(&ServerFrame::UsersLeft(Left {
                    room: self.room.clone(),
                    count: self.count(),
                    chat_users: Some(self.named()),
                    left: None,
                })),
            };
            self.push_whole(frame);
            return Announced::Now;
        }
        self.gather(person, change)
    }

    fn gather(&mut self, person: ChatId, change: Change) -> Announced {
        let first = self.gathered.is_empty();
        self.gathered.insert(person, change);
        if first {
            Announced::AtTick
        } else {
            Announced::Nothing
        }
    }

    /// Adds a frame with the whole roster, which replaces every frame before it and the gathered changes.
    fn push_whole(&mut self, frame: Frame) {
        self.gathered.clear();
        self.frames.clear();
        self.partial &= self.count() > NAMED_PEOPLE;
        self.push(frame);
    }

    fn push(&mut self, frame: Frame) {
        self.number = self.number.next();
        self.frames.push_back(frame);
        if self.frames.len() > KEPT {
            self.frames.pop_front();
        }
    }

    fn named(&self) -> Vec<ChatUser> {
        let named = self.people().take(NAMED_PEOPLE);
        named.map(|person| ChatUser::clone(person)).collect()
    }

    fn whole(&mut self) -> Frame {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        self.partial |= self.count() > NAMED_PEOPLE;
        let whole = Frame::of(&ServerFrame::UsersJoined(Joined {
            room: self.room.clone(),
            count: self.count(),
            chat_users: Some(self.named()),
            joined: None,
        }));
        self.whole.insert(whole).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::avatar::Avatar;

    fn person(index: usize) -> Arc<ChatUser> {
        Arc::new(ChatUser {
            avatar: Avatar::Face(0),
            ..ChatUser::guest(
                format!("p{index:04}").as_str().try_into().expect("an id"),
                "x".try_into().expect("a name"),
            )
        })
    }

    /// Reads from `seen` on, and updates the roster as a client would.
    fn read(presence: &mut Presence, seen: &mut PresenceSeq, roster: &mut Vec<ChatUser>) -> usize {
        let mut batch = Vec::new();
        presence.read(seen, &mut batch);
        for frame in &batch {
            let json = frame.as_bytes();
            let start = json.iter().position(|&byte| byte == b'{').expect("JSON");
            match serde_json::from_slice(&json[start..]).expect("a frame") {
                ServerFrame::UsersJoined(it) => {
                    if let Some(whole) = it.chat_users {
                        *roster = whole;
                    }
                    for user in it.joined.into_iter().flatten() {
                        roster.retain(|known| known.chat_id != user.chat_id);
                        roster.push(user);
                    }
                }
                ServerFrame::UsersLeft(it) => {
                    if let Some(whole) = it.chat_users {
                        *roster = whole;
                    }
                    let left = it.left.unwrap_or_default();
                    roster.retain(|known| !left.contains(&known.chat_id));
                }
                other => panic!("not about presence: {other:?}"),
            }
        }
        roster.sort_by(|a, b| a.chat_id.cmp(&b.chat_id));
        batch.len()
    }

    #[test]
    fn a_small_room_tells_everybody_at_once() {
        let mut presence = Presence::new(RoomId::lobby());
        assert_eq!(presence.join(&person(1)), Announced::Now);
        assert_eq!(presence.join(&person(1)), Announced::Nothing);
        assert_eq!(presence.leave(&person(1).chat_id), Announced::Now);
        assert_eq!(presence.leave(&person(1).chat_id), Announced::Nothing);
    }

    #[test]
    fn a_crowd_at_the_door_is_a_few_frames() {
        let mut presence = Presence::new(RoomId::lobby());
        for index in 0..WHOLE_ROSTER {
            presence.join(&person(index));
        }
        let (mut seen, mut roster) = (PresenceSeq::NONE, Vec::new());
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 1);
        let first = presence.join(&person(1000));
        assert_eq!(first, Announced::AtTick);
        for index in 1001..1100 {
            assert_eq!(presence.join(&person(index)), Announced::Nothing);
        }
        presence.leave(&person(1050).chat_id);
        presence.leave(&person(3).chat_id);
        assert_eq!(presence.flush(), Announced::Now);
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 2);
        assert_eq!(roster, presence.named());
    }

    #[test]
    fn a_very_large_room_names_some_counts_all_and_names_nobody_who_is_gone() {
        let mut presence = Presence::new(RoomId::lobby());
        for index in 0..=NAMED_PEOPLE {
            presence.join(&person(index));
        }
        presence.flush();
        let (mut seen, mut roster) = (PresenceSeq::NONE, Vec::new());
        read(&mut presence, &mut seen, &mut roster);
        assert_eq!(roster.len(), NAMED_PEOPLE);

        let comes = |presence: &mut Presence, some: std::ops::Range<usize>| {
            some.for_each(|index| {
                presence.join(&person(index));
            });
            presence.flush();
        };
        comes(&mut presence, 1000..2000);
        read(&mut presence, &mut seen, &mut roster);
        assert_eq!(roster.len(), NAMED_PEOPLE + NAMED_NEWCOMERS);
        // Changes and departures of any user are sent.
        let away = Arc::new(ChatUser {
            away: true,
            ..ChatUser::clone(&person(1999))
        });
        presence.update(&away);
        presence.leave(&person(1).chat_id);
        comes(&mut presence, 2000..2100);
        read(&mut presence, &mut seen, &mut roster);
        assert_eq!(roster.len(), NAMED_PEOPLE + 2 * NAMED_NEWCOMERS);
        assert!(roster.contains(&away) && !roster.contains(&person(1)));

        // When most have left, all users are named again, also to the connections that joined before.
        for index in 100..2100 {
            presence.leave(&person(index).chat_id);
        }
        presence.flush();
        read(&mut presence, &mut seen, &mut roster);
        assert_eq!(roster.len(), presence.count());
        let (mut new, mut whole) = (PresenceSeq::NONE, Vec::new());
        read(&mut presence, &mut new, &mut whole);
        assert_eq!(roster, whole);
    }

    #[test]
    fn whoever_was_counted_is_named_when_the_room_is_small_enough() {
        let mut presence = Presence::new(RoomId::lobby());
        for index in 0..NAMED_PEOPLE + 5 {
            presence.join(&person(index));
        }
        presence.flush();
        let (mut seen, mut roster) = (PresenceSeq::NONE, Vec::new());
        read(&mut presence, &mut seen, &mut roster);
        for index in 0..5 {
            presence.leave(&person(index).chat_id);
            presence.flush();
            // Another connection joins meanwhile, and is sent all names that there is room for.
            read(&mut presence, &mut PresenceSeq::default(), &mut Vec::new());
        }
        read(&mut presence, &mut seen, &mut roster);
        assert_eq!(roster.len(), NAMED_PEOPLE);
    }

    #[test]
    fn whoever_goes_away_and_comes_back_a_hundred_times_is_one_frame_a_tick() {
        let mut presence = Presence::new(RoomId::lobby());
        presence.join(&person(1));
        presence.join(&person(2));
        let (mut seen, mut roster) = (PresenceSeq::NONE, Vec::new());
        read(&mut presence, &mut seen, &mut roster);
        let stands = |away| {
            Arc::new(ChatUser {
                away,
                ..ChatUser::clone(&person(1))
            })
        };
        assert_eq!(presence.update(&stands(true)), Announced::AtTick);
        for _ in 0..100 {
            assert_eq!(presence.update(&stands(false)), Announced::Nothing);
            assert_eq!(presence.update(&stands(true)), Announced::Nothing);
        }
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 0);
        assert_eq!(presence.flush(), Announced::Now);
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 1);
        assert_eq!(roster.iter().collect::<Vec<_>>(), [&*stands(true), &*person(2)]);
        assert_eq!(presence.update(&person(3)), Announced::Nothing, "not here");
    }

    #[test]
    fn whoever_missed_too_much_gets_the_roster_whole() {
        let mut presence = Presence::new(RoomId::lobby());
        for index in 0..=WHOLE_ROSTER {
            presence.join(&person(index));
        }
        presence.flush();
        let (mut seen, mut roster) = (PresenceSeq::NONE, Vec::new());
        read(&mut presence, &mut seen, &mut roster);
        for index in 1000..1000 + 2 * KEPT {
            presence.join(&person(index));
            presence.flush();
        }
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 1);
        assert_eq!(roster.len(), presence.count());
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 0);
    }
}
