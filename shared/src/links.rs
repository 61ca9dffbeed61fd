//! Links: the addresses of web pages and of e-mail in a text. One finder, for the page and for mentions, which cannot be inside a
//! link.
//!
//! Of the schemes only `http` and `https` are links: any other would run something. An address that is malformed, or leads to another host
//! than a reader would think, is no link at all, not even its beginning: addresses with user names (`https://bank.example@evil.example`),
//! numbers that browsers read as IPv4 addresses (`http://0x7f000001`), host names whose letters look like those of another
//! (`https://аpple.com` with a Cyrillic а).
//!
//! Names and paths may have letters of all scripts (RFC 3987). Chinese, Japanese and Thai are written without spaces: there a link ends
//! where the sentence goes on, at the first punctuation, and at a letter that follows an ASCII letter or digit (`https://example.org/a好吗`).

mod mail;
mod rooms;

use std::{
    borrow::Cow,
    net::{Ipv4Addr, Ipv6Addr},
    ops::Range,
};

pub use self::rooms::rooms;
use crate::unicode::{
    draws_nothing, is_mark, is_punctuation, is_without_spaces, is_word_char, stands_for_ascii,
};

/// The greatest length in bytes of a host's name, and of each of its parts (RFC 1035, 2.3.4), as ASCII.
const HOST_BYTES: usize = 253;
const LABEL_BYTES: usize = 63;

/// A link in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The byte range of the link in the text.
    pub at: Range<usize>,
    /// The kind of the link.
    pub kind: Kind,
}

/// The form in which a link is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `https://example.org`
    Web,
    /// `www.example.org`
    Www,
    /// `ann@example.org`
    Mail,
}

impl Link {
    /// Returns the URL of a link of this kind and with these words.
    #[must_use]
    pub fn address(kind: Kind, words: &str) -> Cow<'_, str> {
        match kind {
            Kind::Web => Cow::Borrowed(words),
            Kind::Www => Cow::Owned(format!("https://{words}")),
            Kind::Mail => Cow::Owned(format!("mailto:{words}")),
        }
    }
}

/// Finds the links in a text, in their order.
#[must_use]
pub fn find(text: &str) -> Vec<Link> {
    let mut found: Vec<Link> = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find([':', '@', 'w', 'W']) {
        let at = from + at;
        let before = found.last().map_or(0, |it| it.at.end);
        let (kind, link) = match text.as_bytes()[at] {
            b':' => (Kind::Web, web(text, before, at)),
            b'@' => (Kind::Mail, mail::at(text, before, at)),
            _ => (Kind::Www, www(text, at)),
        };
        from = link.as_ref().map_or(at + 1, |it| it.end);
        found.extend(link.map(|at| Link { at, kind }));
    }
    found
}

/// Returns the link whose scheme ends at a colon.
fn web(text: &str, before: usize, colon: usize) -> Option<Range<usize>> {
    let after = text[colon..].strip_prefix("://")?;
    let start = before + scheme(&text[before..colon])?;
    Some(start..colon + "://".len() + length(after)?)
}

/// Returns the link that begins with `www` and no scheme: a name of three parts, which nobody writes without meaning a page.
fn www(text: &str, at: usize) -> Option<Range<usize>> {
    let link = &text[at..];
    let begins = link.get(.."www.".len())?.eq_ignore_ascii_case("www.");
    let within = |c: char| matches!(c, '.' | '-' | '_' | '/' | '@' | '\\' | '%' | '=' | '&') || in_a_word(c);
    if !begins || text[..at].ends_with(within) {
        return None;
    }
    let length = length(link)?;
    let name = link[..length].split(['/', '?', '#', ':']).next()?;
    (name.trim_end_matches('.').split('.').count() > 2).then_some(at..at + length)
}

/// Returns whether a character belongs to a word that continues to the next space.
fn in_a_word(c: char) -> bool {
    is_word_char(c) && !is_without_spaces(c)
}

/// Returns the position of the scheme at the end of a text.
fn scheme(text: &str) -> Option<usize> {
    let ends = |scheme: &str| {
        let start = text.len().checked_sub(scheme.len())?;
        let same = text.as_bytes()[start..].eq_ignore_ascii_case(scheme.as_bytes());
        same.then_some(start)
    };
    let start = ends("https").or_else(|| ends("http"))?;
    let before = text[..start].chars().next_back();
    let is_longer =
        before.is_some_and(|c| matches!(c, '+' | '-') || c.is_alphanumeric() && !is_without_spaces(c));
    (!is_longer).then_some(start)
}

