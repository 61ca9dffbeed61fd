//! Mentions: the users whom an `@` in a message names. One scanner finds them, for the server, which knows the users
//! who can be mentioned, and for the page, which shows only mentions that the server has found.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Range,
};

use serde::{Deserialize, Serialize};

use crate::{
    ids::ChatId,
    limits::{LOOKED_AT, MENTIONED, NAME_CHARS},
    links,
    text::Nickname,
    unicode::{fold, folded, is_mark, is_without_spaces, is_word_char},
};

/// The word that mentions every online user.
pub const HERE: &str = "here";
/// The word that mentions every member of the room.
pub const ROOM: &str = "room";

/// The users whom a message mentions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mentions {
    /// The users mentioned by name, at most [`MENTIONED`], in the order of the text.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub people: Vec<Mentioned>,
    /// Whether the message mentions every user who was online.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub here: bool,
    /// Whether the message mentions every member of the room.
    #[serde(skip_serializing_if = "std::ops::Not::not", default)]
    pub room: bool,
}

/// A user who is mentioned, or can be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mentioned {
    /// The user's id.
    pub chat_id: ChatId,
    /// The name that mentions the user.
    pub name: Nickname,
}

/// The target of one mention in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MentionTarget<'a> {
    /// Every user with this name.
    People(Vec<&'a Mentioned>),
    /// Every online user.
    Here,
    /// Every member of the room.
    Room,
}

impl Mentions {
    /// Finds the users whom a text mentions, among the candidates.
    #[must_use]
    pub fn find(text: &str, candidates: &[Mentioned]) -> Self {
        Self::find_among(text, &candidates.iter().cloned().collect())
    }

    /// Finds the users whom a text mentions, among the candidates of a room, which are indexed already.
    #[must_use]
    pub fn find_among(text: &str, candidates: &Mentionable) -> Self {
        let mut found = Self::default();
        if !text.contains('@') {
            return found;
        }
        for (_, whom) in scan(text, &candidates, true, true) {
            match whom {
                MentionTarget::Here => found.here = true,
                MentionTarget::Room => found.room = true,
                MentionTarget::People(people) => {
                    for person in people {
                        if found.people.len() < MENTIONED && !found.names(&person.chat_id) {
                            found.people.push(person.clone());
                        }
                    }
                }
            }
        }
        found
    }

    /// Returns the byte ranges of the mentions in the message's text, with their targets.
    #[must_use]
    pub fn spans(&self, text: &str) -> Vec<(Range<usize>, MentionTarget<'_>)> {
        if self.is_empty() {
            return Vec::new();
        }
        scan(text, &Names::of(&self.people), self.here, self.room)
    }

    /// Returns whether the message mentions nobody.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.people.is_empty() && !self.everybody()
    }

    /// Returns whether the message mentions everybody in the room, online or not.
    #[must_use]
    pub fn everybody(&self) -> bool {
        self.here || self.room
    }

    /// Returns whether the message mentions a user, by name or with everybody.
    #[must_use]
    pub fn mean(&self, person: &ChatId) -> bool {
        self.everybody() || self.names(person)
    }

    /// Returns whether the message mentions a user by name.
    #[must_use]
    pub fn names(&self, person: &ChatId) -> bool {
        self.people.iter().any(|it| it.chat_id == *person)
    }
}

/// Returns whether an `@` after this text can begin a mention: not within a word, as in an e-mail address.
#[must_use]
pub fn may_follow(text: &str) -> bool {
    !text.chars().next_back().is_some_and(in_a_word)
}

/// An index of users by case-folded name, so that a look-up takes as long among ten thousand names as among ten.
trait Lookup<'a> {
    /// Returns every user with this name.
    fn named(&self, name: &str) -> Vec<&'a Mentioned>;
    /// Returns the bytes of the longest name.
    fn longest(&self) -> usize;
}

/// The users who can be mentioned in a room, updated as they join and leave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentionable {
    people: HashMap<Box<str>, Vec<Mentioned>>,
    /// The number of names of each length in bytes.
    lengths: BTreeMap<usize, usize>,
}

