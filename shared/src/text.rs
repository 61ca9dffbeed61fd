//! Texts that users write: nicknames, messages, and the names and topics of rooms. Parsed once, on arrival.

use std::{borrow::Cow, str::FromStr, sync::Arc};

use crate::{
    error_code::ErrorCode,
    limits::{NAME_CHARS, ROOM_NAME_CHARS, TEXT_CHARS, TOPIC_CHARS},
    unicode::{composed, draws_nothing, formats, is_blank, is_mark, joins, turns_direction},
};

/// Returns whether a text has no visible character.
pub(crate) fn nothing_to_see(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || draws_nothing(c))
}

/// Returns whether a character is invisible in one line of text, or hides something there.
pub(crate) fn hides(c: char) -> bool {
    c.is_control() || turns_direction(c) || ((is_blank(c) || formats(c)) && !joins(c))
}

/// A nickname: 1 to [`NAME_CHARS`] characters on one line, something of it visible, no control,
/// invisible or direction-changing characters; white space is trimmed and runs of it are one space.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Nickname(Arc<str>);

impl Nickname {
    /// Returns the nickname `?`, for a user who has none any more, or none yet.
    #[must_use]
    pub fn nobody() -> Self {
        Self("?".into())
    }
}

impl TryFrom<&str> for Nickname {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        // Enough for any name with room for spaces; a longer text is refused without reading it to its end.
        if raw.len() > NAME_CHARS * 16 {
            return Err(ErrorCode::NameTooLong);
        }
        let name = composed(raw).split_whitespace().collect::<Vec<_>>().join(" ");
        if nothing_to_see(&name) {
            return Err(ErrorCode::NameEmpty);
        }
        if name.chars().count() > NAME_CHARS {
            return Err(ErrorCode::NameTooLong);
        }
        if name.chars().any(hides) {
            return Err(ErrorCode::NameCharacters);
        }
        Ok(Self(name.into()))
    }
}

/// Removes what is invisible and was not typed, as in pasted text: every line break becomes `\n` (Unicode, section 5.8), and other
/// control characters but tabs are removed, like those that change the direction. The rest reads in the order in which it was written.
fn mended(raw: &str) -> Cow<'_, str> {
    let breaks = |c: char| matches!(c, '\r' | '\u{B}' | '\u{C}' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t' || turns_direction(c);
    if !raw.contains(|c| breaks(c) || hidden(c)) {
        return Cow::Borrowed(raw);
    }
    let raw = raw.replace("\r\n", "\n");
    let kept = raw.chars().filter(|&c| breaks(c) || !hidden(c));
    Cow::Owned(kept.map(|c| if breaks(c) { '\n' } else { c }).collect())
}

/// Mends one line of free text, trims it, and replaces each run of white space with one space.
pub(crate) fn line(raw: &str) -> String {
    composed(&mended(raw))
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// The text of a message: 1 to [`TEXT_CHARS`] characters, something of it visible. Every line break becomes `\n`; other control
/// characters but tabs, and those that change the direction, are removed. Blank space at both ends is trimmed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MessageBody(String);

impl TryFrom<&str> for MessageBody {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        let text = mended(raw);
        let text = composed(&text);
        let text = trimmed(&text);
        if nothing_to_see(text) {
            return Err(ErrorCode::TextEmpty);
        }
        if text.chars().count() > TEXT_CHARS {
            return Err(ErrorCode::TextTooLong);
        }
        Ok(Self(text.to_owned()))
    }
}

impl MessageBody {
    /// Returns the number of characters that a text would have as a message.
    #[must_use]
    pub fn count(raw: &str) -> usize {
        trimmed(&composed(&mended(raw))).chars().count()
    }
}

/// Trims a text, except for the indentation of its first line.
fn trimmed(text: &str) -> &str {
    text.trim_end().trim_start_matches('\n')
}

/// Returns whether a character joins or separates letters, in Persian and several scripts of India.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200C}' | '\u{200D}')
}

/// The first character of a direct conversation's name.
pub const DIRECT: char = '@';
/// The number of hexadecimal digits that follow it.
pub const DIRECT_DIGITS: usize = 32;

