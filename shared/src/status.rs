//! Statuses: short texts that users show beside their names.

use crate::{
    error_code::ErrorCode,
    limits::STATUS_CHARS,
    text::{hides, line, nothing_to_see, text},
};

/// A status: 1 to [`STATUS_CHARS`] characters on one line, by the rules of a nickname; but control and direction-changing characters are
/// left out. An emoji before it is its first character.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status(String);

impl TryFrom<&str> for Status {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        if raw.len() > STATUS_CHARS * 16 {
            return Err(ErrorCode::BadStatus);
        }
        let status = line(raw);
        let long = status.chars().count() > STATUS_CHARS;
        if nothing_to_see(&status) || long || status.chars().any(hides) {
            return Err(ErrorCode::BadStatus);
        }
        Ok(Self(status))
    }
}

text!(Status);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_one_visible_line() {
        let status = |raw: &str| Status::try_from(raw).map(String::from);
        assert_eq!(status(" 🍜  Out for\nlunch "), Ok("🍜 Out for lunch".to_owned()));
        assert_eq!(status("👩‍🚀 开会"), Ok("👩‍🚀 开会".to_owned()));
        assert_eq!(status("a\u{202E}b\u{7}"), Ok("ab".to_owned()));
        let longest = "字".repeat(STATUS_CHARS);
        assert_eq!(status(&longest), Ok(longest.clone()));
        for bad in ["", " \n", "\u{200D}", "\u{3164}", "a\u{200B}", &(longest + "字")] {
            assert_eq!(status(bad), Err(ErrorCode::BadStatus), "{bad:?}");
        }
    }
}
