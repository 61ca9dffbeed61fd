//! The HTTP part of the protocol: paths under `/api` and the bodies of their requests and answers.
//!
//! `GET /api/rooms/{room}/messages` with one [`HistoryQuery`] answers with a [`crate::messages::Page`].

use std::{fmt, ops::AddAssign};

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis, Position, RoomId},
    messages::Page,
    people::{Account, Password, Rules},
    presence::ChatUser,
    rooms::Kind,
    settings::{Quiet, Settings},
    text::{Nickname, RoomName},
};

/// `POST` with a [`LinkSecret`]: checks whether a link is still valid, before the user fills in a form for it.
pub const CHECK_LINK: &str = "/api/check-link";
/// `POST`: returns the user of the session cookie; creates a guest and a session, with a new cookie, if there is no valid one.
pub const SESSION: &str = "/api/session";
/// `GET`: returns what a visitor sees before entering, as [`ServerInfo`].
pub const SERVER: &str = "/api/server";

/// `POST` with a [`NewAccount`]: registers the user's name; answered with a [`Session`]. `PUT` with a [`Profile`]: changes the
/// user's name and avatar.
pub const ACCOUNT: &str = "/api/account";
/// `PUT` with a [`NewPassword`]: changes the password. Every other session of the user ends.
pub const PASSWORD: &str = "/api/account/password";
/// `POST` with a [`SignIn`]: signs the user in; answered with a [`Session`].
pub const SIGN_IN: &str = "/api/sign-in";
/// `POST`: creates a short-lived sign-in link for one sign-in on another device; answered with its [`Secret`].
pub const SIGN_IN_LINK: &str = "/api/sign-in-link";
/// `POST` with the [`Secret`] of such a link: returns the account that it signs in, as [`crate::people::Account`]. The link stays valid.
pub const LINK_ACCOUNT: &str = "/api/sign-in-link/account";
/// `POST`: ends the session.
pub const SIGN_OUT: &str = "/api/sign-out";
/// `GET`: returns the user's sessions, as [`crate::people::Device`]. `DELETE /api/sessions/{session}` ends one.
pub const SESSIONS: &str = "/api/sessions";
/// `GET`: returns the user's passkeys, as [`crate::passkeys::Passkey`]. `POST` with the result of the browser's `create()`: adds one.
/// `DELETE /api/passkeys/{id}` removes one.
pub const PASSKEYS: &str = "/api/passkeys";
/// `POST`: returns the options for creating a passkey (Web Authentication, `PublicKeyCredentialCreationOptionsJSON`).
pub const PASSKEY_OPTIONS: &str = "/api/passkeys/options";
/// `POST` with the result of the browser's `get()`: signs the user in; answered with a [`Session`].
pub const SIGN_IN_PASSKEY: &str = "/api/sign-in/passkey";
/// `POST`: returns the challenge that the passkey signs (`PublicKeyCredentialRequestOptionsJSON`).
pub const SIGN_IN_PASSKEY_OPTIONS: &str = "/api/sign-in/passkey/options";
/// `GET`: returns the valid invitations, as [`crate::people::Invite`]. `POST` with a [`NewInvite`]: creates one; answered
/// with a [`Secret`]. `DELETE /api/invites/{invite}` withdraws one. Moderators.
pub const INVITES: &str = "/api/invites";
/// `POST` with a [`Secret`]: redeems an invitation for a guest; answered with a [`Session`].
pub const REDEEM_INVITE: &str = "/api/invites/redeem";
/// `GET`: returns all known users, as [`crate::people::UserRecord`]. Moderators.
pub const USERS: &str = "/api/users";
/// `GET`: returns the disk usage and the usage of each user, as [`Storage`]; with `?only=sizes` without the latter, which
/// takes the server some time. Owners.
pub const STORAGE: &str = "/api/storage";
/// `GET /api/rooms/{room}/members`: returns the members of one of the user's rooms, as [`crate::presence::ChatUser`]s.
pub const MEMBERS: &str = "members";
/// `GET /api/rooms/{room}/online?search={name}`: returns the online users of one of the user's rooms whose names match, best match
/// first, at most [`crate::limits::FOUND_PEOPLE`] [`crate::presence::ChatUser`]s.
pub const ONLINE: &str = "online";
/// `GET`: returns the users that the user has blocked, as [`ChatId`]s.
pub const BLOCKS: &str = "/api/blocks";
/// `POST` with a [`crate::people::ModerationAction`]: performs a moderation action.
pub const MODERATION: &str = "/api/moderation";
/// `GET` with `before`: returns the audit log, newest entry first, as [`crate::people::AuditEntry`]. Owners.
pub const AUDIT_LOG: &str = "/api/audit-log";

