//! What is asked once, over HTTP: paths under `/api` and the bodies they answer with.
//!
//! `GET /api/rooms/{room}/messages?before={n}` answers with a [`crate::messages::Page`].

use serde::{Deserialize, Serialize};

use crate::{code::Code, ids::ChatId, presence::ChatUser};

/// `POST`: who the session cookie says one is; a new person and a new cookie if it says nothing.
pub const SESSION: &str = "/api/session";
/// `GET`: what a visitor sees before entering.
pub const PLACE: &str = "/api/place";

/// `GET` with `search`: the open rooms that it finds, as [`crate::rooms::Listed`].
pub const ROOMS: &str = "/api/rooms";

/// The body of [`SESSION`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// The person of this browser.
    pub chat_id: ChatId,
}

/// The body of [`PLACE`]'s answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// How many people are in the lobby.
    pub count: usize,
    /// A few of them.
    pub faces: Vec<ChatUser>,
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
