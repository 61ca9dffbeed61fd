//! What is in a message's words: links, and whether they are nothing but emoji.

use js_sys::RegExp;
use snug_shared::{
    links::{self, Kind},
    text::RoomName,
};

/// A stretch of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    Link(&'a str, Kind),
    /// A room that one is in, and its address.
    Room(&'a str, RoomName),
    /// Somebody is meant, and whether one is oneself.
    Mention(&'a str, bool),
}

/// Splits words from links.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for link in links::find(text) {
        if from < link.at.start {
            pieces.push(Piece::Words(&text[from..link.at.start]));
        }
        from = link.at.end;
        pieces.push(Piece::Link(&text[link.at], link.kind));
    }
    if from < text.len() || pieces.is_empty() {
        pieces.push(Piece::Words(&text[from..]));
    }
    pieces
}

/// Splits rooms from the words around them.
pub(super) fn with_rooms<'a>(
    pieces: Vec<Piece<'a>>,
    address: impl Fn(&RoomName) -> Option<RoomName>,
) -> Vec<Piece<'a>> {
    let mut split = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let Piece::Words(words) = piece else {
            split.push(piece);
            continue;
        };
        let mut from = 0;
        for (at, address) in links::rooms(words, &address) {
            if from < at.start {
                split.push(Piece::Words(&words[from..at.start]));
            }
            from = at.end;
            split.push(Piece::Room(&words[at], address));
        }
        if from < words.len() {
            split.push(Piece::Words(&words[from..]));
        }
    }
    split
}

/// One to six emoji, after the grammar of UTS #51, 1.4.9: flags, keycaps, and pictures with modifiers, tags and joiners. More are an
/// ordinary line. Which characters are emoji is in the browser's tables.
const LARGE_EMOJI: &str = concat!(
    r"^\s*(?:(?:\p{RI}{2}|[0-9#*]\uFE0F\u20E3|",
    r"(?:(?!\p{RI})\p{Emoji_Presentation}|(?![0-9#*])\p{Emoji}\uFE0F|\p{Emoji_Modifier_Base}\p{Emoji_Modifier}|\u2764)",
    r"\p{Emoji_Modifier}?(?:[\u{E0020}-\u{E007E}]+\u{E007F})?",
    r"(?:\u200D\p{Emoji}\uFE0F?\p{Emoji_Modifier}?)*)\s*){1,6}$"
);
/// Bytes of more than six of the longest.
const LARGE_BYTES: usize = 300;

/// Whether the text is a few emoji and nothing else.
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
    use Piece::{Link, Room, Words};

    #[test]
    fn links_are_split_from_words() {
        let split = [
            Words("see "),
            Link("https://example.org/a", Kind::Web),
            Words(", "),
            Link("http://x.test", Kind::Web),
        ];
        assert_eq!(pieces("see https://example.org/a, http://x.test"), split);
        assert_eq!(pieces("nothing"), [Words("nothing")]);
        assert_eq!(pieces("https://x.test"), [Link("https://x.test", Kind::Web)]);
    }

    #[test]
    fn rooms_are_split_from_words_and_never_from_links() {
        let tea = RoomName::try_from("tea").expect("a name");
        let address = |name: &RoomName| (*name == tea).then(|| tea.clone());
        let split = |text| with_rooms(pieces(text), address);
        assert_eq!(
            split("in #tea: https://x.test/#tea"),
            [
                Words("in "),
                Room("#tea", tea.clone()),
                Words(": "),
                Link("https://x.test/#tea", Kind::Web)
            ]
        );
        assert_eq!(split("#coffee"), [Words("#coffee")]);
    }
}