/// `POST` with a picture (JPEG, PNG, WebP or GIF): stores its centre square as an avatar, which `PUT` [`ACCOUNT`] then sets;
/// answered with a [`Picture`]. Members.
pub const AVATAR: &str = "/api/avatar";
/// `GET /api/pictures/{id}`: returns an uploaded picture, as WebP.
pub const PICTURES: &str = "/api/pictures";
/// `POST` with a [`PushSubscription`]: subscribes this browser to pushes, which are sent while no page is open. `DELETE` with an [`PushUnsubscription`]:
/// ends the subscription.
pub const PUSH: &str = "/api/push";
/// `GET`: returns the [`PushKey`] of this server.
pub const PUSH_KEY: &str = "/api/push/key";

/// `GET` with `search`: returns the open rooms that match, as [`crate::rooms::Listed`].
pub const ROOMS: &str = "/api/rooms";

/// `GET` with `address`, a room's name, former name or id, and `n` of a linked message: returns the room, as a
/// [`crate::rooms::Listed`].
pub const ROOM: &str = "/api/room";

/// A query for a page of a room's messages: `before=41`, `around=41` or `after=41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryQuery {
    /// The last messages before a position.
    Before(Position),
    /// The messages around a position, which is in their middle unless the beginning or the end of the room is too near.
    Around(Position),
    /// The first messages after a position.
    After(Position),
}

impl HistoryQuery {
    /// Returns the query that URL parameters contain, if they contain exactly one.
    #[must_use]
    pub fn asked_for(query: &[(String, String)]) -> Option<Self> {
        let mut asked = query.iter().filter_map(|(name, n)| {
            let excerpt = match name.as_str() {
                "before" => Self::Before,
                "around" => Self::Around,
                "after" => Self::After,
                _ => return None,
            };
            Some(n.parse().ok().map(excerpt))
        });
        let first = asked.next()?;
        first.filter(|_| asked.next().is_none())
    }

    /// Returns whether a page answers this query. `false` may also mean that the room has no such entries.
    #[must_use]
    pub fn is_answered_by(self, page: &Page) -> bool {
        let has = |n: Position| page.after < n && n <= page.upto;
        match self {
            Self::Before(n) => has(page.upto) && page.upto.next() == n,
            Self::Around(n) => has(n),
            Self::After(n) => has(n.next()) && page.after == n,
        }
    }
}

impl fmt::Display for HistoryQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Before(n) => write!(f, "before={}", n.0),
            Self::Around(n) => write!(f, "around={}", n.0),
            Self::After(n) => write!(f, "after={}", n.0),
        }
    }
}

/// The body of [`SESSION`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The id of this browser's user.
    pub chat_id: ChatId,
    /// The user's account; absent for guests.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Account>,
    /// The user's settings; absent for guests and for members who have never set any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settings: Option<Settings>,
    /// The token that proves the session without a cookie: as `token` in the first frame, or as a bearer token (RFC 6750).
    /// Only for programs, which have no cookie, and for new guests that request it with [`NewSession`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// The body of a request for a [`SESSION`]. It may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// Whether the answer contains the token of a new guest, for a browser that does not send the cookie back.
    #[serde(default)]
    pub token: bool,
}