/// A room's name: 1 to [`ROOM_NAME_CHARS`] letters (of any script), digits, `-` and `_`, in lower case if the script has one. A letter
/// may have marks, such as accents and vowel signs, and the joiners U+200C and U+200D after it. White space becomes `-`. The name is the
/// same in URLs and after a `#`. A direct conversation's name is generated: [`DIRECT`] and [`DIRECT_DIGITS`] hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RoomName(String);

impl TryFrom<&str> for RoomName {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        if raw.len() > ROOM_NAME_CHARS * 16 {
            return Err(ErrorCode::BadRoomName);
        }
        if let Some(people) = raw.strip_prefix(DIRECT) {
            let hash = |it: u8| it.is_ascii_digit() || (b'a'..=b'f').contains(&it);
            let well_formed = people.len() == DIRECT_DIGITS && people.bytes().all(hash);
            return well_formed
                .then(|| Self(raw.to_owned()))
                .ok_or(ErrorCode::BadRoomName);
        }
        let small = raw.to_lowercase();
        let name = composed(&small).split_whitespace().collect::<Vec<_>>().join("-");
        let is_letter = |c: char| c.is_alphanumeric() && !draws_nothing(c);
        let mut after_letter = false;
        let mut allowed = |c: char| {
            let belongs_to_a_letter = after_letter && (is_mark(c) && !draws_nothing(c) || is_joiner(c));
            after_letter = is_letter(c) || belongs_to_a_letter;
            after_letter || c == '-' || c == '_'
        };
        let well_formed = name.chars().all(&mut allowed) && !name.ends_with(is_joiner);
        if well_formed && name.contains(is_letter) && name.chars().count() <= ROOM_NAME_CHARS {
            Ok(Self(name))
        } else {
            Err(ErrorCode::BadRoomName)
        }
    }
}

/// Parses the name from a URL.
impl FromStr for RoomName {
    type Err = ErrorCode;
    fn from_str(raw: &str) -> Result<Self, ErrorCode> {
        Self::try_from(raw)
    }
}

impl RoomName {
    /// Returns whether this is the name of a direct conversation.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.0.starts_with(DIRECT)
    }

    /// Returns the name of the lobby, the room that every user joins.
    #[must_use]
    pub fn lobby() -> Self {
        Self("lobby".to_owned())
    }
}

/// A room's topic: at most [`TOPIC_CHARS`] characters on one line, possibly none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Topic(String);

impl TryFrom<&str> for Topic {
    type Error = ErrorCode;
    fn try_from(raw: &str) -> Result<Self, ErrorCode> {
        if raw.len() > TOPIC_CHARS * 16 {
            return Err(ErrorCode::BadTopic);
        }
        let topic = line(raw);
        if topic.chars().count() > TOPIC_CHARS {
            return Err(ErrorCode::BadTopic);
        }
        Ok(Self(topic))
    }
}

