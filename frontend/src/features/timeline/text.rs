//! What is in a message's words: links, and whether they are nothing but emoji.

use linkify::{LinkFinder, LinkKind};

/// A stretch of a message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
    /// Somebody is meant, and whether one is oneself.
    Mention(&'a str, bool),
}

/// Splits words from links. Only `http` and `https` are links: any other scheme would run something.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    // The finder is not free, and most messages have no link.
    if !text.contains("://") {
        return vec![Piece::Words(text)];
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]);
    // Chinese is written without spaces, so a link ends where the sentence goes on. Browsers copy
    // addresses with everything else than ASCII escaped.
    finder.url_can_be_iri(false);
    finder
        .spans(text)
        .map(|span| {
            let (scheme, _) = span.as_str().split_once(':').unwrap_or_default();
            let web = ["http", "https"].iter().any(|it| scheme.eq_ignore_ascii_case(it));
            if span.kind().is_some() && web {
                Piece::Link(span.as_str())
            } else {
                Piece::Words(span.as_str())
            }
        })
        .collect()
}

/// More than these are an ordinary line.
const LARGE_EMOJI: usize = 6;

/// Whether the text is one to [`LARGE_EMOJI`] emoji and nothing else.
pub(super) fn is_large_emoji(text: &str) -> bool {
    let mut rest = text.trim();
    let mut count = 0;
    while !rest.is_empty() {
        let Some(length) = emoji(rest) else { return false };
        rest = rest[length..].trim_start_matches([' ', '\n']);
        count += 1;
    }
    (1..=LARGE_EMOJI).contains(&count)
}

const JOINER: char = '\u{200D}';
const AS_EMOJI: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';

/// The length in bytes of the emoji that the text begins with, by the grammar of UTS #51, 1.4.9:
/// flags, keycaps, and pictures with modifiers, tags and joiners.
fn emoji(text: &str) -> Option<usize> {
    let chars: Vec<char> = text.chars().take(64).collect();
    let mut at = 0;
    match (chars.first()?, chars.get(1)) {
        (a, Some(b)) if is_region(*a) && is_region(*b) => at = 2,
        ('0'..='9' | '#' | '*', Some(&AS_EMOJI)) if chars.get(2) == Some(&KEYCAP) => at = 3,
        _ => loop {
            let picture = *chars.get(at)?;
            let as_emoji = chars.get(at + 1) == Some(&AS_EMOJI);
            if !(is_emoji(picture) || as_emoji && is_symbol(picture)) {
                return None;
            }
            at += 1 + usize::from(as_emoji);
            while chars.get(at).is_some_and(|&c| is_modifier(c)) {
                at += 1;
            }
            if chars.get(at) != Some(&JOINER) {
                break;
            }
            at += 1;
        },
    }
    Some(chars[..at].iter().map(|c| c.len_utf8()).sum())
}

fn is_region(c: char) -> bool {
    matches!(c, '\u{1F1E6}'..='\u{1F1FF}')
}

/// Skin tones and tags.
fn is_modifier(c: char) -> bool {
    matches!(c, '\u{1F3FB}'..='\u{1F3FF}' | '\u{E0020}'..='\u{E007F}')
}

/// Shown as emoji by themselves.
fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F300}'..='\u{1F64F}' | '\u{1F680}'..='\u{1F6FF}' | '\u{1F7E0}'..='\u{1F7F0}'
        | '\u{1F900}'..='\u{1FAFF}' | '\u{231A}' | '\u{231B}' | '\u{23E9}'..='\u{23EC}' | '\u{23F0}' | '\u{23F3}'
        | '\u{25FD}' | '\u{25FE}' | '\u{2614}' | '\u{2615}' | '\u{2648}'..='\u{2653}' | '\u{267F}' | '\u{2693}'
        | '\u{26A1}' | '\u{26AA}' | '\u{26AB}' | '\u{26BD}' | '\u{26BE}' | '\u{26C4}' | '\u{26C5}' | '\u{26CE}'
        | '\u{26D4}' | '\u{26EA}' | '\u{26F2}' | '\u{26F3}' | '\u{26F5}' | '\u{26FA}' | '\u{26FD}' | '\u{2705}'
        | '\u{270A}' | '\u{270B}' | '\u{2728}' | '\u{274C}' | '\u{274E}' | '\u{2753}'..='\u{2755}' | '\u{2757}'
        | '\u{2764}' | '\u{2795}'..='\u{2797}' | '\u{27B0}' | '\u{27BF}' | '\u{2B1B}' | '\u{2B1C}' | '\u{2B50}'
        | '\u{2B55}')
}

/// Shown as emoji when that is asked for.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{A9}' | '\u{AE}' | '\u{203C}'..='\u{3299}' | '\u{1F100}'..='\u{1F2FF}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use Piece::{Link, Words};

    #[test]
    fn links_are_found_without_the_sentence_around_them() {
        assert_eq!(
            pieces("see https://example.org/a(b), and <http://x.test>."),
            [
                Words("see "),
                Link("https://example.org/a(b)"),
                Words(", and <"),
                Link("http://x.test"),
                Words(">."),
            ]
        );
        assert_eq!(
            pieces("看这里https://example.org/%E8%B7%AF，好吗？"),
            [
                Words("看这里"),
                Link("https://example.org/%E8%B7%AF"),
                Words("，好吗？")
            ]
        );
    }

    #[test]
    fn only_the_web_is_linked() {
        for text in [
            "javascript://x%0Aalert(1)",
            "data://x",
            "file:///etc/passwd",
            "ftp://x.test/",
        ] {
            assert!(pieces(text).iter().all(|it| matches!(it, Words(_))), "{text}");
        }
    }

    #[test]
    fn up_to_six_emoji_are_large() {
        for large in [
            "🎉",
            "🎉🎉",
            "👩‍🚀 👍🏽",
            "🇧🇪",
            "❤️",
            "❤",
            "1️⃣",
            "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
            "👨‍👩‍👧‍👦",
            "☀️",
            "🎉🎉🎉🎉🎉🎉",
        ] {
            assert!(is_large_emoji(large), "{large}");
        }
        for plain in ["", "a", "1", "🎉a", "🎉🎉🎉🎉🎉🎉🎉", "©", "中", "1️", "🇧"] {
            assert!(!is_large_emoji(plain), "{plain}");
        }
    }
}
