//! Who is online in a room, and how its connections come to know.
//!
//! A small room tells its whole roster at every change; a large one gathers the changes of a tick into
//! one frame for those who came and one for those who left, so that a crowd at the door costs each
//! person inside a few frames a second. How somebody stands who is there, away or with another status, is
//! worth a tick's wait in any room. Frames are numbered, and a connection keeps the number of
//! the last one it has seen: one that is new, or has fallen behind, is sent the roster whole.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use snug_shared::{
    ids::{ChatId, RoomId},
    limits::WHOLE_ROSTER,
    presence::{ChatUser, Joined, Left},
    wire::ServerFrame,
};

use super::Frame;

/// Frames with differences that are kept for connections that are a little behind.
const KEPT: usize = 64;

/// The number of the last frame that a connection has seen; 0 for none.
pub type Seen = u64;

/// When a change is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Announced {
    /// It changes nothing.
    Nothing,
    /// It is in the room's frames already.
    Now,
    /// It is gathered, as the first of its tick.
    AtTick,
}

enum Change {
    Came(Arc<ChatUser>),
    Left,
}

pub struct Presence {
    room: RoomId,
    people: BTreeMap<ChatId, Arc<ChatUser>>,
    /// The number of the newest frame.
    number: Seen,
    /// The newest frames, without gaps.
    frames: VecDeque<Frame>,
    /// The roster whole as of now, once somebody needed it.
    whole: Option<Frame>,
    /// What a tick has gathered.
    gathered: BTreeMap<ChatId, Change>,
}

impl Presence {
    pub fn new(room: RoomId) -> Self {
        Self {
            room,
            people: BTreeMap::new(),
            // From 1, so that 0 is before the first.
            number: 1,
            frames: VecDeque::new(),
            whole: None,
            gathered: BTreeMap::new(),
        }
    }

    pub fn count(&self) -> usize {
        self.people.len()
    }

    pub fn people(&self) -> impl Iterator<Item = &ChatUser> {
        self.people.values().map(|it| &**it)
    }

    /// Somebody came, or is called otherwise now.
    pub fn join(&mut self, user: &Arc<ChatUser>) -> Announced {
        if self.people.get(&user.chat_id) == Some(user) {
            return Announced::Nothing;
        }
        self.people.insert(user.chat_id.clone(), user.clone());
        self.changed(user.chat_id.clone(), Change::Came(user.clone()))
    }

    /// Somebody left.
    pub fn leave(&mut self, person: &ChatId) -> Announced {
        if self.people.remove(person).is_none() {
            return Announced::Nothing;
        }
        self.changed(person.clone(), Change::Left)
    }

    /// Somebody who is here stands otherwise now.
    pub fn update(&mut self, user: &Arc<ChatUser>) -> Announced {
        match self.people.get_mut(&user.chat_id) {
            Some(known) if known != user => known.clone_from(user),
            _ => return Announced::Nothing,
        }
        self.whole = None;
        self.gather(user.chat_id.clone(), Change::Came(user.clone()))
    }

    /// Tells what a tick has gathered.
    pub fn flush(&mut self) -> Announced {
        if self.gathered.is_empty() {
            return Announced::Nothing;
        }
        if self.count() <= WHOLE_ROSTER {
            let whole = self.whole();
            self.push_whole(whole);
            return Announced::Now;
        }
        let (mut joined, mut left) = (Vec::new(), Vec::new());
        for (person, change) in std::mem::take(&mut self.gathered) {
            match change {
                Change::Came(user) => joined.push((*user).clone()),
                Change::Left => left.push(person),
            }
        }
        let (room, count) = (self.room.clone(), self.count());
        if !joined.is_empty() {
            let joined = Joined {
                room: room.clone(),
                count,
                chat_users: None,
                joined: Some(joined),
            };
            self.push(Frame::of(&ServerFrame::SaveUserInfo(joined)));
        }
        if !left.is_empty() {
            let left = Left {
                room,
                count,
                chat_users: None,
                left: Some(left),
            };
            self.push(Frame::of(&ServerFrame::CloseConnection(left)));
        }
        Announced::Now
    }

    /// Adds the frames that a connection has not seen to `batch`.
    pub fn read(&mut self, seen: &mut Seen, batch: &mut Vec<Frame>) {
        let missed = (self.number - *seen) as usize;
        if missed <= self.frames.len() {
            batch.extend(self.frames.range(self.frames.len() - missed..).cloned());
        } else {
            batch.push(self.whole());
        }
        *seen = self.number;
    }

    pub fn number(&self) -> Seen {
        self.number
    }

    fn changed(&mut self, person: ChatId, change: Change) -> Announced {
        self.whole = None;
        if self.count() <= WHOLE_ROSTER {
            let frame = match change {
                Change::Came(_) => self.whole(),
                Change::Left => Frame::of(&ServerFrame::CloseConnection(Left {
                    room: self.room.clone(),
                    count: self.count(),
                    chat_users: Some(self.people().cloned().collect()),
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

    /// The whole roster stands in for every frame before it, and for what is gathered.
    fn push_whole(&mut self, frame: Frame) {
        self.gathered.clear();
        self.frames.clear();
        self.push(frame);
    }

    fn push(&mut self, frame: Frame) {
        self.number += 1;
        self.frames.push_back(frame);
        if self.frames.len() > KEPT {
            self.frames.pop_front();
        }
    }

    fn whole(&mut self) -> Frame {
        if let Some(whole) = &self.whole {
            return whole.clone();
        }
        let whole = Frame::of(&ServerFrame::SaveUserInfo(Joined {
            room: self.room.clone(),
            count: self.count(),
            chat_users: Some(self.people().cloned().collect()),
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

    /// What a client that reads from `seen` on makes of it.
    fn read(presence: &mut Presence, seen: &mut Seen, roster: &mut Vec<ChatUser>) -> usize {
        let mut batch = Vec::new();
        presence.read(seen, &mut batch);
        for frame in &batch {
            let json = frame.as_bytes();
            let start = json.iter().position(|&byte| byte == b'{').expect("JSON");
            match serde_json::from_slice(&json[start..]).expect("a frame") {
                ServerFrame::SaveUserInfo(it) => {
                    if let Some(whole) = it.chat_users {
                        *roster = whole;
                    }
                    for user in it.joined.into_iter().flatten() {
                        roster.retain(|known| known.chat_id != user.chat_id);
                        roster.push(user);
                    }
                }
                ServerFrame::CloseConnection(it) => {
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
        let (mut seen, mut roster) = (0, Vec::new());
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 1);
        let first = presence.join(&person(1000));
        assert_eq!(first, Announced::AtTick);
        for index in 1001..2000 {
            assert_eq!(presence.join(&person(index)), Announced::Nothing);
        }
        presence.leave(&person(1500).chat_id);
        presence.leave(&person(3).chat_id);
        assert_eq!(presence.flush(), Announced::Now);
        assert_eq!(read(&mut presence, &mut seen, &mut roster), 2);
        assert_eq!(roster, presence.people().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn whoever_goes_away_and_comes_back_a_hundred_times_is_one_frame_a_tick() {
        let mut presence = Presence::new(RoomId::lobby());
        presence.join(&person(1));
        presence.join(&person(2));
        let (mut seen, mut roster) = (0, Vec::new());
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
        let (mut seen, mut roster) = (0, Vec::new());
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
