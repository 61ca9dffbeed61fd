//! Who somebody is: a `chatId` with its proof.
//!
//! The proof of a guest's `chatId` is its HMAC (RFC 2104) with SHA-256 under the folder's secret, in URL-safe
//! Base64 (RFC 4648). A cookie is both in one; a guest without one sends both in the first frame. Nothing
//! is stored, so there is nothing to leak, and a restart forgets nobody. Whoever keeps a name has sessions instead:
//! each is a device that can be signed out.

use std::{fmt, sync::Arc};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use snug_shared::{
    code::Code,
    ids::{ChatId, SessionId},
};
use uuid::Uuid;

use crate::register::Register;

/// Before a session's id and before its secret; in no `chatId`, and as it is in a cookie (RFC 6265, section 4.1.1).
const SESSION: char = '~';

/// A session and its secret in one: a cookie's value, or a bearer token (RFC 6750).
#[must_use]
pub fn session_credential(session: &SessionId, secret: &str) -> String {
    format!("{SESSION}{session}{SESSION}{secret}")
}

/// A person whose `chatId` was proved, or claimed without proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Who.
    pub chat_id: ChatId,
    /// Whether it was proved: a claim stands back when somebody holds the id.
    pub proved: bool,
    /// The session that proved it, of somebody who keeps a name.
    pub session: Option<SessionId>,
}

impl Identity {
    /// A guest who is new here.
    #[must_use]
    pub fn of_newcomer() -> Self {
        Self {
            chat_id: Identities::newcomer(),
            proved: true,
            session: None,
        }
    }
}

/// Makes proofs and checks them.
#[derive(Clone)]
pub struct Identities {
    mac: Hmac<Sha256>,
    register: Arc<Register>,
}

impl fmt::Debug for Identities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identities")
    }
}

