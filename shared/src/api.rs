//! What is asked once, over HTTP: paths under `/api` and the bodies they answer with.
//!
//! `GET /api/rooms/{room}/messages` with one [`HistoryQuery`] answers with a [`crate::messages::Page`].

use std::{fmt, ops::AddAssign};

use serde::{Deserialize, Serialize};

use crate::{
    avatar::Avatar,
    error_code::ErrorCode,
    ids::{ChatId, Millis, Position},
    messages::Page,
    people::{Account, Password, Rules},
    presence::ChatUser,
    rooms::Kind,
    settings::{Quiet, Settings},
    text::{Nickname, RoomName},
};

/// `POST` with a [`LinkSecret`]: whether a link is still good, before somebody fills in a form for it.
pub const LINK: &str = "/api/link";
/// `POST`: who the session cookie says one is; a new person and a new cookie if it says nothing.
pub const SESSION: &str = "/api/session";
/// `GET`: what a visitor sees before entering.
pub const PLACE: &str = "/api/place";

/// `POST`: keep one's name, with a [`NewAccount`]; answered with a [`Session`]. `PUT`: show
/// oneself otherwise, with a [`Profile`].
pub const ACCOUNT: &str = "/api/account";
/// `PUT` with a [`NewPassword`]. Every other session of the person ends.
pub const PASSWORD: &str = "/api/account/password";
/// `POST` with a [`SignIn`]; answered with a [`Session`].
pub const SIGN_IN: &str = "/api/sign-in";
/// `POST`: a [`Secret`] that is good for one sign-in on another device, soon.
pub const SIGN_IN_LINK: &str = "/api/sign-in-link";
/// `POST` with the [`Secret`] of such a link: whom it signs in, as [`crate::people::Account`]. The link stays good.
pub const LINK_ACCOUNT: &str = "/api/sign-in-link/account";
/// `PUT` with [`crate::settings::Settings`]: they are these from now on, on all of one's devices. Members.
pub const SETTINGS: &str = "/api/settings";
/// `POST`: ends the session.
pub const SIGN_OUT: &str = "/api/sign-out";
/// `GET`: one's sessions, as [`crate::people::Device`]. `DELETE /api/sessions/{session}` ends one.
pub const SESSIONS: &str = "/api/sessions";
/// `GET`: one's passkeys, as [`crate::passkeys::Passkey`]. `POST` with what the browser's `create()` gave: adds one.
/// `DELETE /api/passkeys/{id}` removes one.
pub const PASSKEYS: &str = "/api/passkeys";
/// `POST`: what the browser is to make one with (Web Authentication, `PublicKeyCredentialCreationOptionsJSON`).
pub const PASSKEY_OPTIONS: &str = "/api/passkeys/options";
/// `POST` with what the browser's `get()` gave; answered with a [`Session`].
pub const SIGN_IN_PASSKEY: &str = "/api/sign-in/passkey";
/// `POST`: what the browser is to sign (`PublicKeyCredentialRequestOptionsJSON`).
pub const SIGN_IN_PASSKEY_OPTIONS: &str = "/api/sign-in/passkey/options";
/// `GET`: the invitations that are good, as [`crate::people::Invite`]. `POST` with a [`NewInvite`]: makes one, answered
/// with a [`Secret`]. `DELETE /api/invites/{invite}` withdraws one. Moderators.
pub const INVITES: &str = "/api/invites";
/// `POST` with a [`Secret`]: an invitation is taken up by a guest; answered with a [`Session`].
pub const INVITED: &str = "/api/invited";
/// `GET`: everybody who is known, as [`crate::people::UserRecord`]. Moderators.
pub const PEOPLE: &str = "/api/people";
/// `GET`: what the data takes on the disk and who has written how much, as [`Storage`]; with `?only=sizes` without the latter, which
/// takes the server some time. Owners.
pub const STORAGE: &str = "/api/storage";
/// `GET /api/rooms/{room}/members`: who is in a room that one is in, as [`crate::presence::ChatUser`]s. `POST` with a
/// [`Newcomer`]: brings somebody in. `DELETE /api/rooms/{room}/members/{person}`: takes somebody out.
pub const MEMBERS: &str = "members";
/// `GET /api/rooms/{room}/online?search={name}`: those who are online in a room that one is in and whose names fit, the best first, at
/// most [`crate::limits::FOUND_PEOPLE`] [`crate::presence::ChatUser`]s.
pub const ONLINE: &str = "online";
/// `GET`: whom one has blocked, as [`ChatId`]s. `POST` with a [`NewBlock`]: blocks somebody, or ends it.
pub const BLOCKS: &str = "/api/blocks";
/// `POST` with a [`crate::people::Act`].
pub const ACTS: &str = "/api/acts";
/// `GET` with `before`: what was done to keep order, the newest first, as [`crate::people::AuditEntry`]. Owners.
pub const RECORD: &str = "/api/record";

