//! Splits a message's text into segments, and detects texts of nothing but emoji.

use js_sys::RegExp;
use snug_shared::{
    links::{self, Kind},
    text::RoomName,
};

/// A segment of a message's text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Segment<'a> {
    /// Plain text.
    Plain(&'a str),
    Link(&'a str, Kind),
    /// A room that the user is in, and its address.
    Room(&'a str, RoomName),
    /// A mention, and whether it means the user.
    Mention(&'a str, bool),
}

/// Splits plain text from links.
pub(super) fn segments(text: &str) -> Vec<Segment<'_>> {
    let (mut segments, mut from) = (Vec::new(), 0);
    for link in links::find(text) {
        if from < link.at.start {
            segments.push(Segment::Plain(&text[from..link.at.start]));
        }
        from = link.at.end;
        segments.push(Segment::Link(&text[link.at], link.kind));
    }
    if from < text.len() || segments.is_empty() {
        segments.push(Segment::Plain(&text[from..]));
    }
    segments
}

/// Splits the names of rooms from plain text.
pub(super) fn with_rooms<'a>(
    segments: Vec<Segment<'a>>,
    address: impl Fn(&RoomName) -> Option<RoomName>,
) -> Vec<Segment<'a>> {
    let mut split = Vec::with_capacity(segments.len());
    for segment in segments {
        let Segment::Plain(words) = segment else {
            split.push(segment);
            continue;
        };
        let mut from = 0;
        for (at, address) in links::rooms(words, &address) {
            if from < at.start {
                split.push(Segment::Plain(&words[from..at.start]));
            }
            from = at.end;
            split.push(Segment::Room(&words[at], address));
        }
        if from < words.len() {
            split.push(Segment::Plain(&words[from..]));
        }
    }
    split
}

/// Matches one to six emoji, after the grammar of UTS #51, 1.4.9: flags, keycaps, and pictures with modifiers, tags and joiners. More
/// are an ordinary line. The browser's tables define which characters are emoji.
const LARGE_EMOJI: &str = concat!(
    r"^\s*(?:(?:\p{RI}{2}|[0-9#*]\uFE0F\u20E3|",
    r"(?:(?!\p{RI})\p{Emoji_Presentation}|(?![0-9#*])\p{Emoji}\uFE0F|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\u2764)",
    r"\p{Emoji_Modifier}?(?:[\u{E0020}-\u{E007E}]+\u{E007F})?",
    r"(?:\u200D\p{Emoji}\uFE0F?\p{Emoji_Modifier}?)*)\s*){1,6}$"
);
/// The most bytes of such a text: more than six of the longest emoji take.
const LARGE_BYTES: usize = 300;

/// Returns whether the text is a few emoji and nothing else.
pub(super) fn is_large_emoji(text: &str) -> bool {
    thread_local! {
        static LARGE: RegExp = RegExp::new(LARGE_EMOJI, "u");
    }
    let is_clear = text.len() > LARGE_BYTES || text.starts_with(|c: char| c.is_ascii_alphabetic());
    !is_clear && LARGE.with(|it| it.test(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Segment::{Link, Plain, Room};

    #[test]
    fn links_are_split_from_words() {
        let split = [
            Plain("see "),
            Link("https://example.org/a", Kind::Web),
            Plain(", "),
            Link("http://x.test", Kind::Web),
        ];
        assert_eq!(segments("see https://example.org/a, http://x.test"), split);
        assert_eq!(segments("nothing"), [Plain("nothing")]);
        assert_eq!(segments("https://x.test"), [Link("https://x.test", Kind::Web)]);
    }

    #[test]
    fn rooms_are_split_from_words_and_never_from_links() {
        let tea = RoomName::try_from("tea").expect("a name");
        let address = |name: &RoomName| (*name == tea).then(|| tea.clone());
        let split = |text| with_rooms(segments(text), address);
        assert_eq!(
            split("in #tea: https://x.test/#tea"),
            [
                Plain("in "),
                Room("#tea", tea.clone()),
                Plain(": "),
                Link("https://x.test/#tea", Kind::Web)
            ]
        );
        assert_eq!(split("#coffee"), [Plain("#coffee")]);
    }
}
