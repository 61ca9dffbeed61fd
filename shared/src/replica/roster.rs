//! The roster: the users who are online in a room, as far as the server has sent them.

use crate::presence::{ChatUser, Joined, Left};

/// The online users of a room, by nickname.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    /// The number of all online users, as the server sent it last.
    pub count: usize,
    people: Vec<ChatUser>,
}

impl Roster {
    /// Returns whether there are users whom the server has not named.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.people.len() < self.count
    }

    /// Returns the named users, in the order of their nicknames, which does not change while they stay.
    #[must_use]
    pub fn people(&self) -> &[ChatUser] {
        &self.people
    }

    pub(super) fn joined(&mut self, frame: Joined) {
        self.count = frame.count;
        if let Some(people) = frame.chat_users {
            self.people = people;
        }
        for person in frame.joined.into_iter().flatten() {
            self.people.retain(|known| known.chat_id != person.chat_id);
            self.people.push(person);
        }
        self.sort();
    }

    pub(super) fn left(&mut self, frame: Left) {
        self.count = frame.count;
        if let Some(people) = frame.chat_users {
            self.people = people;
            self.sort();
        }
        let left = frame.left.unwrap_or_default();
        self.people.retain(|person| !left.contains(&person.chat_id));
    }

    fn sort(&mut self) {
        self.people
            .sort_by_cached_key(|person| (person.name.as_str().to_lowercase(), person.chat_id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{avatar::Avatar, ids::RoomId};

    fn person(id: &str, name: &str) -> ChatUser {
        ChatUser {
            avatar: Avatar::Face(0),
            ..ChatUser::guest(id.try_into().expect("an id"), name.try_into().expect("a name"))
        }
    }

    fn joined(count: usize, chat_users: Option<Vec<ChatUser>>, joined: Option<Vec<ChatUser>>) -> Joined {
        Joined {
            room: RoomId::lobby(),
            count,
            chat_users,
            joined,
        }
    }

    fn names(roster: &Roster) -> Vec<&str> {
        roster
            .people()
            .iter()
            .map(|person| person.name.as_str())
            .collect()
    }

    #[test]
    fn differences_add_up_to_the_whole() {
        let mut roster = Roster::default();
        roster.joined(joined(
            2,
            Some(vec![person("2", "bob"), person("1", "Ann")]),
            None,
        ));
        assert_eq!(names(&roster), ["Ann", "bob"]);
        roster.joined(joined(
            3,
            None,
            Some(vec![person("3", "Bea"), person("1", "Zoe")]),
        ));
        assert_eq!(names(&roster), ["Bea", "bob", "Zoe"]);
        let gone = vec!["2".try_into().expect("an id")];
        roster.left(Left {
            room: RoomId::lobby(),
            count: 2,
            chat_users: None,
            left: Some(gone),
        });
        assert_eq!((names(&roster), roster.count), (vec!["Bea", "Zoe"], 2));
        roster.left(Left {
            room: RoomId::lobby(),
            count: 1,
            chat_users: Some(vec![person("1", "Zoe")]),
            left: None,
        });
        assert_eq!(names(&roster), ["Zoe"]);
    }
}