/// Returns the length of the host and the port at the beginning of a text.
fn host(text: &str) -> Option<usize> {
    let length = match text.strip_prefix('[') {
        Some(address) => {
            let length = address.find(']')?;
            address[..length].parse::<Ipv6Addr>().ok()?;
            length + 2
        }
        None => name(text)?,
    };
    let (port, rest) = match text[length..].strip_prefix(':') {
        Some(after) => {
            let digits = after.bytes().take_while(u8::is_ascii_digit).count();
            (1 + digits, &after[digits..])
        }
        None => (0, &text[length..]),
    };
    let number = &text[length..length + port];
    // A colon without a number belongs to the sentence.
    let port = if number.len() > 1 {
        number[1..].parse::<u16>().ok()?;
        port
    } else {
        0
    };
    match rest.chars().next() {
        Some('/') if number == ":" => None,
        None | Some('/' | '?' | '#') => Some(length + port),
        // A browser would read on at these, or they show that the text before them is no host.
        Some('@' | '%' | '\\' | '+' | '=' | '&' | '$' | '^' | '[') => None,
        Some(c) if draws_nothing(c) || c != '_' && is_word_char(c) && !is_without_spaces(c) => None,
        Some(_) => Some(length + port),
    }
}

/// Returns the length of the host's name, or of the IPv4 address, at the beginning of a text.
fn name(text: &str) -> Option<usize> {
    let allowed = |c: char| {
        matches!(c, '-' | '_' | '.')
            || c.is_ascii_alphanumeric()
            || !c.is_ascii() && is_word_char(c) && !stands_for_ascii(c)
    };
    let length = text.find(|c| !allowed(c)).unwrap_or(text.len());
    let rest = &text[length..];
    let port = rest
        .strip_prefix(':')
        .is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()));
    let goes_on = port || rest.starts_with(['/', '?', '#']);
    let mut name = &text[..length];
    if !goes_on {
        name = name.trim_end_matches(['.', '_', '-']);
    }
    let labels = name.strip_suffix('.').unwrap_or(name);
    let (before, last) = labels.rsplit_once('.').unwrap_or(("", labels));
    // The sentence continues without a space.
    if let Some(at) = last.find(is_without_spaces)
        && last[..at].ends_with(|c: char| c.is_ascii_alphanumeric())
        && !goes_on
    {
        name = &name[..labels.len() - last.len() + at];
    }
    let labels = name.strip_suffix('.').unwrap_or(name);
    let last = labels.rsplit('.').next().unwrap_or_default();
    if last.bytes().all(|c| c.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X") {
        labels.parse::<Ipv4Addr>().ok()?;
    }
    let is_ascii = labels.is_ascii();
    let well_formed = labels.len() <= HOST_BYTES
        && (is_ascii || !before.is_empty())
        && labels.split('.').all(|label| is_label(label, last.is_ascii()));
    well_formed.then_some(name.len())
}

fn is_label(label: &str, in_ascii: bool) -> bool {
    let fits = !label.is_empty() && label.len() <= LABEL_BYTES && !label.starts_with(is_mark);
    fits && (label.is_ascii() || !looks_like_another(label, in_ascii))
}

/// Returns whether readers confuse a part of a name with another: Latin letters among those of another alphabet, or, in a domain of
/// Latin letters, only letters that look Latin. Browsers show such names in ASCII for the same reason (UTS #39, 5.2).
fn looks_like_another(label: &str, in_ascii: bool) -> bool {
    const LATIN: &str = "асԁеһіјӏорԛѕԝхуъьҽпгѵѡѓќҫһӀοαινρυκτχωγηѐѝёї";
    let (mut latin, mut other, mut alike) = (false, false, true);
    for c in label
        .chars()
        .filter(|c| c.is_alphabetic() && !is_without_spaces(*c))
    {
        let is_latin = c.is_ascii() || matches!(c, '\u{AA}'..='\u{24F}' | '\u{1E00}'..='\u{1EFF}');
        latin |= is_latin;
        other |= !is_latin;
        alike &= is_latin || LATIN.contains(c);
    }
    other && (latin || alike && in_ascii)
}

/// Returns the length of the link, without its scheme, at the beginning of a text.
fn length(text: &str) -> Option<usize> {
    let length = host(text)?;
    let path = path(&text[length..]);
    if path == 0 {
        // Without a path after it, a dot at its end belongs to the sentence.
        host(&text[..length])
    } else {
        Some(length + path)
    }
}

