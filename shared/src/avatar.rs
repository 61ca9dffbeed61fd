//! Avatars. The page draws them from a short description, or they are a picture that a member has uploaded.

use std::fmt;

use crate::{
    error_code::ErrorCode,
    ids::PictureId,
    limits::AVATAR_BYTES,
    string_serde::written,
    text::{hides, nothing_to_see},
};

/// The number of background colours of an emoji.
pub const COLOURS: u8 = 8;

/// A face that is drawn from a number, an emoji on one of [`COLOURS`] colours, or a picture.
///
/// On the wire it is text: `face:` and a number in hexadecimal digits; `emoji:`, the colour's
/// digit, `:` and the emoji; or `picture:` and its id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Avatar {
    /// A face; every number is a different one.
    Face(u32),
    /// An emoji on a coloured background.
    Emoji {
        /// The number of the colour, less than [`COLOURS`].
        colour: u8,
        /// One emoji, or at most two letters.
        emoji: String,
    },
    /// A picture that the server stores.
    Picture(PictureId),
}

impl Avatar {
    /// Returns the face of a user without a chosen avatar: always the same for the same seed (FNV-1a, 32 bits).
    #[must_use]
    pub fn of_seed(seed: &str) -> Self {
        Self::Face(seed.bytes().fold(0x811c_9dc5, |hash, byte| {
            (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
        }))
    }
}

impl TryFrom<&str> for Avatar {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        if raw.len() > AVATAR_BYTES {
            return Err(ErrorCode::BadAvatar);
        }
        match raw.split_once(':') {
            Some(("face", digits)) => u32::from_str_radix(digits, 16)
                .map(Self::Face)
                .map_err(|_| ErrorCode::BadAvatar),
            Some(("emoji", rest)) => {
                let (colour, emoji) = rest.split_once(':').ok_or(ErrorCode::BadAvatar)?;
                let colour = colour.parse().ok().filter(|&it: &u8| it < COLOURS);
                // Some flags end in tags (Unicode TR 51), which are invisible elsewhere.
                let emoji_has_its_flag = emoji.starts_with('\u{1F3F4}');
                let tag = |c| emoji_has_its_flag && matches!(c, '\u{E0020}'..='\u{E007F}');
                let visible = !nothing_to_see(emoji)
                    && !emoji.chars().any(|c| c.is_whitespace() || (hides(c) && !tag(c)));
                match colour {
                    Some(colour) if visible => Ok(Self::Emoji {
                        colour,
                        emoji: emoji.to_owned(),
                    }),
                    _ => Err(ErrorCode::BadAvatar),
                }
            }
            Some(("picture", id)) => PictureId::try_from(id)
                .map(Self::Picture)
                .map_err(|_| ErrorCode::BadAvatar),
            _ => Err(ErrorCode::BadAvatar),
        }
    }
}

impl TryFrom<String> for Avatar {
    type Error = ErrorCode;
    fn try_from(raw: String) -> Result<Self, ErrorCode> {
        Self::try_from(raw.as_str())
    }
}

impl fmt::Display for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Face(seed) => write!(f, "face:{seed:08x}"),
            Self::Emoji { colour, emoji } => write!(f, "emoji:{colour}:{emoji}"),
            Self::Picture(id) => write!(f, "picture:{id}"),
        }
    }
}

written!(Avatar);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_avatar_reads_as_it_is_written() {
        for raw in [
            "face:0000002a",
            "emoji:3:🦊",
            "emoji:0:A",
            "emoji:1:👩‍🚀",
            "emoji:2:🏴\u{E0067}\u{E007F}",
            "picture:00112233445566778899aabbccddeeff",
        ] {
            assert_eq!(Avatar::try_from(raw).map(|it| it.to_string()), Ok(raw.to_owned()));
        }
        for bad in [
            "",
            "face:",
            "face:xyz",
            "emoji:9:🦊",
            "emoji:3:",
            "emoji:3: ",
            "emoji:3:\u{200D}",
            "emoji:3:A\u{202E}",
            "emoji:3:A\u{E0067}",
            "http://x/y.png",
            "picture:",
            "picture:00112233445566778899AABBCCDDEEFF",
            "picture:+0112233445566778899aabbccddeeff",
            "picture:../../../../etc/passwd0000000000",
            "picture:00112233445566778899aabbccddeeff00",
        ] {
            assert_eq!(Avatar::try_from(bad), Err(ErrorCode::BadAvatar), "{bad:?}");
        }
    }
}