/// `POST` with a picture (JPEG, PNG, WebP or GIF): its centre square as an avatar, which `PUT` [`ACCOUNT`] then shows;
/// answered with a [`Picture`]. Members.
pub const AVATAR: &str = "/api/avatar";
/// `GET /api/pictures/{id}`: an uploaded picture, as WebP.
pub const PICTURES: &str = "/api/pictures";
/// `POST` with a [`NewPush`]: this browser is sent what concerns one while no page is open. `DELETE` with an [`OldPush`]: no
/// more.
pub const PUSH: &str = "/api/push";
/// `GET`: the [`PushKey`] of this Snug.
pub const PUSH_KEY: &str = "/api/push/key";

/// `GET` with `search`: the open rooms that it finds, as [`crate::rooms::Listed`].
pub const ROOMS: &str = "/api/rooms";

/// `GET` with `address`, a room's name, former name or id, and `n` of a message that is linked to: the room, as a
/// [`crate::rooms::Listed`].
pub const ROOM: &str = "/api/room";

/// Which page of a room's messages: `before=41`, `around=41` or `after=41`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryQuery {
    /// The last ones before a place.
    Before(Position),
    /// Those with a place in their middle, as far as the room's beginning and end let it be there.
    Around(Position),
    /// The first ones after a place.
    After(Position),
}

impl HistoryQuery {
    /// The one that a query asks for, if it asks for exactly one.
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

    /// Whether a page has what it asks for. There may be nothing of the kind.
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
    /// The person of this browser.
    pub chat_id: ChatId,
    /// What they keep, if they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Account>,
    /// Their settings, if they keep a name and have ever set any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub settings: Option<Settings>,
    /// What proves the session without a cookie: as `token` in the first frame, or as a bearer token (RFC 6750).
    /// Only for programs, which have no cookie, and for new guests who ask for it with [`NewSession`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
}

/// The body of a request for a [`SESSION`]. It may be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSession {
    /// Whether a new guest is also told their token, for a browser that does not send the cookie back.
    #[serde(default)]
    pub token: bool,
}

/// Keeps a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewAccount {
    /// The name.
    pub name: String,
    /// The avatar.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub avatar: Option<String>,
    /// The password.
    pub password: Password,
    /// The secret of an invitation, where one is needed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub invite: Option<String>,
    /// The secret that makes its bearer the owner.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub owner: Option<String>,
}

/// Who one shows oneself as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// The avatar.
    pub avatar: String,
}

/// A picture that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    /// How it is shown.
    pub avatar: Avatar,
}

/// Somebody who is brought into a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Newcomer {
    /// Who.
    pub chat_id: ChatId,
}

/// Somebody who is blocked, or is not any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NewBlock {
    /// The person.
    pub chat_id: ChatId,
    /// Whether they are blocked from now on.
    pub blocked: bool,
}

/// Signs in, one way or the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum SignIn {
    /// By what one knows.
    Password {
        /// The name that one keeps.
        name: String,
        /// Its password.
        password: Password,
    },
    /// By a link from a device that is signed in.
    Link {
        /// Its secret.
        secret: String,
    },
}

/// Proves once more who one is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The password.
    pub password: Password,
}

/// Another password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPassword {
    /// As it was.
    pub old: Password,
    /// As it is to be.
    pub new: Password,
}

/// What a link holds after its `#`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Whoever has it may what the link is for.
    pub secret: String,
}

/// An invitation that is to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewInvite {
    /// For how many hours it is good; for ever if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hours: Option<u32>,
    /// For how many people; for any number if absent.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub uses: Option<u32>,
}

/// The secret of a link, and what the link is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkSecret {
    /// It lets people in.
    Invite(String),
    /// It makes its bearer the owner.
    Owner(String),
}