impl Topic {
    /// Returns whether the topic has no text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Implements the methods and conversions of every parsed text.
macro_rules! text {
    ($name:ident) => {
        impl $name {
            /// Returns the text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = ErrorCode;
            fn try_from(raw: String) -> Result<Self, ErrorCode> {
                Self::try_from(raw.as_str())
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.as_str().to_owned()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        crate::string_serde::written!($name);
    };
}

pub(crate) use text;

text!(Nickname);
text!(MessageBody);
text!(RoomName);
text!(Topic);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn name(raw: &str) -> Result<String, ErrorCode> {
        Nickname::try_from(raw).map(String::from)
    }

    fn body(raw: &str) -> Result<String, ErrorCode> {
        MessageBody::try_from(raw).map(String::from)
    }

    #[test]
    fn a_nickname_is_one_visible_line() {
        assert_eq!(name("  Ann \t Lee "), Ok("Ann Lee".to_owned()));
        assert_eq!(name("小明"), Ok("小明".to_owned()));
        assert_eq!(name("👩‍🚀"), Ok("👩‍🚀".to_owned()));
        assert_eq!(name(" \n"), Err(ErrorCode::NameEmpty));
        assert_eq!(name("\u{200D}"), Err(ErrorCode::NameEmpty));
        assert_eq!(name("\u{3164}"), Err(ErrorCode::NameEmpty));
        assert_eq!(name("Ann\u{200B}"), Err(ErrorCode::NameCharacters));
        assert_eq!(name("nnA\u{202E}"), Err(ErrorCode::NameCharacters));
        assert_eq!(name("An\u{7}n"), Err(ErrorCode::NameCharacters));
        assert_eq!(name(&"é".repeat(NAME_CHARS)), Ok("é".repeat(NAME_CHARS)));
        assert_eq!(name(&"é".repeat(NAME_CHARS + 1)), Err(ErrorCode::NameTooLong));
        assert_eq!(name(&" ".repeat(100_000)), Err(ErrorCode::NameTooLong));
    }

    /// B10.
    #[test]
    fn nobody_is_called_nothing_or_has_nothing_in_their_name() {
        let all = ('\u{80}'..=char::MAX).filter(|&c| is_blank(c) || formats(c));
        for c in all {
            let alone = name(&c.to_string());
            assert!(alone.is_err(), "{c:?} alone");
            let allowed = joins(c) || c.is_whitespace();
            assert!(allowed || name(&format!("Ol{c}ga")).is_err(), "{c:?} in a name");
        }
        assert_eq!(body("\u{6DD}"), Ok("\u{6DD}".to_owned()), "a sign that one sees");
        for blank in ['\u{1D173}', '\u{180B}', '\u{2065}', '\u{16FE4}', '\u{13430}'] {
            assert_eq!(body(&blank.to_string()), Err(ErrorCode::TextEmpty), "{blank:?}");
        }
    }

    #[test]
    fn a_message_keeps_its_lines_and_its_indentation() {
        assert_eq!(body("\r\n  a\r\nb\tc \n\n"), Ok("  a\nb\tc".to_owned()));
        assert_eq!(body("\n \t\n"), Err(ErrorCode::TextEmpty));
        assert_eq!(body("\u{200B}"), Err(ErrorCode::TextEmpty));
        assert_eq!(
            body(&"字".repeat(TEXT_CHARS)).map(|t| t.len()),
            Ok(TEXT_CHARS * 3)
        );
        assert_eq!(body(&"字".repeat(TEXT_CHARS + 1)), Err(ErrorCode::TextTooLong));
    }

    #[test]
    fn what_is_pasted_is_mended_and_never_refused() {
        for (raw, said) in [
            ("\u{202A}C:\\Users\\x", "C:\\Users\\x"),
            ("Hallo \u{2068}Ann\u{2069}", "Hallo Ann"),
            ("gpj.\u{202E}exe", "gpj.exe"),
            ("12,345.67\u{202C}", "12,345.67"),
            ("one\u{B}two\u{C}three", "one\ntwo\nthree"),
            ("one\u{85}two\u{2028}three\u{2029}four", "one\ntwo\nthree\nfour"),
            ("one\r\r\n\n\rtwo", "one\n\n\n\ntwo"),
            ("\u{1B}[31mred", "[31mred"),
            ("a\u{0}b\u{8}c\u{7F}d\u{9B}e", "abcde"),
            ("\u{200E}12/03/2024", "\u{200E}12/03/2024"),
            ("می\u{200C}خواهم 👩\u{200D}🚀", "می\u{200C}خواهم 👩\u{200D}🚀"),
        ] {
            assert_eq!(body(raw), Ok(said.to_owned()), "{raw:?}");
        }
        assert_eq!(body("\u{0}\u{202E}"), Err(ErrorCode::TextEmpty));
        let long = "\u{202C}".repeat(9) + &"x".repeat(TEXT_CHARS);
        assert_eq!(
            body(&long).map(|it| it.len()),
            Ok(TEXT_CHARS),
            "counted as it is said"
        );
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_said_or_there_is_nothing_to_say(raw in "([a-e \n\t\r]|[\u{0}-\u{1F}\u{7F}-\u{9F}]|[\u{2028}-\u{202E}\u{2066}-\u{2069}]|[\u{5D0}\u{301}\u{200D}]){0,40}") {
            match body(&raw) {
                Ok(said) => {
                    let hidden = |c: char| c.is_control() && c != '\n' && c != '\t' || turns_direction(c);
                    prop_assert!(!said.contains(hidden), "{said:?}");
                    prop_assert_eq!(MessageBody::count(&raw), said.chars().count());
                    prop_assert_eq!(body(&said), Ok(said.clone()), "once is enough");
                    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
                    prop_assert_eq!(letters(&composed(&mended(&raw))), letters(&said), "no letter is lost");
                }
                Err(code) => {
                    prop_assert_eq!(code, ErrorCode::TextEmpty);
                    prop_assert!(!raw.contains(char::is_alphabetic));
                }
            }
        }
    }

    #[test]
    fn a_rooms_name_can_stand_in_an_address() {
        let name = |raw: &str| RoomName::try_from(raw).map(String::from);
        assert_eq!(name("  Tea  Time "), Ok("tea-time".to_owned()));
        assert_eq!(name("茶水间"), Ok("茶水间".to_owned()));
        assert_eq!(name("İ"), Ok("i\u{307}".to_owned()), "its small one has a mark");
        for bad in [
            "",
            " ",
            "-",
            "a/b",
            "a?b",
            "#a",
            "a\u{202E}",
            "a\u{3164}",
            &"x".repeat(ROOM_NAME_CHARS + 1),
        ] {
            assert_eq!(name(bad), Err(ErrorCode::BadRoomName), "{bad:?}");
        }
        let direct = format!("@{}", "0a".repeat(16));
        assert_eq!(name(&direct), Ok(direct));
        for bad in ["@", "@ann", &format!("@{}", "0A".repeat(16))] {
            assert_eq!(name(bad), Err(ErrorCode::BadRoomName), "{bad:?}");
        }
        for once in ["tea-time", "茶水间", "große_straße"] {
            assert_eq!(name(once), Ok(once.to_owned()));
        }
    }

    #[test]
    fn a_rooms_name_has_words_of_all_scripts() {
        let name = |raw: &str| RoomName::try_from(raw).map(String::from);
        for word in [
            "हिन्दी",
            "ห้องนั่งเล่น",
            "தமிழ்",
            "می\u{200C}خواهم",
            "ខ្មែរ",
            "မြန်မာ",
            "বাংলা",
            "සිංහල",
            "שָׁלוֹם",
            "العربيّة",
            "q\u{301}",
            "カ\u{3099}",
        ] {
            assert!(name(word).is_ok(), "{word}");
        }
        for bad in [
            "\u{301}a",
            "a-\u{301}",
            "a\u{200D}",
            "\u{200C}a",
            "a\u{FE0F}",
            "a\u{34F}b",
            "a\u{200B}b",
        ] {
            assert_eq!(name(bad), Err(ErrorCode::BadRoomName), "{bad:?}");
        }
    }

    #[cfg(feature = "normal-forms")]
    #[test]
    fn what_looks_the_same_is_the_same() {
        assert_eq!(name("Jose\u{301}"), name("José"));
        assert_eq!(body("\u{1100}\u{1161}"), body("가"));
        let room = |raw: &str| RoomName::try_from(raw).map(String::from);
        assert_eq!(room("Cafe\u{301}"), room("café"));
        let topic = |raw: &str| Topic::try_from(raw).map(String::from);
        assert_eq!(topic("カ\u{3099}"), topic("ガ"));
        assert_eq!(
            body("½ ﬁ Ⅳ"),
            Ok("½ ﬁ Ⅳ".to_owned()),
            "what looks different is not"
        );
    }

    #[test]
    fn a_topic_is_one_line_or_none() {
        let topic = |raw: &str| Topic::try_from(raw).map(String::from);
        assert_eq!(topic("  what\nwe drink "), Ok("what we drink".to_owned()));
        assert_eq!(topic(" "), Ok(String::new()));
        assert_eq!(topic("a\u{202E}b\u{0}\u{85}c"), Ok("ab c".to_owned()));
        assert_eq!(topic(&"字".repeat(TOPIC_CHARS + 1)), Err(ErrorCode::BadTopic));
    }

    #[test]
    fn what_was_parsed_once_parses_to_itself() {
        for raw in ["  a\nb", "a  b", "👍", "\u{FEFF}x"] {
            let once = body(raw).expect("a message");
            assert_eq!(body(&once), Ok(once.clone()));
        }
    }
}
