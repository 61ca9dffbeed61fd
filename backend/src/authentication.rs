//! Authenticates guests and users: a `chatId` with its proof.
//!
//! The proof of a guest's `chatId` is its HMAC (RFC 2104) with SHA-256 under the folder's secret, in URL-safe Base64 (RFC 4648). A
//! cookie contains both; a guest without a cookie sends both in the first frame. Nothing is stored, so there is nothing to leak, and
//! guests stay authenticated across a restart. The proof of an id that a program chose also contains a nonce, a different one for
//! each claim ([`Claims`](crate::claims::Claims)). Registered users have sessions instead: each is a device that can be signed out.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use snug_shared::{
    error_code::ErrorCode,
    ids::{ChatId, RoomId, SessionId},
};

use crate::{
    access_cache::AccessCache,
    claims::is_chosen,
    features::directs,
    identity::{Identity, Nonce, SERVER},
};

/// The separator before a session's id and before its secret. No `chatId` contains it, and cookies need no escape for it (RFC 6265,
/// section 4.1.1).
const SESSION: char = '~';

/// Encodes a session and its secret as one credential: a cookie's value, or a bearer token (RFC 6750).
#[must_use]
pub fn session_credential(session: &SessionId, secret: &str) -> String {
    format!("{SESSION}{session}{SESSION}{secret}")
}

/// Creates proofs and verifies them.
#[derive(Clone)]
pub struct Identities {
    mac: Hmac<Sha256>,
    access: Arc<AccessCache>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")
    }
}