/// A request to register a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    /// The name to register.
    pub name: String,
    /// The avatar of the account.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub avatar: Option<String>,
    /// The password of the account.
    pub password: Password,
    /// The secret of an invitation, where the server requires one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invite: Option<String>,
    /// The secret that grants the role of owner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
}

/// A request to change the user's name and avatar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The new name.
    pub name: String,
    /// The new avatar, in its text form.
    pub avatar: String,
}

/// An uploaded picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// The avatar that shows the picture.
    pub avatar: Avatar,
}

/// A request to sign in, by either way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SignIn {
    /// Sign-in with a name and a password.
    Password {
        /// The registered name.
        name: String,
        /// The password of that name.
        password: Password,
    },
    /// Sign-in with a link from a device that is signed in.
    Link {
        /// The secret of the link.
        secret: String,
    },
}

/// A repeated proof of the user's identity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The user's password.
    pub password: Password,
}

/// A request to change the password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    /// The current password.
    pub old: Password,
    /// The new password.
    pub new: Password,
}

/// The secret of a link, which is what follows its `#`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// The secret itself; it grants its bearer what the link is for.
    pub secret: String,
}

/// A request to create an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvite {
    /// How many hours the invitation is valid; unlimited if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hours: Option<u32>,
    /// How many people can redeem the invitation; unlimited if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uses: Option<u32>,
}

/// The secret of a link, with the purpose of the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkSecret {
    /// The secret of an invitation.
    Invite(String),
    /// The secret that grants the role of owner.
    Owner(String),
}

/// A browser's `PushSubscription`, in the form of its `toJSON`, with the browser's time zone and quiet hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PushSubscription {
    /// The URL at which the push service accepts messages for the browser. It is secret: with it, anybody can send some.
    pub endpoint: String,
    /// The keys that encrypt the messages.
    pub keys: PushKeys,
    /// The time zone, by its IANA name: `Europe/Berlin`. UTC, if it is absent or unknown.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
    /// The quiet hours of a guest. Those of a member are in the settings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet_hours: Option<Quiet>,
    /// The endpoint of the browser's previous subscription, which ends. Its zone and quiet hours stay, unless this one has its own.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<String>,
}

/// The browser's half of the keys (RFC 8291), each in URL-safe Base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKeys {
    /// The browser's public key: an uncompressed point of P-256.
    pub p256dh: String,
    /// The browser's authentication secret.
    pub auth: String,
}

/// A request to end a push subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushUnsubscription {
    /// The endpoint of the subscription.
    pub endpoint: String,
}

/// The server's public key for push subscriptions (`applicationServerKey`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKey {
    /// The key: an uncompressed point of P-256 in URL-safe Base64.
    pub key: String,
}

/// The body of [`SERVER`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// The number of people who are online in the lobby.
    pub count: usize,
    /// A few of these people; empty, unless anyone may join the server.
    pub faces: Vec<ChatUser>,
    /// The rules of the server.
    pub rules: Rules,
}

/// The count and the size of stored items.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// The number of messages or pictures.
    pub count: u64,
    /// The bytes that they take on the disk, estimated for messages.
    pub bytes: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
    }
}

/// The storage that one user's messages take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UserUsage {
    /// The id of the user.
    pub chat_id: ChatId,
    /// The name under which the user wrote.
    pub name: Nickname,
    /// Whether the user has no account.
    pub guest: bool,
    /// The count and the size of the user's messages.
    #[serde(flatten)]
    pub sum: Usage,
}

/// The storage that one room's messages take.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomUsage {
    /// The name of an open room; absent for private rooms and direct conversations.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<RoomName>,
    /// The kind of the room.
    pub kind: Kind,
    /// The count and the size of the room's messages.
    #[serde(flatten)]
    pub sum: Usage,
}