impl Identities {
    /// With the folder's secret.
    #[must_use]
    pub fn new(secret: &[u8], register: Arc<Register>) -> Self {
        Self {
            mac: Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
            register,
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

    /// What authenticators know somebody by: the same for ever, and nothing to anybody else (Web Authentication, section 14.6.1).
    #[must_use]
    pub fn user_handle(&self, chat_id: &ChatId) -> Vec<u8> {
        // No `chatId` has a space: this is nobody's token.
        let mac = self
            .mac
            .clone()
            .chain_update("passkeys of ")
            .chain_update(chat_id.as_str());
        mac.finalize().into_bytes().to_vec()
    }

    /// What a browser is given with which somebody has signed in: a random id, and a proof that it was this person (OWASP,
    /// "Slow Down Online Guessing Attacks with Device Cookies").
    #[must_use]
    pub fn new_device(&self, person: &ChatId) -> String {
        let mut id = [0; 16];
        getrandom::fill(&mut id).expect("the system has randomness");
        let id = URL_SAFE_NO_PAD.encode(id);
        let proof = self.device_mac(&id, person).finalize().into_bytes();
        format!("{id}.{}", URL_SAFE_NO_PAD.encode(proof))
    }

    /// The id of a browser that this person has signed in with; none if it was somebody else, or never.
    #[must_use]
    pub fn device(&self, cookie: &str, person: &ChatId) -> Option<String> {
        let (id, proof) = cookie.split_once('.')?;
        let proof = URL_SAFE_NO_PAD.decode(proof).ok()?;
        self.device_mac(id, person).verify_slice(&proof).ok()?;
        Some(id.to_owned())
    }

    fn device_mac(&self, id: &str, person: &ChatId) -> Hmac<Sha256> {
        // No `chatId` has a space: this is nobody's token.
        let mac = self.mac.clone();
        mac.chain_update("device ")
            .chain_update(id)
            .chain_update(" of ")
            .chain_update(person.as_str())
    }

    /// Whom a credential proves, if anybody: a guest by their HMAC, who keeps a name by a session.
    #[must_use]
    pub fn check(&self, credential: &str) -> Option<Identity> {
        let (chat_id, session) = match credential.strip_prefix(SESSION) {
            Some(session) => {
                let (id, secret) = session.split_once(SESSION)?;
                let id = SessionId::try_from(id).ok()?;
                (self.register.session(&id, secret)?, Some(id))
            }
            None => {
                let (chat_id, token) = credential.rsplit_once('.')?;
                let chat_id = ChatId::try_from(chat_id).ok()?;
                (self.proves(&chat_id, token).then_some(chat_id)?, None)
            }
        };
        Some(Identity {
            chat_id,
            proved: true,
            session,
        })
    }

    /// Whether it was the proof of a guest who keeps a name meanwhile.
    pub fn was_a_guests(&self, credential: &str) -> bool {
        credential.rsplit_once('.').is_some_and(|(chat_id, token)| {
            ChatId::try_from(chat_id)
                .is_ok_and(|it| self.register.keeps_a_name(&it) && self.is_proof(&it, token))
        })
    }

    /// Who sends the first frame: the only place that decides it, for every kind of client.
    pub fn authenticate(
        &self,
        session: Option<&Identity>,
        claimed: Option<String>,
        token: Option<&str>,
    ) -> Result<Identity, Code> {
        let claimed = claimed.map(ChatId::try_from).transpose()?;
        let is_claimed = |identity: &Identity| claimed.as_ref().is_none_or(|it| *it == identity.chat_id);
        if let Some(token) = token.filter(|it| it.starts_with(SESSION)) {
            return self.check(token).filter(is_claimed).ok_or(Code::ChatIdTaken);
        }
        if let Some(session) = session.filter(|it| is_claimed(it)) {
            return Ok(session.clone());
        }
        let Some(chat_id) = claimed else {
            return Ok(Identity::of_newcomer());
        };
        let proved = token.is_some_and(|token| self.proves(&chat_id, token));
        // A session's id stands in every message that its person says: knowing it proves nothing. Nor does it of
        // whoever is known here.
        let nobodys = Uuid::try_parse(chat_id.as_str()).is_err() && self.register.person(&chat_id).is_none();
        if proved || (token.is_none() && nobodys) {
            let session = None;
            return Ok(Identity {
                chat_id,
                proved,
                session,
            });
        }
        Err(Code::ChatIdTaken)
    }

    /// Whether it is a guest's own proof. That of somebody who keeps a name is void: they have sessions, which can be ended.
    fn proves(&self, chat_id: &ChatId, token: &str) -> bool {
        !self.register.keeps_a_name(chat_id) && self.is_proof(chat_id, token)
    }

    fn is_proof(&self, chat_id: &ChatId, token: &str) -> bool {
        let mac = self.mac.clone().chain_update(chat_id.as_str());
        URL_SAFE_NO_PAD
            .decode(token)
            .is_ok_and(|token| mac.verify_slice(&token).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::store::folder::migrate;

    fn identities(secret: &[u8]) -> Identities {
        let mut tables = Connection::open_in_memory().expect("memory");
        migrate(&mut tables).expect("tables");
        Identities::new(
            secret,
            Arc::new(Register::load(&tables).expect("nobody is known")),
        )
    }

    fn proved(chat_id: &ChatId) -> Identity {
        Identity {
            chat_id: chat_id.clone(),
            proved: true,
            session: None,
        }
    }

    #[test]
    fn a_credential_proves_its_person_and_nobody_else() {
        let ours = identities(b"ours");
        let ann = Identities::newcomer();
        let credential = ours.credential(&ann);
        assert_eq!(ours.check(&credential), Some(proved(&ann)));
        assert_eq!(identities(b"theirs").check(&credential), None);
        assert_eq!(ours.check(&credential.replace(ann.as_str(), "bob")), None);
        for nothing in ["", "~", "~~", "~a~b", "."] {
            assert_eq!(ours.check(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_browser_is_known_to_be_its_persons_and_nobody_elses() {
        let ours = identities(b"ours");
        let (ann, eve) = (Identities::newcomer(), Identities::newcomer());
        let device = ours.new_device(&ann);
        assert!(ours.device(&device, &ann).is_some());
        assert_ne!(
            ours.device(&device, &ann),
            ours.device(&ours.new_device(&ann), &ann)
        );
        assert_eq!(ours.device(&device, &eve), None);
        assert_eq!(identities(b"theirs").device(&device, &ann), None);
        for forged in ["", ".", "a.b", &format!("x{device}"), &ours.token(&ann)] {
            assert_eq!(ours.device(forged, &ann), None, "{forged}");
        }
    }

    #[test]
    fn an_id_of_a_session_is_not_taken_by_knowing_it() {
        let ours = identities(b"ours");
        let ann = Identities::newcomer();
        let cookie = proved(&ann);
        let claim = |session, token| ours.authenticate(session, Some(ann.to_string()), token);
        assert_eq!(claim(None, None), Err(Code::ChatIdTaken));
        assert_eq!(claim(None, Some("AAAA")), Err(Code::ChatIdTaken));
        assert_eq!(claim(Some(&cookie), None), Ok(cookie.clone()));
        assert_eq!(claim(None, Some(&ours.token(&ann))), Ok(cookie));
        let guest = ours.authenticate(None, Some("bob".to_owned()), None);
        assert_eq!(guest.map(|it| it.proved), Ok(false));
    }
}
