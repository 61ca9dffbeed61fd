//! The names in use: no two users online have confusable names (Unicode TR 39, section 4).

use std::{
    collections::HashMap,
    hash::{BuildHasher, DefaultHasher, Hash, Hasher, RandomState},
};

use snug_shared::{
    ids::ChatId,
    limits::NAME_CHARS,
    text::{Nickname, RoomName},
    unicode::draws_nothing,
};
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// The numbers up to this one are tried one by one; above it, the search starts at a number that depends on the user, so that
/// many users of one name do not make it long.
const FEW: u32 = 9;
const MANY: u64 = 1_000_000;

/// The names in use, by their skeletons.
#[derive(Default)]
pub struct NameRegistry {
    /// The holders by the hash of a skeleton, under a random key: if two hashes are ever the same, a user gets a number without
    /// need.
    held: HashMap<u64, Holder>,
    hasher: RandomState,
}

struct Holder {
    person: ChatId,
    times: usize,
}

impl NameRegistry {
    /// Assigns a name, with a number if it is confusable with another user's. It is reserved until it is
    /// [freed](NameRegistry::free) as often as it was assigned and reserved.
    pub fn assign(&mut self, person: &ChatId, wanted: &Nickname) -> Nickname {
        let numbers = {
            let mut hasher = DefaultHasher::new();
            person.hash(&mut hasher);
            let own = FEW + 1 + u32::try_from(hasher.finish() % MANY).unwrap_or_default();
            (2..=FEW).chain(own..)
        };
        let numbered = numbers.filter_map(|number| with_number(wanted, number));
        let name = std::iter::once(wanted.clone())
            .chain(numbered)
            .find(|name| self.is_available(name, person))
            .unwrap_or_else(|| wanted.clone());
        self.reserve(person, &name);
        name
    }

    /// Reserves a name once more.
    pub fn reserve(&mut self, person: &ChatId, name: &Nickname) {
        for skeleton in self.skeletons(name) {
            let holder = self.held.entry(skeleton).or_insert_with(|| Holder {
                person: person.clone(),
                times: 0,
            });
            holder.times += 1;
        }
    }

    /// Frees a name once.
    pub fn free(&mut self, name: &Nickname) {
        for skeleton in self.skeletons(name) {
            if let Some(holder) = self.held.get_mut(&skeleton) {
                holder.times -= 1;
                if holder.times == 0 {
                    self.held.remove(&skeleton);
                }
            }
        }
    }

    /// Returns whether no other user has a confusable name.
    pub fn is_available(&self, name: &Nickname, person: &ChatId) -> bool {
        self.skeletons(name)
            .iter()
            .all(|skeleton| self.held.get(skeleton).is_none_or(|it| it.person == *person))
    }

    fn skeletons(&self, name: &Nickname) -> [u64; 2] {
        skeletons(name).map(|skeleton| self.hasher.hash_one(skeleton))
    }
}

/// Returns a name's confusable skeletons: as it stands, where `I` looks like `l`, and in lower case, where `I` looks like `i`.
#[must_use]
pub fn skeletons(name: &Nickname) -> [String; 2] {
    let look = |text: &str| -> String {
        let visible: String = text
            .chars()
            .filter(|&c| !draws_nothing(c) && !c.is_whitespace())
            .collect();
        skeleton(&visible).collect()
    };
    // Marked, so that the first skeleton of one name is not taken for the second of another.
    [
        format!("={}", look(name.as_str())),
        format!("~{}", look(&name.as_str().to_lowercase())),
    ]
}

/// Returns the confusable skeleton of a room's name in lower case. Room names have no capitals, so a character that looks like a
/// capital, such as the digit `0`, counts as the lower-case letter.
#[must_use]
pub fn room_skeleton(name: &RoomName) -> String {
    let plain: String = name.as_str().nfkc().filter(|&c| !draws_nothing(c)).collect();
    let look: String = skeleton(&plain.to_lowercase()).collect();
    look.to_lowercase()
}

fn with_number(name: &Nickname, number: u32) -> Option<Nickname> {
    let number = format!(" ({number})");
    let room = NAME_CHARS.checked_sub(number.len())?;
    let start: String = name.as_str().chars().take(room).collect();
    Nickname::try_from(start.trim_end().to_owned() + &number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(id: &str) -> ChatId {
        ChatId::try_from(id).expect("an id")
    }

    fn name(name: &str) -> Nickname {
        Nickname::try_from(name).expect("a name")
    }

    #[test]
    fn a_name_that_looks_like_anothers_gets_a_number() {
        for (ann, eve) in [
            ("Ann", "Ann"),
            ("Ann", "ann"),
            ("Ann", "Аnn"),
            ("paypal", "paypaI"),
            ("Ill", "lll"),
            ("A B", "AB"),
            ("bob", "b\u{fe0f}ob"),
            ("bob", "b\u{200d}ob"),
            ("scope", "ѕсоре"),
            ("小明", "小明"),
        ] {
            let mut names = NameRegistry::default();
            assert_eq!(names.assign(&person("ann"), &name(ann)), name(ann));
            let given = names.assign(&person("eve"), &name(eve));
            assert_eq!(given, name(&format!("{} (2)", name(eve))), "{ann} {eve}");
        }
    }

    #[test]
    fn a_room_name_looks_like_the_one_it_can_be_taken_for() {
        let look = |name: &str| room_skeleton(&RoomName::try_from(name).expect("a name"));
        for same in [
            "lobby",
            "Lobby",
            "l\u{43e}bby",
            "\u{ff4c}\u{ff4f}\u{ff42}\u{ff42}\u{ff59}",
            "l0bby",
            "1obby",
            "\u{1d4f5}obby",
        ] {
            assert_eq!(look(same), look(RoomName::lobby().as_str()), "{same}");
        }
        assert_eq!(look("\u{430}dmin"), look("admin"));
        for other in ["lobby-2", "hobby", "\u{5927}\u{5385}"] {
            assert_ne!(look(other), look("lobby"), "{other}");
        }
    }

    #[test]
    fn names_that_differ_stay_as_they_are() {
        let mut names = NameRegistry::default();
        for (index, wanted) in ["Ann", "Anna", "Bob", "小明", "小红", "👍", "👎"]
            .into_iter()
            .enumerate()
        {
            let given = names.assign(&person(&format!("p{index}")), &name(wanted));
            assert_eq!(given, name(wanted));
        }
    }

    #[test]
    fn a_person_keeps_a_name_until_it_is_given_back_as_often_as_taken() {
        let mut names = NameRegistry::default();
        let (ann, eve, wanted) = (person("ann"), person("eve"), name("Ann"));
        names.assign(&ann, &wanted);
        assert_eq!(names.assign(&ann, &wanted), wanted);
        names.free(&wanted);
        assert_ne!(names.assign(&eve, &wanted), wanted);
        names.free(&wanted);
        assert_eq!(names.assign(&eve, &wanted), wanted);
    }

    #[test]
    fn a_crowd_of_one_name_gets_numbers_within_the_limit() {
        let mut names = NameRegistry::default();
        let long = name(&"x".repeat(NAME_CHARS));
        let mut given: Vec<_> = (0..500)
            .map(|index| names.assign(&person(&format!("p{index}")), &long))
            .collect();
        given.sort();
        given.dedup();
        assert_eq!(given.len(), 500);
        for name in &given {
            names.free(name);
        }
        assert!(names.held.is_empty());
    }
}
