//! Orders the list. Nothing moves under the pointer: while it rests there, users who go online are
//! added below, and users who go offline keep their place until the pointer has left.

use snug_shared::{ids::ChatId, presence::ChatUser};

/// A user in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) person: ChatUser,
    /// Whether the user has gone offline meanwhile.
    pub(super) gone: bool,
}

/// Arranges `people`, who are sorted, given what is `shown` and whether it is `held`.
pub(super) fn arrange(shown: &[Entry], people: &[ChatUser], me: Option<&ChatId>, held: bool) -> Vec<Entry> {
    let here = |person: &ChatUser| Entry {
        person: person.clone(),
        gone: false,
    };
    if !held {
        let (mine, others): (Vec<_>, Vec<_>) = people.iter().partition(|it| me == Some(&it.chat_id));
        return mine.into_iter().chain(others).map(here).collect();
    }
    let find = |id: &ChatId| people.iter().find(|person| person.chat_id == *id);
    let kept = shown.iter().map(|entry| match find(&entry.person.chat_id) {
        Some(person) => here(person),
        None => Entry {
            person: entry.person.clone(),
            gone: true,
        },
    });
    let came = people
        .iter()
        .filter(|person| shown.iter().all(|entry| entry.person.chat_id != person.chat_id));
    kept.chain(came.map(here)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::avatar::Avatar;

    fn people(names: &[&str]) -> Vec<ChatUser> {
        let person = |name: &&str| ChatUser {
            avatar: Avatar::Face(0),
            ..ChatUser::guest(
                (*name).try_into().expect("an id"),
                (*name).try_into().expect("a name"),
            )
        };
        names.iter().map(person).collect()
    }

    fn names(entries: &[Entry]) -> Vec<String> {
        let name = |entry: &Entry| format!("{}{}", if entry.gone { "-" } else { "" }, entry.person.name);
        entries.iter().map(name).collect()
    }

    #[test]
    fn one_stands_first_oneself() {
        let me = "bob".try_into().expect("an id");
        assert_eq!(
            names(&arrange(&[], &people(&["ann", "bob", "cem"]), Some(&me), false)),
            ["bob", "ann", "cem"]
        );
    }

    #[test]
    fn nothing_moves_under_the_pointer() {
        let shown = arrange(&[], &people(&["bob", "cem"]), None, false);
        let held = arrange(&shown, &people(&["ann", "cem"]), None, true);
        assert_eq!(names(&held), ["-bob", "cem", "ann"]);
        let again = arrange(&held, &people(&["ann", "bob", "cem"]), None, true);
        assert_eq!(names(&again), ["bob", "cem", "ann"]);
        assert_eq!(
            names(&arrange(&again, &people(&["ann", "cem"]), None, false)),
            ["ann", "cem"]
        );
    }
}
