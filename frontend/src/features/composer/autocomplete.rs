//! Suggests users to mention.

use snug_shared::{
    limits::NAME_CHARS,
    mentions::{HERE, ROOM, may_follow},
    presence::{ChatUser, Fit},
    unicode::folded,
};

/// The number of users that are suggested at a time.
const PEOPLE: usize = 8;

/// A mention that can be completed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Suggestion {
    Person(ChatUser),
    Here,
    Room,
}

impl Suggestion {
    /// Returns the text after the `@`.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Person(person) => person.name.as_str(),
            Self::Here => HERE,
            Self::Room => ROOM,
        }
    }
}

/// Returns the prefix of a name that is being typed, at the end of the text before the caret. It is empty
/// after a bare `@`.
pub(super) fn mention_prefix(written: &str) -> Option<&str> {
    let (before, prefix) = written.rsplit_once('@')?;
    // After a space the name may be complete: Enter sends the message then, even if longer names begin with
    // it.
    let is_one = !prefix.starts_with(char::is_whitespace)
        && !prefix.ends_with(char::is_whitespace)
        && !prefix.contains('\n')
        && prefix.chars().count() <= NAME_CHARS
        && may_follow(before);
    is_one.then_some(prefix)
}

/// Returns the users whom a prefix matches: those whose name begins with it, then those with a word in it that does, and the two
/// words for all users.
pub(super) fn suggestions(prefix: &str, people: &[ChatUser]) -> Vec<Suggestion> {
    let prefix = folded(prefix);
    let fit = |person: &ChatUser| Fit::of(&person.name, &prefix);
    let so = |wanted: Fit| people.iter().filter(move |person| fit(person) == Some(wanted));
    let people = so(Fit::Begins).chain(so(Fit::HasWord)).take(PEOPLE);
    let words = [Suggestion::Here, Suggestion::Room];
    let words = words.into_iter().filter(|it| it.name().starts_with(&prefix));
    people.cloned().map(Suggestion::Person).chain(words).collect()
}

#[cfg(test)]
mod tests {
    use snug_shared::avatar::Avatar;

    use super::*;

    fn names(prefix: &str, names: &[&str]) -> Vec<String> {
        let person = |name: &&str| ChatUser {
            avatar: Avatar::Face(0),
            ..ChatUser::guest(
                "p".try_into().expect("an id"),
                (*name).try_into().expect("a name"),
            )
        };
        let people: Vec<_> = names.iter().map(person).collect();
        let found = suggestions(prefix, &people);
        found.iter().map(|it| it.name().to_owned()).collect()
    }

    #[test]
    fn a_name_is_asked_for_by_its_beginning_after_an_at() {
        assert_eq!(mention_prefix("hi @an"), Some("an"));
        assert_eq!(mention_prefix("@Ann Le"), Some("Ann Le"));
        assert_eq!(mention_prefix("你好@小"), Some("小"));
        assert_eq!(mention_prefix("hi @"), Some(""));
        for none in ["hi", "me@", "@ an", "me@example", "@ann ", "@an\nd then"] {
            assert_eq!(mention_prefix(none), None, "{none}");
        }
    }

    #[test]
    fn the_best_ones_come_first() {
        let here = ["Joan Ames", "Bob", "amy", "Mary-Ann", "Ann Lee"];
        assert_eq!(names("a", &here), ["amy", "Ann Lee", "Joan Ames", "Mary-Ann"]);
        assert_eq!(names("ann l", &here), ["Ann Lee"]);
        assert_eq!(names("RO", &["Bob", "Rosa"]), ["Rosa", "room"]);
        assert_eq!(names("h", &[]), ["here"]);
        assert_eq!(names("x", &here), Vec::<String>::new());
        assert_eq!(names("", &["Bob", "Ann"]), ["Bob", "Ann", "here", "room"]);
        let crowd = ["ann"; 20];
        assert_eq!(names("ann", &crowd).len(), PEOPLE);
    }
}