impl Mentionable {
    /// Adds a user under the user's name.
    pub fn insert(&mut self, person: Mentioned) {
        let name = folded(person.name.as_str()).into_boxed_str();
        let length = name.len();
        let people = self.people.entry(name).or_default();
        match people.binary_search_by(|it| it.chat_id.cmp(&person.chat_id)) {
            Ok(index) => people[index] = person,
            Err(index) => {
                people.insert(index, person);
                *self.lengths.entry(length).or_default() += 1;
            }
        }
    }

    /// Removes a user's name.
    pub fn remove(&mut self, person: &ChatId, name: &Nickname) {
        let name = folded(name.as_str());
        let Some(people) = self.people.get_mut(name.as_str()) else {
            return;
        };
        let Ok(index) = people.binary_search_by(|it| it.chat_id.cmp(person)) else {
            return;
        };
        people.remove(index);
        if people.is_empty() {
            self.people.remove(name.as_str());
        }
        if let Some(count) = self.lengths.get_mut(&name.len()) {
            *count -= 1;
            if *count == 0 {
                self.lengths.remove(&name.len());
            }
        }
    }
}

impl FromIterator<Mentioned> for Mentionable {
    fn from_iter<People: IntoIterator<Item = Mentioned>>(people: People) -> Self {
        let mut all = Self::default();
        people.into_iter().for_each(|person| all.insert(person));
        all
    }
}

impl<'a> Lookup<'a> for &'a Mentionable {
    fn named(&self, name: &str) -> Vec<&'a Mentioned> {
        self.people.get(name).into_iter().flatten().collect()
    }

    fn longest(&self) -> usize {
        self.lengths.last_key_value().map_or(0, |(length, _)| *length)
    }
}

/// The few users whom one message mentions.
struct Names<'a> {
    people: Vec<(String, &'a Mentioned)>,
    longest: usize,
}

impl<'a> Names<'a> {
    fn of(people: &'a [Mentioned]) -> Self {
        let small = |person: &'a Mentioned| (folded(person.name.as_str()), person);
        let people: Vec<_> = people.iter().map(small).collect();
        let longest = people.iter().map(|(name, _)| name.len()).max();
        let longest = longest.unwrap_or_default();
        Self { people, longest }
    }
}

impl<'a> Lookup<'a> for Names<'a> {
    fn named(&self, name: &str) -> Vec<&'a Mentioned> {
        let named = self.people.iter().filter(|(it, _)| it == name);
        named.map(|(_, person)| *person).collect()
    }

    fn longest(&self) -> usize {
        self.longest
    }
}

fn scan<'a>(
    text: &str,
    people: &impl Lookup<'a>,
    here: bool,
    room: bool,
) -> Vec<(Range<usize>, MentionTarget<'a>)> {
    let mut found: Vec<(Range<usize>, MentionTarget<'a>)> = Vec::new();
    let mut links = links::find(text).into_iter().map(|it| it.at).peekable();
    let (mut looked_at, mut name) = (0, String::new());
    for (at, _) in text.match_indices('@') {
        while links.next_if(|link| link.end <= at).is_some() {}
        let in_link = links.peek().is_some_and(|link| link.contains(&at));
        let last = found.last().map(|(last, _)| last.end);
        // `@ann/@bob` mentions two users, and `src/@ann` is a path.
        let in_path = text[..at].ends_with(['/', '\\']) && last.is_none_or(|it| it + 1 != at);
        if last.is_some_and(|it| it > at) || in_link || in_path || !may_follow(&text[..at]) {
            continue;
        }
        // Each takes as many look-ups as a name is long: a message of nothing else would cost as much as a hundred others.
        looked_at += 1;
        if let Some((length, whom)) = longest(&text[at + 1..], people, (here, room), &mut name) {
            found.push((at..at + 1 + length, whom));
        }
        if looked_at == LOOKED_AT {
            break;
        }
    }
    found
}

/// Returns the longest name at the beginning of a text, and its length in bytes there. `start` is a buffer.
fn longest<'a>(
    text: &str,
    people: &impl Lookup<'a>,
    (here, room): (bool, bool),
    start: &mut String,
) -> Option<(usize, MentionTarget<'a>)> {
    let mut chars = text.char_indices().peekable();
    let most = people.longest().max(HERE.len()).max(ROOM.len());
    let mut longest = None;
    start.clear();
    for _ in 0..NAME_CHARS {
        let Some((_, c)) = chars.next() else { break };
        start.extend(fold(c));
        if start.len() > most {
            break;
        }
        let length = chars.peek().map_or(text.len(), |&(at, _)| at);
        if goes_on(c, &text[length..]) {
            continue;
        }
        // A word wins over a user of the same name: nobody can take it away from the others.
        if start == HERE && here {
            longest = Some((length, MentionTarget::Here));
        } else if start == ROOM && room {
            longest = Some((length, MentionTarget::Room));
        } else {
            let named = people.named(start);
            if !named.is_empty() {
                longest = Some((length, MentionTarget::People(named)));
            }
        }
    }
    longest
}

