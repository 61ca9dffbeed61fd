//! What is asked once, over HTTP: paths under `/api` and the bodies they answer with.
//!
//! `GET /api/rooms/{room}/messages?before={n}` answers with a [`crate::messages::Page`].

use serde::{Deserialize, Serialize};

use crate::{
    code::Code,
    ids::ChatId,
    people::{Account, Password, Rules},
    presence::ChatUser,
};

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
/// `POST`: ends the session.
pub const SIGN_OUT: &str = "/api/sign-out";
/// `GET`: one's sessions, as [`crate::people::Device`]. `DELETE /api/sessions/{session}` ends one.
pub const SESSIONS: &str = "/api/sessions";
/// `GET`: the invitations that are good, as [`crate::people::Invite`]. `POST` with a [`NewInvite`]: makes one, answered
/// with a [`Secret`]. `DELETE /api/invites/{invite}` withdraws one. Moderators.
pub const INVITES: &str = "/api/invites";
/// `POST` with a [`Secret`]: an invitation is taken up by a guest; answered with a [`Session`].
pub const INVITED: &str = "/api/invited";
/// `GET`: everybody who is known, as [`crate::people::Known`]. Moderators.
pub const PEOPLE: &str = "/api/people";
/// `POST` with a [`crate::people::Act`].
pub const ACTS: &str = "/api/acts";
/// `GET` with `before`: what was done to keep order, the newest first, as [`crate::people::Record`]. Owners.
pub const RECORD: &str = "/api/record";

/// `POST` with a [`NewPush`]: this browser is sent what concerns one while no page is open. `DELETE` with an [`OldPush`]: no
/// more.
pub const PUSH: &str = "/api/push";
/// `GET`: the [`PushKey`] of this Snug.
pub const PUSH_KEY: &str = "/api/push/key";

/// `GET` with `search`: the open rooms that it finds, as [`crate::rooms::Listed`].
pub const ROOMS: &str = "/api/rooms";

/// The body of [`SESSION`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The person of this browser.
    pub chat_id: ChatId,
    /// What they keep, if they do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<Account>,
    /// What proves the session without a cookie: as `token` in the first frame, or as a bearer token (RFC 6750).
    /// Only for who asked without one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub token: Option<String>,
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

/// A browser's `PushSubscription`, as its `toJSON` has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPush {
    /// Where its push service takes messages for it. Whoever knows it can send some.
    pub endpoint: String,
    /// With what they are sealed.
    pub keys: PushKeys,
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
pub struct Place {
    /// How many people are in the lobby.
    pub count: usize,
    /// A few of them; nobody, if not anyone may come in.
    pub faces: Vec<ChatUser>,
    /// The rules of the house.
    pub rules: Rules,
}

/// The body of every HTTP refusal, and the payload of the `ERROR` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Refusal {
    /// The reason, for programs.
    pub error: Code,
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