impl Identities {
    /// Creates the verifier with the folder's secret.
    #[must_use]
    pub fn new(secret: &[u8], access: Arc<AccessCache>) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
            access,
        }
    }

    /// Returns the proof of a guest's `chatId`.
    #[must_use]
    pub fn token(&self, guest: &Identity) -> String {
        let mac = self.mac_of(&guest.chat_id, guest.nonce).finalize().into_bytes();
        match guest.nonce {
            None => URL_SAFE_NO_PAD.encode(mac),
            Some(Nonce(nonce)) => URL_SAFE_NO_PAD.encode([&nonce[..], &mac].concat()),
        }
    }

    /// Encodes a guest's `chatId` and its proof as one credential: a cookie's value, or a bearer token (RFC 6750).
    #[must_use]
    pub fn credential(&self, guest: &Identity) -> String {
        format!("{}.{}", guest.chat_id, self.token(guest))
    }

    fn mac_of(&self, chat_id: &ChatId, nonce: Option<Nonce>) -> Hmac<Sha256> {
        let mac = self.mac.clone();
        match nonce {
            None => mac.chain_update(chat_id.as_str()),
            // No `chatId` has a space: this is not the proof of another id.
            Some(Nonce(nonce)) => mac
                .chain_update("claim ")
                .chain_update(nonce)
                .chain_update(chat_id.as_str()),
        }
    }

    /// Returns the user handle for authenticators: constant for a person, and meaningless to others (Web Authentication, section
    /// 14.6.1).
    #[must_use]
    pub fn user_handle(&self, chat_id: &ChatId) -> Vec<u8> {
        // No `chatId` has a space: this is not the token of any id.
        let mac = self
            .mac
            .clone()
            .chain_update("passkeys of ")
            .chain_update(chat_id.as_str());
        mac.finalize().into_bytes().to_vec()
    }

    /// Creates the device cookie of a browser in which a person has signed in: a random id, and the proof that it was this person
    /// (OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
    #[must_use]
    pub fn new_device(&self, person: &ChatId) -> String {
        let mut id = [0; 16];
        getrandom::fill(&mut id).expect("the system has randomness");
        let id = URL_SAFE_NO_PAD.encode(id);
        let proof = self.device_mac(&id, person).finalize().into_bytes();
        format!("{id}.{}", URL_SAFE_NO_PAD.encode(proof))
    }

    /// Returns the id of a browser in which this person has signed in. Returns `None` if it was another person, or never.
    #[must_use]
    pub fn device(&self, cookie: &str, person: &ChatId) -> Option<String> {
        let (id, proof) = cookie.split_once('.')?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        self.device_mac(id, person).verify_slice(&proof).ok()?;
        Some(id.to_owned())
    }

    fn device_mac(&self, id: &str, person: &ChatId) -> Hmac<Sha256> {
        // No `chatId` has a space: this is not the token of any id.
        let mac = self.mac.clone();
        mac.chain_update("device ")
            .chain_update(id)
            .chain_update(" of ")
            .chain_update(person.as_str())
    }

    /// Returns the id of the direct conversation of these people. Without the folder's secret it cannot be computed, nor can it be
    /// checked whether the conversation exists.
    pub fn conversation<'a>(&self, people: impl Iterator<Item = &'a ChatId>) -> Result<RoomId, ErrorCode> {
        // No `chatId` has a space: this is not the token of any id.
        let mac = self.mac.clone().chain_update("conversation of ");
        let hash = mac.chain_update(directs::who(people)).finalize().into_bytes();
        RoomId::try_from(directs::digits(&hash))
    }

    /// Returns the identity that a credential authenticates, if any: a guest by their HMAC, a registered person by a session.
    #[must_use]
    pub fn verify_credential(&self, credential: &str) -> Option<Identity> {
        match credential.strip_prefix(SESSION) {
            Some(session) => {
                let (id, secret) = session.split_once(SESSION)?;
                let id = SessionId::try_from(id).ok()?;
                Some(Identity {
                    chat_id: self.access.session(&id, secret)?,
                    session: Some(id),
                    nonce: None,
                })
            }
            None => {
                let (chat_id, token) = credential.rsplit_once('.')?;
                self.authenticated_guest(ChatId::try_from(chat_id).ok()?, token)
            }
        }
    }

    /// Returns whether this was the credential of a guest who has registered since.
    pub fn was_guest_credential(&self, credential: &str) -> bool {
        credential.rsplit_once('.').is_some_and(|(chat_id, token)| {
            ChatId::try_from(chat_id)
                .is_ok_and(|it| self.access.is_registered(&it) && self.verify_token(it, token).is_some())
        })
    }

    /// Authenticates the first frame of a connection, for every kind of client.
    ///
    /// # Errors
    /// [`ErrorCode::ChatIdTaken`] if the claimed id is not authenticated and not free, [`ErrorCode::SessionEnded`] if the token is that
    /// of a session that has ended, or of a guest who has registered a name or deleted the account since.
    pub fn authenticate(
        &self,
        session: Option<&Identity>,
        claimed: Option<String>,
        token: Option<&str>,
    ) -> Result<Identity, ErrorCode> {
        let claimed = claimed.map(ChatId::try_from).transpose()?;
        let is_claimed = |identity: &Identity| claimed.as_ref().is_none_or(|it| *it == identity.chat_id);
        if let Some(token) = token.filter(|it| it.starts_with(SESSION)) {
            let identity = self.verify_credential(token).ok_or(ErrorCode::SessionEnded)?;
            return Some(identity).filter(is_claimed).ok_or(ErrorCode::ChatIdTaken);
        }
        if let Some(session) = session.filter(|it| is_claimed(it)) {
            return Ok(session.clone());
        }
        let Some(chat_id) = claimed else {
            return Ok(Identity::new_guest());
        };
        if let Some(token) = token {
            let guest = self.verify_token(chat_id, token).ok_or(ErrorCode::ChatIdTaken)?;
            return if self.access.claims.have_another(&guest) {
                Err(ErrorCode::ChatIdTaken)
            } else if self.has_account(&guest) {
                Err(ErrorCode::SessionEnded)
            } else {
                Ok(guest)
            };
        }
        // The id of a registered user is in every message that they send: to know it proves nothing. The same holds for the ids of
        // all known people.
        let nobodys = is_chosen(&chat_id)
            && chat_id.as_str() != SERVER
            && self.access.person(&chat_id).is_none()
            && !self.access.is_erased(&chat_id)
            && !self.access.claims.have(&chat_id);
        if !nobodys {
            return Err(ErrorCode::ChatIdTaken);
        }
        Ok(Identity {
            nonce: Some(Nonce::generate()),
            ..Identity::guest(chat_id)
        })
    }

    /// Authenticates a guest by their token. After a registration, and after the account's deletion, the token is void.
    fn authenticated_guest(&self, chat_id: ChatId, token: &str) -> Option<Identity> {
        let guest = self.verify_token(chat_id, token)?;
        let is_void = self.has_account(&guest) || self.access.claims.have_another(&guest);
        (!is_void).then_some(guest)
    }

    /// Returns whether a guest has registered since, even if the account was deleted.
    fn has_account(&self, guest: &Identity) -> bool {
        self.access.is_registered(&guest.chat_id) || self.access.is_erased(&guest.chat_id)
    }

    /// Verifies a token, void or not.
    fn verify_token(&self, chat_id: ChatId, token: &str) -> Option<Identity> {
        let token = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (nonce, mac) = if is_chosen(&chat_id) {
            let (nonce, mac) = token.split_first_chunk()?;
            (Some(Nonce(*nonce)), mac)
        } else {
            (None, &token[..])
        };
        self.mac_of(&chat_id, nonce).verify_slice(mac).ok()?;
        Some(Identity {
            nonce,
            ..Identity::guest(chat_id)
        })
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::{identity::random_id, store::folder::migrate};

    fn identities(secret: &[u8]) -> Identities {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        Identities::new(
            secret,
            Arc::new(AccessCache::load(&tables).expect("nobody is known")),
        )
    }

    #[test]
    fn a_credential_proves_its_person_and_nobody_else() {
        let ours = identities(b"ours");
        let ann = Identity::guest(random_id());
        let bot = ours.authenticate(None, Some("ann-bot".to_owned()), None);
        for guest in [ann, bot.expect("it is nobody's")] {
            let credential = ours.credential(&guest);
            assert_eq!(ours.verify_credential(&credential), Some(guest.clone()));
            assert_eq!(identities(b"theirs").verify_credential(&credential), None);
            for other in ["bob", random_id().as_str()] {
                assert_eq!(
                    ours.verify_credential(&credential.replace(guest.chat_id.as_str(), other)),
                    None
                );
            }
        }
        for nothing in ["", "~", "~~", "~a~b", "."] {
            assert_eq!(ours.verify_credential(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_browser_is_known_to_be_its_persons_and_nobody_elses() {
        let ours = identities(b"ours");
        let (ann, eve) = (random_id(), random_id());
        let device = ours.new_device(&ann);
        assert!(ours.device(&device, &ann).is_some());
        assert_ne!(
            ours.device(&device, &ann),
            ours.device(&ours.new_device(&ann), &ann)
        );
        assert_eq!(ours.device(&device, &eve), None);
        assert_eq!(identities(b"theirs").device(&device, &ann), None);
        for forged in [
            "",
            ".",
            "a.b",
            &format!("x{device}"),
            &ours.token(&Identity::guest(ann.clone())),
        ] {
            assert_eq!(ours.device(forged, &ann), None, "{forged}");
        }
    }

    #[test]
    fn an_id_of_a_session_is_not_taken_by_knowing_it() {
        let ours = identities(b"ours");
        let ann = random_id();
        let cookie = Identity::guest(ann.clone());
        let claim = |session, token| ours.authenticate(session, Some(ann.to_string()), token);
        assert_eq!(claim(None, None), Err(ErrorCode::ChatIdTaken));
        assert_eq!(claim(None, Some("AAAA")), Err(ErrorCode::ChatIdTaken));
        assert_eq!(claim(Some(&cookie), None), Ok(cookie.clone()));
        assert_eq!(claim(None, Some(&ours.token(&cookie))), Ok(cookie));
    }

    #[test]
    fn each_claim_has_a_token_of_its_own() {
        let ours = identities(b"ours");
        let claim = || {
            ours.authenticate(None, Some("ann-bot".to_owned()), None)
                .expect("it is nobody's")
        };
        let (first, second) = (claim(), claim());
        assert_ne!(ours.token(&first), ours.token(&second));
        let _held = ours
            .access
            .claims
            .hold(&second.chat_id, second.nonce.expect("it has one"));
        assert_eq!(ours.verify_credential(&ours.credential(&first)), None);
        assert_eq!(
            ours.verify_credential(&ours.credential(&second)),
            Some(second.clone())
        );
        let again = ours.authenticate(None, Some("ann-bot".to_owned()), None);
        assert_eq!(again, Err(ErrorCode::ChatIdTaken));
    }
}
