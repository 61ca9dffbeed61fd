//! What is true of a text that is being written.

use snug_shared::{code::Code, limits::TEXT_CHARS, text::MessageBody};

/// From so few characters left on they are counted down.
const NEAR: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Check {
    Empty,
    Fine,
    /// Fine, and so many characters may follow.
    Near(usize),
    /// So many characters too long.
    Over(usize),
}

impl Check {
    pub(super) fn of(text: &str) -> Self {
        match MessageBody::try_from(text) {
            // Bytes are at least as many as characters, and free.
            Ok(_) if text.len() + NEAR < TEXT_CHARS => Self::Fine,
            Ok(_) => match TEXT_CHARS.saturating_sub(MessageBody::count(text)) {
                left if left <= NEAR => Self::Near(left),
                _ => Self::Fine,
            },
            Err(Code::TextTooLong) => Self::Over(MessageBody::count(text).saturating_sub(TEXT_CHARS)),
            Err(_) => Self::Empty,
        }
    }

    pub(super) fn can_be_said(self) -> bool {
        matches!(self, Self::Fine | Self::Near(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_seen_coming() {
        assert_eq!(Check::of(" \n"), Check::Empty);
        assert_eq!(Check::of("hello"), Check::Fine);
        assert_eq!(Check::of(&"字".repeat(TEXT_CHARS - NEAR - 1)), Check::Fine);
        assert_eq!(Check::of(&"字".repeat(TEXT_CHARS - 3)), Check::Near(3));
        assert_eq!(Check::of(&"字".repeat(TEXT_CHARS + 3)), Check::Over(3));
    }

    #[test]
    fn blank_space_at_the_end_is_not_counted() {
        let text = "x".repeat(TEXT_CHARS) + "\n \n";
        assert_eq!(Check::of(&text), Check::Near(0));
    }

    #[test]
    fn nothing_that_is_pasted_is_in_the_way() {
        assert_eq!(Check::of("a\u{202E}b\u{0}"), Check::Fine);
        assert_eq!(Check::of("\u{202E}"), Check::Empty);
        let text = "x".repeat(TEXT_CHARS) + "\u{202C}";
        assert_eq!(Check::of(&text), Check::Near(0));
    }
}
