//! Validates the text in the composer.

use snug_shared::{error_code::ErrorCode, limits::TEXT_CHARS, text::MessageBody};

/// From this number of characters left on, they are counted down.
const NEAR: usize = 200;

/// Whether a text can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Empty,
    Valid,
    /// The text is valid, and this number of characters may follow.
    NearLimit(usize),
    /// The text is too long by this number of characters.
    TooLong(usize),
}

impl Validity {
    /// Validates a text.
    pub(super) fn of(text: &str) -> Self {
        match MessageBody::try_from(text) {
            // Bytes are at least as many as characters, and free.
            Ok(_) if text.len() + NEAR < TEXT_CHARS => Self::Valid,
            Ok(_) => match TEXT_CHARS.saturating_sub(MessageBody::count(text)) {
                left if left <= NEAR => Self::NearLimit(left),
                _ => Self::Valid,
            },
            Err(ErrorCode::TextTooLong) => Self::TooLong(MessageBody::count(text).saturating_sub(TEXT_CHARS)),
            Err(_) => Self::Empty,
        }
    }

    /// Returns whether the text can be sent.
    pub(super) fn is_sendable(self) -> bool {
        matches!(self, Self::Valid | Self::NearLimit(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_seen_coming() {
        assert_eq!(Validity::of(" \n"), Validity::Empty);
        assert_eq!(Validity::of("hello"), Validity::Valid);
        assert_eq!(Validity::of(&"字".repeat(TEXT_CHARS - NEAR - 1)), Validity::Valid);
        assert_eq!(Validity::of(&"字".repeat(TEXT_CHARS - 3)), Validity::NearLimit(3));
        assert_eq!(Validity::of(&"字".repeat(TEXT_CHARS + 3)), Validity::TooLong(3));
    }

    #[test]
    fn blank_space_at_the_end_is_not_counted() {
        let text = "x".repeat(TEXT_CHARS) + "\n \n";
        assert_eq!(Validity::of(&text), Validity::NearLimit(0));
    }

    #[test]
    fn nothing_that_is_pasted_is_in_the_way() {
        assert_eq!(Validity::of("a\u{202E}b\u{0}"), Validity::Valid);
        assert_eq!(Validity::of("\u{202E}"), Validity::Empty);
        let text = "x".repeat(TEXT_CHARS) + "\u{202C}";
        assert_eq!(Validity::of(&text), Validity::NearLimit(0));
    }
}
