//! The identity of a person, however it was authenticated.

use snug_shared::ids::{ChatId, SessionId};
use uuid::Uuid;

/// The id of the server itself in entries. No user can have it.
pub const SERVER: &str = "snug";

/// A person whose `chatId` was authenticated, or was claimed and belongs to no other user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The id of the person.
    pub chat_id: ChatId,
    /// The session that authenticated a registered person.
    pub session: Option<SessionId>,
    /// The nonce of the claim, for an id that a program chose.
    pub nonce: Option<Nonce>,
}

impl Identity {
    /// Creates the identity of a guest whose id the server generated.
    #[must_use]
    pub fn guest(chat_id: ChatId) -> Self {
        Self {
            chat_id,
            session: None,
            nonce: None,
        }
    }

    /// Creates a guest with a random id.
    #[must_use]
    pub fn new_guest() -> Self {
        Self::guest(random_id())
    }
}

/// The random part of a claim, 128 bits. It authenticates nothing by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; Self::BYTES]);

impl Nonce {
    /// Bytes of a nonce.
    pub const BYTES: usize = 16;

    /// Generates a random nonce.
    #[must_use]
    pub fn generate() -> Self {
        let mut nonce = [0; Self::BYTES];
        getrandom::fill(&mut nonce).expect("the system has randomness");
        Self(nonce)
    }
}

/// Returns a random id.
#[must_use]
pub fn random_id() -> ChatId {
    ChatId::try_from(Uuid::now_v7().to_string()).expect("a UUID is a well-formed id")
}
