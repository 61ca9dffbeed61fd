//! Known users, their roles, moderation, and the rules of the server.

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    coded::coded,
    error_code::ErrorCode,
    ids::{ChatId, InviteId, Millis, Position, RoomId, SessionId},
    limits::{PASSWORD_BYTES, PASSWORD_CHARS},
    text::Nickname,
    unicode::composed,
};

/// A user's role, which decides what the user may do. A greater role may do all that a smaller one may.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A user without a registered name.
    #[default]
    Guest,
    /// A user with a registered name and a password.
    Member,
    /// A member who moderates: deletes messages, mutes, bans and invites users.
    Moderator,
    /// A member who sets the rules, appoints moderators, and reads the audit log.
    Owner,
}

impl Role {
    /// Returns whether this is the smallest role.
    #[must_use]
    pub fn is_guest(&self) -> bool {
        *self == Self::Guest
    }
}

/// The policy that decides which users the server admits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JoinPolicy {
    /// Any user.
    #[default]
    Anyone,
    /// Members, and guests with an invitation.
    Invited,
    /// Members only; an invitation permits a guest to register a name.
    Members,
}

/// The rules of the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rules {
    /// The policy that decides which users the server admits.
    pub join_policy: JoinPolicy,
    /// The smallest role that may create a room.
    pub room_creation_role: Role,
}

/// A password: at least [`PASSWORD_CHARS`] characters (NIST SP 800-63B, 3.1.1), without a rule about which. It is in the composed normal
/// form, and its only space is U+0020, however a keyboard writes it (RFC 8265, 4.2).
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
    /// Returns the password as plain text.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Parses a new password. Refuses one that is too short or too long with [`ErrorCode::BadPassword`].
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

/// The public part of a member's account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// The registered name.
    pub name: Nickname,
    /// The member's avatar.
    pub avatar: Avatar,
    /// The member's role.
    pub role: Role,
}

/// A device that is signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    /// The session of the device.
    pub session: SessionId,
    /// The name that the device gives itself, such as `Firefox on Linux`.
    pub name: String,
    /// The time of the sign-in.
    pub signed_in_at: Millis,
    /// The time of the device's last visit, to the hour.
    pub last_seen: Millis,
    /// Whether this is the device that sends the request.
    pub current: bool,
}

/// A security event of an account, sent to the member's other devices in case another person caused it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SecurityNotice {
    /// The kind of the event.
    pub event: SecurityEvent,
    /// The name of the device that caused the event, as in [`Device`]; it may be empty.
    pub device: String,
    /// The time of the event.
    pub at: Millis,
}

/// The kind of a [`SecurityNotice`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecurityEvent {
    /// A device was signed in.
    SignedIn,
    /// A passkey was added.
    PasskeyAdded,
    /// A passkey was removed.
    PasskeyRemoved,
    /// A kind that a newer server sends.
    #[serde(other)]
    Other,
}

/// An invitation, without the secret of its link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Invite {
    /// The invitation's id.
    pub id: InviteId,
    /// The user who created the invitation.
    pub created_by: ChatId,
    /// The time at which the invitation expires; never if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub expires_at: Option<Millis>,
    /// The number of people who can still redeem the invitation; unlimited if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uses_left: Option<u32>,
    /// The number of people who have redeemed the invitation.
    pub uses: u32,
}

/// A user in the form in which moderators see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserRecord {
    /// The user's id.
    pub chat_id: ChatId,
    /// The user's name.
    pub name: Nickname,
    /// The user's avatar.
    pub avatar: Avatar,
    /// The user's role.
    pub role: Role,
    /// The end of the user's mute; absent if the user is not muted now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub muted_until: Option<Millis>,
    /// The end of the user's ban; absent if the user is not banned now.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub banned_until: Option<Millis>,
}

coded! {
    /// A moderation action. The server refuses each with `not_allowed` to a user without the permission, and adds it to the audit log.
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
    #[serde(tag = "action", rename_all_fields = "camelCase")]
    pub enum ModerationAction {
        /// Gives a user another role. Owners.
        "set_role" => SetRole {
            /// The user's id.
            chat_id: ChatId,
            /// The new role; not [`Role::Guest`].
            role: Role,
        },
        /// Replaces the rules of the server. Owners.
        "set_rules" => SetRules {
            /// The new rules.
            rules: Rules,
        },
        /// Mutes a user for a time, or ends the mute at once if that is 0. Moderators.
        "mute" => Mute {
            /// The user's id.
            chat_id: ChatId,
            /// The duration of the mute in minutes; 0 ends it.
            minutes: u32,
        },
        /// Disconnects and bans a user, for a time or permanently. Moderators.
        "ban" => Ban {
            /// The user's id.
            chat_id: ChatId,
            /// The duration of the ban in minutes; permanent if absent.
            #[serde(skip_serializing_if = "Option::is_none", default)]
            minutes: Option<u32>,
            /// Whether guests from the user's network address are banned too.
            #[serde(default)]
            address: bool,
        },
        /// Ends a user's ban. Moderators.
        "unban" => Unban {
            /// The user's id.
            chat_id: ChatId,
        },
        /// Sets the seconds between two messages of one user in a room; 0 for no limit. Moderators.
        "set_slow_mode" => SetSlowMode {
            /// The room's id.
            room: RoomId,
            /// The seconds between two messages.
            seconds: u32,
        },
        /// Deletes a message with its text. For moderators, except in direct conversations; and for the author, of whose deletion
        /// the audit log has no entry.
        "delete_message" => DeleteMessage {
            /// The room's id.
            room: RoomId,
            /// The message's position.
            n: Position,
        },
        /// Deletes a room with all its messages. Owners: any open room, and private rooms that they are in.
        "delete_room" => DeleteRoom {
            /// The room's id.
            room: RoomId,
        },
        /// Deletes a user's account with all messages of the user. Owners, but not another owner's.
        "delete_account" => DeleteAccount {
            /// The id of the user whose account is deleted.
            chat_id: ChatId,
        },
    }
}

impl ModerationAction {
    /// Returns the user whom the action affects, if it affects one.
    #[must_use]
    pub fn person(&self) -> Option<&ChatId> {
        match self {
            Self::SetRole { chat_id, .. }
            | Self::Mute { chat_id, .. }
            | Self::Ban { chat_id, .. }
            | Self::Unban { chat_id }
            | Self::DeleteAccount { chat_id } => Some(chat_id),
            Self::SetRules { .. }
            | Self::SetSlowMode { .. }
            | Self::DeleteMessage { .. }
            | Self::DeleteRoom { .. } => None,
        }
    }
}

/// An entry of the audit log of moderation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditEntry {
    /// The entry's position in the audit log, counted from 1.
    pub n: Position,
    /// The time of the action.
    pub at: Millis,
    /// The user who performed the action.
    pub by: ChatId,
    /// The name of that user.
    pub by_name: Nickname,
    /// The action itself.
    pub action: ModerationAction,
    /// The name of the affected user or room.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub target: Option<String>,
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