/// Returns the length of the path, query and fragment at the beginning of a text.
fn path(rest: &str) -> usize {
    if !rest.starts_with(['/', '?', '#']) {
        return 0;
    }
    let mut end = 0;
    let mut open = Vec::new();
    let mut before = '/';
    for (at, c) in rest.char_indices() {
        let goes_on = match c {
            '<' | '>' | '"' | '`' => false,
            '(' | '[' | '{' => {
                open.push(c);
                true
            }
            // A bracket that was opened before the link closes the text around the link.
            ')' | ']' | '}' => match open.pop() {
                Some('(') => c == ')',
                Some('[') => c == ']',
                Some(_) => c == '}',
                None => false,
            },
            _ if c.is_ascii() => c.is_ascii_graphic(),
            // These full-width signs separate Chinese and Japanese texts, though Unicode calls them signs of mathematics.
            '｜' | '～' => false,
            _ if c.is_whitespace() || c.is_control() || draws_nothing(c) || is_punctuation(c) => false,
            _ => !is_without_spaces(c) || !before.is_ascii_alphanumeric(),
        };
        if !goes_on {
            break;
        }
        end = at + c.len_utf8();
        before = c;
    }
    trim(&rest[..end]).len()
}

/// Removes the end of a sentence, and brackets that do not close, from the end of a link.
fn trim(mut link: &str) -> &str {
    loop {
        let before = link;
        link = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '|', '~']);
        if let Some(open) = link.chars().next_back().filter(|c| matches!(c, '(' | '[' | '{')) {
            link = &link[..link.len() - open.len_utf8()];
        }
        if link.len() == before.len() {
            return link;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn links(text: &str) -> Vec<&str> {
        find(text).into_iter().map(|it| &text[it.at]).collect()
    }

    #[test]
    fn a_link_ends_where_the_sentence_goes_on() {
        for (text, expected) in [
            (
                "see https://example.org/a(b), and <http://x.test>.",
                vec!["https://example.org/a(b)", "http://x.test"],
            ),
            ("(https://example.org/a)", vec!["https://example.org/a"]),
            ("[there](https://example.org/a)", vec!["https://example.org/a"]),
            (
                "https://en.example.org/wiki/Snug_(bar)_x!",
                vec!["https://en.example.org/wiki/Snug_(bar)_x"],
            ),
            (
                "https://example.org/a?b=[c]&d='e'",
                vec!["https://example.org/a?b=[c]&d='e"],
            ),
            ("https://example.org. Next", vec!["https://example.org"]),
            ("https://example.org./a", vec!["https://example.org./a"]),
            ("https://example.org: there", vec!["https://example.org"]),
            (
                "*https://example.org*, _https://example.org_",
                vec!["https://example.org", "https://example.org"],
            ),
            ("https://example.org...", vec!["https://example.org"]),
            ("HTTPS://EXAMPLE.ORG/A", vec!["HTTPS://EXAMPLE.ORG/A"]),
            ("https://a_b.example.org/_", vec!["https://a_b.example.org/_"]),
            (
                "„https://example.org/a“ – «https://example.org/b»",
                vec!["https://example.org/a", "https://example.org/b"],
            ),
            (
                "https://example.org/a—then https://example.org/b…",
                vec!["https://example.org/a", "https://example.org/b"],
            ),
            (
                "https://example.org/\u{200B}x\u{202E}y",
                vec!["https://example.org/"],
            ),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn chinese_and_japanese_go_on_without_a_space() {
        for (text, expected) in [
            ("看https://example.org/a，见v2", vec!["https://example.org/a"]),
            (
                "（参见https://example.org/a）第2条",
                vec!["https://example.org/a"],
            ),
            ("https://example.org/a「b」c。See", vec!["https://example.org/a"]),
            (
                "https://example.org/a、https://example.org/b",
                vec!["https://example.org/a", "https://example.org/b"],
            ),
            ("https://example.org/a：说明v2】x", vec!["https://example.org/a"]),
            (
                "看这里https://example.org/%E8%B7%AF，好吗？",
                vec!["https://example.org/%E8%B7%AF"],
            ),
            ("https://example.org/a好吗", vec!["https://example.org/a"]),
            ("https://example.org看", vec!["https://example.org"]),
            ("https://例え.jpを見て", vec!["https://例え.jp"]),
            ("https://example.org:8080看", vec!["https://example.org:8080"]),
        ] {
            assert_eq!(links(text), expected, "{text}");
        }
    }

    #[test]
    fn names_and_paths_have_letters_of_all_scripts() {
        for text in [
            "https://münchen.de/plan",
            "https://例え.jp/",
            "https://пример.рф/x",
            "https://a.example.中国/",
            "https://bücher.example/x",
            "https://उदाहरण.परीक्षा/क",
            "https://de.example.org/wiki/Zürich",
            "https://ru.example.org/wiki/Москва_(город)",
            "https://zh.example.org/wiki/中国?标题=北京#历史",
            "https://ar.example.org/wiki/القاهرة",
            "https://th.example.org/wiki/กรุงเทพ",
            "https://ja.example.org/w/日本語-テスト",
        ] {
            assert_eq!(links(text), [text]);
        }
    }

    #[test]
    fn hosts_are_names_numbers_and_ports() {
        for text in [
            "http://localhost",
            "http://localhost:7400/a",
            "http://127.0.0.1:7400#invite=abc",
            "https://example.org#install",
            "https://example.org?q=1",
            "https://example.org:8443#a",
            "http://[::1]:8080/x",
            "http://[2001:db8::1]",
            "https://xn--mnchen-3ya.de/",
        ] {
            assert_eq!(links(text), [text]);
        }
    }

    #[test]
    fn what_leads_elsewhere_than_one_reads_is_no_link() {
        for text in [
            "https://bank.example@evil.example/",
            "https://bank.example:pass@evil.example/",
            "https://bank.example:@evil.example/",
            "https://bank.example%2eevil.example/",
            "https://bank.example\\@evil.example",
            "http://0x7f000001/",
            "http://2130706433/",
            "http://127.1/",
            "http://010.0.0.1/",
            "http://256.0.0.1/",
            "https://аpple.com/",
            "https://bаnk.example/",
            "https://сосо.com/",
            "https://ｅxample.org/",
            "https://ⓔxample.org/",
            "https://example\u{AD}.org/",
            "https://exa\u{200D}mple.org/",
            "https://example.org:99999/",
            "https://example.org:80a/",
            "https://a..b/",
            "https://.a/",
            "https:///a",
            "http://[::1/",
            "http://[1.2.3.4]/",
            "https://",
            "https://看看",
        ] {
            assert_eq!(links(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn pages_and_mail_are_found_without_a_scheme() {
        let found = |text: &str| {
            let links = find(text).into_iter();
            let links = links.map(|it| Link::address(it.kind, &text[it.at]).into_owned());
            links.collect::<Vec<_>>()
        };
        assert_eq!(
            found("see www.example.org/a, WWW.example.org."),
            ["https://www.example.org/a", "https://WWW.example.org"]
        );
        assert_eq!(
            found("写信到ann.b+c@example.org吧，看www.example.org吧"),
            ["mailto:ann.b+c@example.org", "https://www.example.org"]
        );
        assert_eq!(
            found("(ann@example.org), <bob@example.org>."),
            ["mailto:ann@example.org", "mailto:bob@example.org"]
        );
        for none in [
            "www.example",
            "awww.example.org",
            "www..org",
            "hi @ann",
            "@ann@example.org",
            "ann@localhost",
            "npm i pkg@1.2.3",
            "root@10.0.0.1",
            "git@example.org:ann/snug.git",
            "ann..b@example.org",
            "ann@example.org@evil.example",
            "https://bank.example:pass@evil.example",
        ] {
            assert_eq!(found(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn only_the_web_is_linked() {
        for text in [
            "javascript://x%0Aalert(1)",
            "data://x",
            "file:///etc/passwd",
            "ftp://x.test/",
            "git+https://x.test/a",
            "xhttps://x.test",
        ] {
            assert_eq!(links(text), [""; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_links_stand_in_it_in_order(text in "([a-zé中/:.@()\\[\\] ，#?%-]|https://|www\\.|@|example\\.org|[0-9\u{301}\u{200D}]){0,30}") {
            let mut end = 0;
            for link in find(&text) {
                let at = link.at;
                prop_assert!(at.start >= end && at.end > at.start);
                end = at.end;
                let link = &text[at];
                prop_assert!(link.len() > "a@b.c".len() && !link.contains(char::is_whitespace), "{}", link);
                prop_assert_eq!(links(link), [link], "what is underlined is a link by itself");
            }
        }
    }
}
