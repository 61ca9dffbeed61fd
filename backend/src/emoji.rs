//! Checks the text of an avatar: one emoji, or one or two letters.
//!
//! A stored description is parsed by [`Avatar`] without this check: the table of emoji is too large for the page, and a folder may
//! contain what an earlier version accepted.

use snug_shared::{
    avatar::{Avatar, COLOURS},
    error_code::ErrorCode,
    ids::ChatId,
};

/// Requests the graphical form of a character that also has a textual one (UTS #51, section 1.4.3).
const AS_EMOJI: char = '\u{FE0F}';
/// The number of letters allowed instead of an emoji.
const LETTERS: usize = 2;

/// Whether the text is one emoji that is recommended for general interchange (UTS #51, ED-27), as people and their keyboards write
/// it.
#[must_use]
pub fn is_emoji(text: &str) -> bool {
    // Some keyboards add the selector of the graphical form where it is not needed; the table knows the forms without it.
    !text.is_ascii() && (emojis::get(text).is_some() || emojis::get(&text.replace(AS_EMOJI, "")).is_some())
}

fn is_drawn(text: &str) -> bool {
    let letters = || text.chars().count() <= LETTERS && text.chars().all(char::is_alphabetic);
    is_emoji(text) || letters()
}

/// Parses the avatar that a user requests.
///
/// # Errors
/// [`ErrorCode::BadAvatar`] if it is no avatar, also if the place of an emoji contains something else.
pub fn wanted(raw: &str) -> Result<Avatar, ErrorCode> {
    match Avatar::try_from(raw)? {
        Avatar::Emoji { emoji, .. } if !is_drawn(&emoji) => Err(ErrorCode::BadAvatar),
        avatar => Ok(avatar),
    }
}

/// Returns the avatar of a guest, as they describe it. One emoji alone is drawn on a colour derived from the id. For anything else, a
/// picture included, and for no description, it is the face of the id.
#[must_use]
pub fn of_guest(raw: Option<&str>, id: &ChatId) -> Avatar {
    let face = Avatar::of_seed(id.as_str());
    let Some(raw) = raw else { return face };
    match (wanted(raw), &face) {
        // Only members upload pictures.
        (Ok(Avatar::Picture(_)), _) => face,
        (Ok(avatar), _) => avatar,
        (Err(_), Avatar::Face(seed)) if is_emoji(raw.trim()) => Avatar::Emoji {
            colour: u8::try_from(seed % u32::from(COLOURS)).unwrap_or_default(),
            emoji: raw.trim().to_owned(),
        },
        _ => face,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_emoji_is_one_however_it_is_put_together() {
        for emoji in [
            "🦊",
            "🌿",
            "🐳",
            "🍊",
            "🦉",
            "🌙",
            "🍄",
            "🐝",
            "🫖",
            "⛵",
            "❤️",
            "❤",
            "☺️",
            "☺",
            "👍🏿",
            "👩‍🚀",
            "🧑🏽‍🚀",
            "🏳️‍🌈",
            "🏳‍🌈",
            "🇩🇪",
            "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
            "1️⃣",
            "#️⃣",
            "👨‍👩‍👧‍👦",
            "🐻‍❄️",
        ] {
            assert!(is_emoji(emoji), "{emoji}");
        }
        for other in [
            "",
            " ",
            "A",
            "1",
            "#",
            "*",
            "F*CK",
            ":)",
            "🦊🦊",
            "🦊A",
            "A🦊",
            "🦊‍🦊",
            "🦊\u{200D}",
            "\u{FE0F}",
            "🏿🦊",
            "🇩",
            "🇩🇪🇫🇷",
            "👍🏿🏿",
            "字",
            "https://x",
            "\u{E0067}",
        ] {
            assert!(!is_emoji(other), "{other:?}");
        }
    }

    #[test]
    fn an_avatar_that_somebody_wants_has_an_emoji_or_two_letters() {
        for good in [
            "emoji:3:🦊",
            "emoji:0:A",
            "emoji:7:小明",
            "emoji:0:Ab",
            "face:0000002a",
        ] {
            assert_eq!(wanted(good).map(|it| it.to_string()), Ok(good.to_owned()));
        }
        for bad in [
            "emoji:1:F*CK",
            "emoji:1:FCK",
            "emoji:1:a b",
            "emoji:1:11",
            "emoji:1:🦊🦊",
            "emoji:1:🏴\u{E0067}\u{E007F}",
            "emoji:9:🦊",
            "🦊",
            "x",
            "",
        ] {
            assert_eq!(wanted(bad), Err(ErrorCode::BadAvatar), "{bad}");
        }
    }

    #[test]
    fn a_guest_has_an_avatar_whatever_they_say() {
        let id = ChatId::try_from("ann").expect("an id");
        let face = Avatar::of_seed("ann");
        let of = |raw| of_guest(Some(raw), &id);
        assert!(matches!(of("🦊"), Avatar::Emoji { emoji, .. } if emoji == "🦊"));
        assert_eq!(of("🦊"), of(" 🦊 "), "the colour is the id's");
        assert_eq!(of("emoji:3:🦊").to_string(), "emoji:3:🦊");
        for other in [
            "",
            "F*CK",
            "emoji:1:F*CK",
            "http://x/y.png",
            "fox",
            "🦊🦊",
            "picture:x",
        ] {
            assert_eq!(of(other), face, "{other}");
        }
        assert_eq!(of(&"🦊".repeat(1_000)), face);
        assert_eq!(of_guest(None, &id), face);
    }
}