/// Returns whether a character belongs to a word that continues to the next space. Chinese, Japanese and Thai words are
/// written without spaces: `你好@小明你看` mentions 小明.
fn in_a_word(c: char) -> bool {
    is_word_char(c) && !is_without_spaces(c)
}

/// Returns whether a name that ends in `last` is only the beginning of a longer name (`@ann-marie`), of an address
/// (`@ann@example.org`, `@here.com`), of a path (`@here/maps-api`).
fn goes_on(last: char, rest: &str) -> bool {
    const JOINER: char = '\u{200D}';
    let mut rest = rest.chars();
    let Some(next) = rest.next() else { return false };
    if next == JOINER || is_mark(next) {
        return true;
    }
    let joins = matches!(
        next,
        '-' | '\u{2010}' | '\u{2011}' | '.' | '/' | '\\' | '@' | '·' | '‧' | '+' | '=' | '~'
    );
    in_a_word(last) && (in_a_word(next) || joins && rest.next().is_some_and(in_a_word))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn people(names: &[&str]) -> Vec<Mentioned> {
        let person = |(index, name): (usize, &&str)| Mentioned {
            chat_id: format!("p{index}").as_str().try_into().expect("an id"),
            name: (*name).try_into().expect("a name"),
        };
        names.iter().enumerate().map(person).collect()
    }

    fn found(text: &str, names: &[&str]) -> Vec<String> {
        let found = Mentions::find(text, &people(names));
        let words = [(found.here, HERE), (found.room, ROOM)];
        let words = words.iter().filter(|it| it.0).map(|it| format!("*{}", it.1));
        let names = found.people.iter().map(|it| it.name.to_string());
        names.chain(words).collect()
    }

    #[test]
    fn the_longest_name_after_an_at_is_meant() {
        let here = [
            "Ann",
            "Ann Lee",
            "Ann (2)",
            "小明",
            "小明月",
            "José",
            "here we go",
        ];
        for (text, meant) in [
            ("@Ann", vec!["Ann"]),
            ("hi @ANN, look", vec!["Ann"]),
            ("(@ann)", vec!["Ann"]),
            ("@Ann Lee's", vec!["Ann Lee"]),
            ("@Ann (2) and @ann", vec!["Ann (2)", "Ann"]),
            ("@ann Leeds", vec!["Ann"]),
            ("@Ann @ann", vec!["Ann"]),
            ("你好@小明你看", vec!["小明"]),
            ("你好@小明月你看", vec!["小明月"]),
            ("@Ann你好", vec!["Ann"]),
            ("@josé!", vec!["José"]),
            ("@here and @Room", vec!["*here", "*room"]),
            ("@here we go", vec!["here we go"]),
            ("@@Ann", vec!["Ann"]),
            ("@Ann's @Ann’s @Ann. (@Ann) „@Ann“", vec!["Ann"]),
            ("@ann/@josé", vec!["Ann", "José"]),
            ("cc:@ann, -@josé", vec!["Ann", "José"]),
            ("@Ann… @José—yes", vec!["Ann", "José"]),
        ] {
            assert_eq!(found(text, &here), meant, "{text}");
        }
    }

    #[test]
    fn what_is_no_mention_means_nobody() {
        let here = ["Ann", "bob", "👩"];
        for text in [
            "Ann",
            "@",
            "@ Ann",
            "@Annabel",
            "@hereabouts",
            "ann@bob.org",
            "a_@bob",
            "https://example.org/@ann",
            "@ann-marie",
            "@ann.smith",
            "@ann@mastodon.example",
            "@ann/pkg",
            "@Ann·e",
            "@Ann\u{308}",
            "npm i @here/maps-api",
            "follow @here.com",
            "@here@example.org",
            "@room/x and @room-service",
            "/srv/@here/x",
            "https://example.org/é/@ann",
            "https://example.org/?to=@ann",
            "@👩\u{200D}🚀",
            "@nobody",
        ] {
            assert_eq!(found(text, &here), Vec::<String>::new(), "{text}");
        }
        assert_eq!(
            found("见https://example.org/？@ann", &here),
            ["Ann"],
            "the link is over"
        );
    }

    #[test]
    fn a_word_is_not_taken_away_by_who_is_called_so() {
        assert_eq!(found("@Here", &["here"]), ["*here"]);
    }

    #[test]
    fn a_crowd_is_mentioned_in_part() {
        let names: Vec<_> = (0..MENTIONED + 9).map(|index| format!("n{index}")).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let text: String = names.iter().map(|name| format!("@{name} ")).collect();
        assert_eq!(found(&text, &names).len(), MENTIONED);
    }

    #[test]
    fn a_message_of_nothing_but_mentions_is_looked_at_in_part() {
        let names = |before: usize| found(&("@x ".repeat(before) + "@ann"), &["Ann"]);
        assert_eq!(names(LOOKED_AT - 1), ["Ann"]);
        assert_eq!(names(LOOKED_AT), Vec::<String>::new());
        // A text that cannot be a mention is not checked, and does not count.
        assert_eq!(found(&("a@x ".repeat(LOOKED_AT) + "@ann"), &["Ann"]), ["Ann"]);
    }

    #[test]
    fn who_comes_and_goes_is_found_while_they_are_here() {
        let all = people(&["Ann", "Bartholomew", "ann"]);
        let mut here: Mentionable = all.iter().cloned().collect();
        let found = |here: &Mentionable| Mentions::find_among("@ann @bartholomew", here).people;
        assert_eq!(found(&here).len(), 3);
        here.remove(&all[0].chat_id, &all[0].name);
        here.remove(&all[1].chat_id, &all[1].name);
        assert_eq!(found(&here), [all[2].clone()]);
        here.remove(&all[2].chat_id, &all[2].name);
        here.remove(&all[2].chat_id, &all[2].name);
        assert_eq!(here, Mentionable::default());
    }

    #[test]
    fn a_mention_is_shown_where_it_stands() {
        let text = "éé @ann, @Here: @bob";
        let mentions = Mentions {
            people: people(&["Ann"]),
            here: true,
            room: false,
        };
        let shown: Vec<_> = mentions
            .spans(text)
            .into_iter()
            .map(|(at, _)| &text[at])
            .collect();
        assert_eq!(shown, ["@ann", "@Here"], "the server did not find Bob");
    }

    proptest! {
            #[test]
            fn whoever_is_found_is_shown(text in "[@aA İé小明\u{200D} /:.1]{0,40}") {
    let found = Mentions::find(&text, &people(&["a", "A a", "é小", "小", "İ", "1", "/"]));
                let shown = found.spans(&text);
                let of_people = |(_, whom): &(_, MentionTarget<'_>)| matches!(whom, MentionTarget::People(_));
                prop_assert_eq!(found.people.is_empty(), !shown.iter().any(of_people));
                let mut end = 0;
                for (at, _) in shown {
                    prop_assert!(at.start >= end && text[at.clone()].starts_with('@'));
                    end = at.end;
                }
            }
        }
}
