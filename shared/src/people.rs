//! People who are known, what they may do, and the rules of the house.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, InviteId, Millis, Position, RoomId, SessionId},
    limits::{PASSWORD_BYTES, PASSWORD_CHARS},
    text::Nickname,
    unicode::composed,
};

/// What somebody may do. A greater one may do all that a smaller one may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps no name.
    #[default]
    Guest,
    /// Keeps a name, with a password.
    Member,
    /// Keeps order: deletes, mutes, puts out, invites.
    Moderator,
    /// Makes the rules and the moderators, and reads what all of them did.
    Owner,
}

impl Role {
    /// Whether it is the smallest one.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        *self == Self::Guest
    }
}

/// Who may come in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinPolicy {
    /// Anyone.
    #[default]
    Anyone,
    /// Whoever keeps a name here, and guests with an invitation.
    Invited,
    /// Whoever keeps a name here; an invitation is good for keeping one.
    Members,
}

/// The rules of the house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// Who may come in.
    pub entrance: JoinPolicy,
    /// The least that one must be to open a room.
    pub open_rooms: Role,
}

/// A password: at least [`PASSWORD_CHARS`] characters (NIST SP 800-63B, 3.1.1), and no rule about which. It is in the composed normal
/// form, and has no spaces but U+0020, however a keyboard writes it (RFC 8265, 4.2).
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Password(String);

impl From<String> for Password {
    fn from(raw: String) -> Self {
        let plain = |c: char| {
            if c.is_whitespace() && !c.is_control() {
                ' '
            } else {
                c
            }
        };
        Self(composed(&raw).chars().map(plain).collect())
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0
    }
}

impl Password {
    /// The characters themselves.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Takes what somebody chose.
    pub fn chosen(raw: &str) -> Result<Self, ErrorCode> {
        let password = Self::from(raw.to_owned());
        if password.0.chars().count() < PASSWORD_CHARS || password.0.len() > PASSWORD_BYTES {
            return Err(ErrorCode::BadPassword);
        }
        Ok(password)
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password")
    }
}

/// What an account shows of its person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The name that is kept.
    pub name: Nickname,
    /// With which avatar.
    pub avatar: Avatar,
    /// What they may do.
    pub role: Role,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// Its session.
    pub session: SessionId,
    /// What it calls itself, such as `Firefox on Linux`.
    pub name: String,
    /// Since when.
    pub since: Millis,
    /// When it was last here, to the hour.
    pub seen: Millis,
    /// Whether it is the one that asks.
    pub here: bool,
}

/// What happened to somebody's account that the other devices are told of, in case it was somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityNotice {
    /// What happened.
    pub what: SecurityEvent,
    /// The name of the device from which it was done, as in [`Device`]; it may be empty.
    pub device: String,
    /// When.
    pub at: Millis,
}

/// See [`SecurityNotice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEvent {
    /// A device was signed in.
    SignedIn,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// Another one, of a newer server.
    #[serde(other)]
    Other,
}

/// An invitation, without the secret that its link has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// Which.
    pub invite: InviteId,
    /// Who made it.
    pub by: ChatId,
    /// Until when it is good; for ever if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Millis>,
    /// For how many it is still good; for any number if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub left: Option<u32>,
    /// How many it has let in.
    pub used: u32,
}

/// Somebody as those see them who keep order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// Who.
    pub chat_id: ChatId,
    /// Under which name.
    pub name: Nickname,
    /// With which avatar.
    pub avatar: Avatar,
    /// What they may do.
    pub role: Role,
    /// Until when they may not speak, if that has not passed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub muted_until: Option<Millis>,
    /// Until when they are put out, if that has not passed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub out_until: Option<Millis>,
}

/// What keeps order. Each is refused with `not_allowed` to whoever may not, and stands in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Act {
    /// Somebody has another role. Owners.
    Appoint {
        /// Who.
        person: ChatId,
        /// Which; not [`Role::Guest`].
        role: Role,
    },
    /// The rules are these. Owners.
    SetRules {
        /// These.
        rules: Rules,
    },
    /// Somebody may not speak for a time; may again at once if that is 0. Moderators.
    Mute {
        /// Who.
        person: ChatId,
        /// For how long.
        minutes: u32,
    },
    /// Somebody is put out, and stays out for a time. Moderators.
    PutOut {
        /// Who.
        person: ChatId,
        /// For how long; for good if absent.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        minutes: Option<u32>,
        /// Whether guests from where they are stay out too.
        #[serde(default)]
        address: bool,
    },
    /// Somebody who was put out may come in again. Moderators.
    LetIn {
        /// Who.
        person: ChatId,
    },
    /// In a room, everybody speaks once in so many seconds; 0 for as often as they like. Moderators.
    Slow {
        /// Which.
        room: RoomId,
        /// The seconds.
        seconds: u32,
    },
    /// A message is deleted, and its words with it. Its author, of which nothing stands in the record, and moderators, but for
    /// what was said in a direct conversation.
    Delete {
        /// The room.
        room: RoomId,
        /// The message's place.
        n: Position,
    },
    /// A room is deleted, with all that was said in it. Owners: any open room, and private ones that they are in.
    DeleteRoom {
        /// The room.
        room: RoomId,
    },
    /// Somebody's account is deleted, with all that they have said. Owners, but not another owner's.
    Erase {
        /// Whose.
        person: ChatId,
    },
}

impl Act {
    /// To whom it is done.
    #[must_use]
    pub fn person(&self) -> Option<&ChatId> {
        match self {
            Self::Appoint { person, .. }
            | Self::Mute { person, .. }
            | Self::PutOut { person, .. }
            | Self::LetIn { person }
            | Self::Erase { person } => Some(person),
            Self::SetRules { .. } | Self::Slow { .. } | Self::Delete { .. } | Self::DeleteRoom { .. } => None,
        }
    }
}

/// Something that was done to keep order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// Its place in the record, from 1.
    pub n: Position,
    /// When.
    pub at: Millis,
    /// By whom.
    pub by: ChatId,
    /// Under which name.
    pub by_name: Nickname,
    /// What.
    pub act: Act,
    /// The name of whoever it was done to, or of the room.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub to: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_enough_and_of_any_characters() {
        assert!(Password::chosen("correct horse").is_ok());
        assert!(Password::chosen("密码密码密码密码").is_ok());
        for bad in ["", "1234567", &"x".repeat(PASSWORD_BYTES + 1)] {
            assert_eq!(Password::chosen(bad).err(), Some(ErrorCode::BadPassword));
        }
    }

    #[cfg(feature = "normal-forms")]
    #[test]
    fn a_password_is_the_same_however_a_keyboard_writes_it() {
        let sent = |raw: &str| serde_json::from_value::<Password>(raw.into()).expect("a text");
        for (one, other) in [
            ("pässwörter", "pa\u{308}sswo\u{308}rter"),
            ("가나다라마바사아", "\u{1100}\u{1161}나다라마바사아"),
            ("correct horse", "correct\u{A0}horse"),
        ] {
            let chosen = Password::chosen(one).expect("long enough");
            assert!(chosen == sent(other) && chosen == sent(one), "{one}");
        }
        assert!(
            sent("１２３４５６７８") != sent("12345678"),
            "what looks different is"
        );
    }

    #[test]
    fn a_password_is_not_printed() {
        let password = Password::chosen("correct horse").expect("long enough");
        assert_eq!(format!("{password:?}"), "Password");
    }

    #[test]
    fn a_role_may_what_a_smaller_one_may() {
        assert!(
            Role::Guest < Role::Member && Role::Member < Role::Moderator && Role::Moderator < Role::Owner
        );
    }
}
