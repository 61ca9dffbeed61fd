//! Who somebody is: a `chatId` with its proof.
//!
//! The proof of a `chatId` is its HMAC (RFC 2104) with SHA-256 under the folder's secret, in URL-safe
//! Base64 (RFC 4648). A session cookie is both in one; a guest sends both in the first frame. Nothing
//! is stored, so there is nothing to leak, and a restart forgets nobody.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use snug_shared::{code::Code, ids::ChatId};
use uuid::Uuid;

/// A person whose `chatId` was proved, or claimed without proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub chat_id: ChatId,
    /// Whether it was proved: a claim stands back when somebody holds the id.
    pub proved: bool,
}

/// Makes proofs and checks them.
#[derive(Clone)]
pub struct Identities {
    mac: Hmac<Sha256>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")
    }
}

impl Identities {
    /// With the folder's secret.
    #[must_use]
    pub fn new(secret: &[u8]) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
        }
    }

    /// Somebody new.
    #[must_use]
    pub fn newcomer() -> ChatId {
        ChatId::try_from(Uuid::now_v7().to_string()).expect("a UUID is a well-formed id")
    }

    /// The proof of a `chatId`.
    #[must_use]
    pub fn token(&self, chat_id: &ChatId) -> String {
        let mac = self.mac.clone().chain_update(chat_id.as_str());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }

    /// A `chatId` and its proof in one: a cookie's value, or a bearer token (RFC 6750).
    #[must_use]
    pub fn credential(&self, chat_id: &ChatId) -> String {
        format!("{chat_id}.{}", self.token(chat_id))
    }

    /// Whom a credential proves, if anybody.
    #[must_use]
    pub fn check(&self, credential: &str) -> Option<ChatId> {
        let (chat_id, token) = credential.rsplit_once('.')?;
        let chat_id = ChatId::try_from(chat_id).ok()?;
        self.proves(&chat_id, token).then_some(chat_id)
    }

    /// Who sends the first frame: the only place that decides it, for every kind of client.
    pub fn authenticate(
        &self,
        session: Option<&ChatId>,
        claimed: Option<String>,
        token: Option<&str>,
    ) -> Result<Identity, Code> {
        let Some(claimed) = claimed else {
            let chat_id = session.cloned().unwrap_or_else(Self::newcomer);
            return Ok(Identity {
                chat_id,
                proved: true,
            });
        };
        let chat_id = ChatId::try_from(claimed)?;
        if session == Some(&chat_id) {
            return Ok(Identity {
                chat_id,
                proved: true,
            });
        }
        match token {
            Some(token) if self.proves(&chat_id, token) => Ok(Identity {
                chat_id,
                proved: true,
            }),
            Some(_) => Err(Code::ChatIdTaken),
            // A session's id stands in every message that its person says: knowing it proves nothing.
            None if Uuid::try_parse(chat_id.as_str()).is_ok() => Err(Code::ChatIdTaken),
            None => Ok(Identity {
                chat_id,
                proved: false,
            }),
        }
    }

    fn proves(&self, chat_id: &ChatId, token: &str) -> bool {
        let mac = self.mac.clone().chain_update(chat_id.as_str());
        URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|token| mac.verify_slice(&token).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_proves_its_person_and_nobody_else() {
        let ours = Identities::new(b"ours");
        let ann = Identities::newcomer();
        let credential = ours.credential(&ann);
        assert_eq!(ours.check(&credential), Some(ann.clone()));
        assert_eq!(Identities::new(b"theirs").check(&credential), None);
        assert_eq!(ours.check(&credential.replace(ann.as_str(), "bob")), None);
        assert_eq!(ours.check(""), None);
    }

    #[test]
    fn an_id_of_a_session_is_not_taken_by_knowing_it() {
        let ours = Identities::new(b"ours");
        let ann = Identities::newcomer();
        let claim = |session, token| ours.authenticate(session, Some(ann.to_string()), token);
        assert_eq!(claim(None, None), Err(Code::ChatIdTaken));
        assert_eq!(claim(None, Some("AAAA")), Err(Code::ChatIdTaken));
        let proved = Identity {
            chat_id: ann.clone(),
            proved: true,
        };
        assert_eq!(claim(Some(&ann), None), Ok(proved.clone()));
        assert_eq!(claim(None, Some(&ours.token(&ann))), Ok(proved));
        let guest = ours.authenticate(None, Some("bob".to_owned()), None);
        assert_eq!(guest.map(|it| it.proved), Ok(false));
    }
}
