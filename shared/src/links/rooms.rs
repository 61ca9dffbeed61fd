//! Rooms that a text names: `#tea`.

use std::ops::Range;

use super::in_a_word;
use crate::{limits::ROOM_NAME_CHARS, text::RoomName, unicode::is_mark};

/// Finds the rooms that a `#` names in a text, each with its value from `known`. Of two names that fit, the longer one is meant.
pub fn rooms<T>(text: &str, known: impl Fn(&RoomName) -> Option<T>) -> Vec<(Range<usize>, T)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find('#') {
        let at = from + at;
        from = at + 1;
        let within = |c: char| matches!(c, '#' | '&' | '/') || in_a_word(c);
        if text[..at].ends_with(within) {
            continue;
        }
        if let Some((length, room)) = longest(&text[from..], &known) {
            from += length;
            found.push((at..from, room));
        }
    }
    found
}

/// Returns the value of the longest known name at the beginning of a text, and the name's length in bytes.
fn longest<T>(text: &str, known: impl Fn(&RoomName) -> Option<T>) -> Option<(usize, T)> {
    let mut longest = None;
    let mut chars = text.char_indices().peekable();
    for _ in 0..ROOM_NAME_CHARS {
        let Some((_, last)) = chars.next() else { break };
        let next = chars.peek().copied();
        let end = next.map_or(text.len(), |(at, _)| at);
        if last.is_whitespace() {
            break;
        }
        let goes_on = next.is_some_and(|(at, next)| {
            let joined = next == '-' && text[at + 1..].starts_with(in_a_word);
            is_mark(next) || in_a_word(last) && (in_a_word(next) || joined)
        });
        if goes_on {
            continue;
        }
        let room = RoomName::try_from(&text[..end]).ok().filter(|it| !it.is_direct());
        longest = room.and_then(|it| known(&it)).map(|it| (end, it)).or(longest);
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_are_named_by_their_whole_names_and_only_those_that_there_are() {
        let known = |name: &RoomName| {
            let all = ["tea", "tea-time", "茶馆", "हिन्दी"];
            all.contains(&name.as_str()).then(|| name.to_string())
        };
        for (text, expected) in [
            ("see #tea, #TEA-time.", vec!["#tea", "#TEA-time"]),
            ("(#tea)", vec!["#tea"]),
            ("#tea- and #tea-", vec!["#tea", "#tea"]),
            ("去#茶馆看看", vec!["#茶馆"]),
            ("#हिन्दी!", vec!["#हिन्दी"]),
            ("#teas #tea-timer #coffee # tea a#tea ##tea &#tea #", vec![]),
        ] {
            let found = rooms(text, known).into_iter().map(|(at, _)| &text[at]);
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text}");
        }
    }
}
