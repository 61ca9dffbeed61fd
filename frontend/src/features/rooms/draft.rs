//! Validates the form for a new room.

use snug_shared::{
    error_code::ErrorCode,
    text::{RoomName, Topic},
};

/// The state of the fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Draft {
    /// The name is still empty.
    Unnamed,
    /// The room can be opened.
    Fine(RoomName, Topic),
    BadName(ErrorCode),
    BadTopic(ErrorCode),
}

impl Draft {
    pub(super) fn of(name: &str, topic: &str) -> Self {
        if name.trim().is_empty() {
            return Self::Unnamed;
        }
        // A user who types the mark means the name after it.
        match (
            RoomName::try_from(name.trim_start().trim_start_matches('#')),
            Topic::try_from(topic),
        ) {
            (Err(code), _) => Self::BadName(code),
            (_, Err(code)) => Self::BadTopic(code),
            (Ok(name), Ok(topic)) => Self::Fine(name, topic),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use snug_shared::limits::{ROOM_NAME_CHARS, TOPIC_CHARS};

    fn named(draft: Draft) -> String {
        match draft {
            Draft::Fine(name, _) => name.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_name_is_shown_as_it_will_stand() {
        assert_eq!(named(Draft::of(" Tea  Time ", "")), "tea-time");
        assert_eq!(named(Draft::of("#茶馆", "喝什么")), "茶馆");
    }

    #[test]
    fn nobody_is_told_off_for_a_name_that_is_yet_to_come() {
        assert_eq!(Draft::of(" ", "a\u{202E}b"), Draft::Unnamed);
    }

    #[test]
    fn what_cannot_be_is_said_at_its_field() {
        for bad in ["tea/time", "🫖", "#", &"x".repeat(ROOM_NAME_CHARS + 1)] {
            assert_eq!(
                Draft::of(bad, ""),
                Draft::BadName(ErrorCode::BadRoomName),
                "{bad}"
            );
        }
        let topic = "x".repeat(TOPIC_CHARS + 1);
        assert_eq!(Draft::of("tea", &topic), Draft::BadTopic(ErrorCode::BadTopic));
    }
}
