//! The other users who are typing in a room, as the server sent them last.

use crate::{ids::ChatId, presence::ChatUser, typing::Typing};

use super::Roster;

/// Typing users: some by their ids, the others by their number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypingUsers {
    named: Vec<ChatId>,
    count: usize,
}

impl TypingUsers {
    pub(super) fn of(typing: Typing, me: Option<&ChatId>) -> Self {
        let Typing {
            chat_ids: mut named,
            count,
            ..
        } = typing;
        let told = named.len();
        named.retain(|person| me != Some(person));
        let count = count.saturating_sub(told - named.len()).max(named.len());
        Self { named, count }
    }

    /// Returns the number of all typing users.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns the typing users who are named and in the roster, those who have been typing the longest first.
    pub fn known<'a>(&'a self, roster: &'a Roster) -> impl Iterator<Item = &'a ChatUser> {
        let person = |id: &ChatId| roster.people().iter().find(|person| person.chat_id == *id);
        self.named.iter().filter_map(person)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RoomId;

    fn id(id: &str) -> ChatId {
        id.try_into().expect("an id")
    }

    fn writers(named: &[&str], count: usize) -> (Vec<String>, usize) {
        let typing = Typing {
            room: RoomId::lobby(),
            chat_ids: named.iter().copied().map(id).collect(),
            count,
        };
        let writers = TypingUsers::of(typing, Some(&id("me")));
        let named = writers.named.iter().map(ToString::to_string).collect();
        (named, writers.count())
    }

    #[test]
    fn oneself_is_not_among_those_who_write() {
        assert_eq!(writers(&["me"], 1), (vec![], 0));
        let ann = || vec!["ann".to_owned()];
        assert_eq!(writers(&["ann", "me"], 2), (ann(), 1));
        assert_eq!(writers(&["ann"], 1), (ann(), 1));
        assert_eq!(writers(&["me", "ann"], 5), (ann(), 4));
    }

    #[test]
    fn a_number_that_cannot_be_is_not_believed() {
        assert_eq!(writers(&["ann"], 0), (vec!["ann".to_owned()], 1));
        assert_eq!(writers(&["me"], 0), (vec![], 0));
    }
}