/// The body of [`STORAGE`]'s answer. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// The size of the database file.
    pub database: u64,
    /// The part of the database file that deletions have freed and new data will use.
    pub reusable: u64,
    /// The size of the write-ahead log.
    pub log: u64,
    /// The free space of the file system.
    pub free: u64,
    /// The upper limit for the database and its log together; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_data: Option<u64>,
    /// The space that must stay free on the file system; 0 for no such limit.
    pub min_free: u64,
    /// Whether a limit is reached: the server then refuses everything that would add to the data.
    pub full: bool,
    /// The memory that the newest messages of all rooms take.
    pub recent: u64,
    /// The upper limit of `recent`.
    pub max_recent: u64,
    /// The storage by user and by room; absent with `?only=sizes`.
    #[serde(flatten, skip_serializing_if = "Option::is_none", default)]
    pub breakdown: Option<StorageBreakdown>,
}

/// The storage by user and by room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StorageBreakdown {
    /// The total of all guests' messages.
    pub guests: Usage,
    /// The total of all members' messages.
    pub members: Usage,
    /// The total of the uploaded pictures.
    pub pictures: Usage,
    /// The users whose messages take the most, at most 20.
    pub people: Vec<UserUsage>,
    /// The rooms whose messages take the most, at most 20.
    pub rooms: Vec<RoomUsage>,
    /// Whether the sums cover only a part of the messages, because there are very many.
    pub partial: bool,
}

/// The body of every HTTP refusal, and the payload of the `ERROR` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The reason, for programs.
    pub error: ErrorCode,
    /// The reason, for people, in the user's language.
    pub message: String,
    /// Whether the same request can succeed later.
    pub retry: bool,
    /// The milliseconds to wait before that.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub retry_after: Option<u32>,
    /// The key of the refused frame, as the client sent it; absent if it had none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
    /// The room that the client could not read, for `SYNC_ROOM`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub room: Option<RoomId>,
}

/// The refusal for a banned user ([`ErrorCode::Banned`]), in its form over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BanRefusal {
    /// The fields that every refusal has.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// The end of the ban, if it is known for the requester. It is far in the future for a permanent ban.
    #[serde(rename = "bannedUntil", skip_serializing_if = "Option::is_none", default)]
    pub banned_until: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_asks_for_one_excerpt_or_for_none() {
        let asked = |query: &[(&str, &str)]| {
            let owned = |&(name, n): &(&str, &str)| (name.to_owned(), n.to_owned());
            HistoryQuery::asked_for(&query.iter().map(owned).collect::<Vec<_>>())
        };
        for excerpt in
            [HistoryQuery::Before, HistoryQuery::Around, HistoryQuery::After].map(|it| it(Position(41)))
        {
            let written = excerpt.to_string();
            assert_eq!(asked(&[written.split_once('=').expect("a pair")]), Some(excerpt));
        }
        assert_eq!(
            asked(&[("later", "x"), ("after", "7")]),
            Some(HistoryQuery::After(Position(7)))
        );
        for none in [
            &[][..],
            &[("before", "x")],
            &[("before", "-1")],
            &[("before", "9223372036854775808")],
            &[("before", "1"), ("after", "1")],
            &[("before", "1"), ("before", "1")],
            &[("before", "1"), ("after", "x")],
        ] {
            assert_eq!(asked(none), None, "{none:?}");
        }
    }

    #[test]
    fn a_page_has_what_was_asked_for_or_shows_that_there_is_nothing() {
        let page = |after, upto| Page {
            room: RoomId::lobby(),
            after: Position(after),
            upto: Position(upto),
            messages: Vec::new(),
            deleted: Vec::new(),
        };
        let at = Position(41);
        for (excerpt, has, has_not) in [
            (HistoryQuery::Before(at), [(0, 40), (39, 40)], [(40, 40), (0, 39)]),
            (HistoryQuery::Around(at), [(40, 41), (0, 50)], [(0, 40), (41, 50)]),
            (
                HistoryQuery::After(at),
                [(41, 42), (41, 91)],
                [(41, 41), (40, 90)],
            ),
        ] {
            assert!(
                has.iter()
                    .all(|&(after, upto)| excerpt.is_answered_by(&page(after, upto)))
            );
            assert!(
                !has_not
                    .iter()
                    .any(|&(after, upto)| excerpt.is_answered_by(&page(after, upto)))
            );
        }
    }
}