/// A browser's `PushSubscription`, as its `toJSON` has it, and what is to be known of the time there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPush {
    /// Where its push service takes messages for it. Whoever knows it can send some.
    pub endpoint: String,
    /// With what they are sealed.
    pub keys: PushKeys,
    /// The time zone, as IANA calls it: `Europe/Berlin`. UTC, if it is absent or not known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub zone: Option<String>,
    /// A guest's quiet hours. Those of whoever keeps a name are among their settings.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub quiet: Option<Quiet>,
    /// The endpoint of the browser's subscription before this one, which ends. Its zone and quiet hours stay, unless there are new ones.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub replaces: Option<String>,
}

/// The browser's half of the keys (RFC 8291), each in URL-safe Base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKeys {
    /// Its public key: an uncompressed point of P-256.
    pub p256dh: String,
    /// Its secret.
    pub auth: String,
}

/// A browser that is sent nothing more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldPush {
    /// Its endpoint.
    pub endpoint: String,
}

/// With what a browser subscribes (`applicationServerKey`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushKey {
    /// An uncompressed point of P-256 in URL-safe Base64.
    pub key: String,
}

/// The body of [`PLACE`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServerInfo {
    /// How many people are in the lobby.
    pub count: usize,
    /// A few of them; nobody, if not anyone may come in.
    pub faces: Vec<ChatUser>,
    /// The rules of the house.
    pub rules: Rules,
}

/// How much there is of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// How many messages or pictures.
    pub count: u64,
    /// Bytes that they take on the disk, estimated for messages.
    pub bytes: u64,
}

impl AddAssign for Use {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bytes += other.bytes;
    }
}

/// What somebody has written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PersonUse {
    /// Whose id it is.
    pub chat_id: ChatId,
    /// The name under which they have written.
    pub name: Nickname,
    /// Whether they have no account.
    pub guest: bool,
    /// How much it is.
    #[serde(flatten)]
    pub sum: Use,
}

/// What was written in a room.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoomUse {
    /// The name of an open room. Private rooms and conversations have none here.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<RoomName>,
    /// Who may be in it.
    pub kind: Kind,
    /// How much it is.
    #[serde(flatten)]
    pub sum: Use,
}

/// The body of [`STORAGE`]'s answer. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Storage {
    /// The database's file.
    pub database: u64,
    /// What of it was freed by deletions and is used again.
    pub reusable: u64,
    /// The write-ahead log.
    pub log: u64,
    /// What is free on the file system.
    pub free: u64,
    /// The limit of what the database and its log may take; without one, there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub max_data: Option<u64>,
    /// What is to stay free on the file system; 0 for no such limit.
    pub min_free: u64,
    /// Whether a limit is reached: nothing is taken that would add to the data.
    pub full: bool,
    /// Memory that the newest messages of all rooms take, and what they may.
    pub recent: u64,
    /// See `recent`.
    pub max_recent: u64,
    /// Who has written how much.
    #[serde(flatten, skip_serializing_if = "Option::is_none", default)]
    pub written: Option<Written>,
}

/// Who has written how much.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Written {
    /// All that guests have written.
    pub guests: Use,
    /// All that members have written.
    pub members: Use,
    /// Uploaded pictures.
    pub pictures: Use,
    /// The people who have written the most, at most 20.
    pub people: Vec<PersonUse>,
    /// The rooms in which the most was written, at most 20.
    pub rooms: Vec<RoomUse>,
    /// Whether only a part of the messages was added up, because there are very many.
    pub partial: bool,
}

/// The body of every HTTP refusal, and the payload of the `ERROR` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The reason, for programs.
    pub error: ErrorCode,
    /// The reason, for people, in their language.
    pub message: String,
    /// Whether the same request can succeed later.
    pub retry: bool,
    /// How long to wait before that, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub after: Option<u32>,
    /// The key of the refused frame, as it was sent, if it had one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key: Option<String>,
}

/// The refusal of somebody who was put out ([`ErrorCode::PutOut`]), as its body is over HTTP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutRefusal {
    /// As every other one.
    #[serde(flatten)]
    pub refusal: Refusal,
    /// Until when, if that is known of whoever asks. It is far in the future if they were put out for good.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub until: Option<Millis>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::RoomId;

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
