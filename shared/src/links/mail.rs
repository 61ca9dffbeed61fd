//! E-mail addresses in the usual form: letters, digits and a few signs, an `@`, and a host's name with a dot in it.

use std::ops::Range;

use super::{in_a_word, name};

/// The greatest length in bytes of the part before the `@` (RFC 5321, 4.5.3.1.1).
const LOCAL_BYTES: usize = 64;

/// Returns the address around an `@`, if it begins after `before`.
pub(super) fn at(text: &str, before: usize, at: usize) -> Option<Range<usize>> {
    let written = &text[before..at];
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '+' | '-');
    let local = &written[written.trim_end_matches(allowed).len()..];
    let local = local.trim_start_matches(['.', '-', '+']);
    let start = at - local.len();
    if local.is_empty() || local.len() > LOCAL_BYTES || local.ends_with('.') || local.contains("..") {
        return None;
    }
    let is_more =
        |c: char| matches!(c, '/' | '@' | '\\' | '%' | '=' | '&' | '#' | '$' | '~' | '^') || in_a_word(c);
    // In an address with a scheme, this part would mislead the reader.
    let word = written.rsplit(char::is_whitespace).next()?;
    if text[..start].ends_with(is_more) || word.contains("://") {
        return None;
    }
    let after = &text[at + 1..];
    let host = after[..name(after)?].trim_end_matches('.');
    let (_, last) = host.rsplit_once('.')?;
    let rest = &after[host.len()..];
    let goes_on = rest.starts_with(|c: char| matches!(c, '@' | '-' | '_') || in_a_word(c));
    let path = rest
        .strip_prefix(':')
        .is_some_and(|it| it.starts_with(|c: char| c == '/' || in_a_word(c)));
    let ends_well = last.chars().count() > 1 && !last.contains(|c: char| c.is_ascii_digit());
    (ends_well && !goes_on && !path).then_some(start..at + 1 + host.len())
}
