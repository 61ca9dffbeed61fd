//! The server's side of Web Authentication, Level 3 (W3C): what a browser brings is taken or refused. Knows no request, no table and
//! no clock: a function of what was brought, the site, and what was kept. The steps of sections 7.1 and 7.2 stand at their
//! numbers; those that are not here are the browser's (1 to 4) or about what Snug does not ask for: attestation, extensions.

pub mod cbor;
pub mod challenges;
mod data;
pub mod key;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use snug_shared::error_code::ErrorCode;
use thiserror::Error;
use warp::http::Uri;

use self::{
    cbor::{Malformed, Reader},
    data::{AuthenticatorData, ClientData, attested},
    key::Key,
};

/// Bytes of a credential's id at most.
const ID_BYTES: usize = 1023;

/// What is refused, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It cannot be read.
    #[error("it cannot be read")]
    Malformed,
    /// It answers another question.
    #[error("it is of another ceremony")]
    Ceremony,
    /// It answers another challenge.
    #[error("it answers another challenge")]
    Challenge,
    /// A page of another site asked for it, or one within another page.
    #[error("a page of another site asked for it")]
    Origin,
    /// It is for another site.
    #[error("it is for another site")]
    Site,
    /// Nobody was there.
    #[error("nobody was there")]
    Absent,
    /// What it says of its backup contradicts itself, or what it said before.
    #[error("its backup flags contradict themselves")]
    Backup,
    /// It is of somebody else.
    #[error("it is of somebody else")]
    Somebody,
    /// Another key has signed it.
    #[error("another key has signed it")]
    Signature,
}

impl From<Malformed> for Refused {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

impl Refused {
    /// The reason for people. Whether a passkey is known here is not told from a wrong signature (section 14.6.2).
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Challenge => ErrorCode::ChallengeSpent,
            Self::Somebody | Self::Signature => ErrorCode::WrongPasskey,
            _ => ErrorCode::BadPasskey,
        }
    }
}

/// Bytes in URL-safe Base64 (RFC 4648), as browsers write them in JSON.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Bytes(pub Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = base64::DecodeError;
    fn try_from(raw: String) -> Result<Self, Self::Error> {
        URL_SAFE_NO_PAD.decode(raw).map(Self)
    }
}

/// What `create()` gives, in JSON (section 5.1.8.1). Unknown fields are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    raw_id: Bytes,
    response: Attestation,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attestation {
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    attestation_object: Bytes,
}

/// What `get()` gives, in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Assertion {
    raw_id: Bytes,
    response: Signed,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    #[serde(rename = "clientDataJSON")]
    client_data: Bytes,
    authenticator_data: Bytes,
    signature: Bytes,
    user_handle: Option<Bytes>,
}

/// Where passkeys are good: a site as browsers know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The RP ID: the host's name.
    pub id: String,
    /// The origin of its pages.
    pub origin: String,
}

impl Site {
    /// Of an origin that is this server's. There is none for an address, or for a page that did not come over HTTPS:
    /// browsers have no passkeys there. This machine's own pages may do without.
    pub fn of(origin: &str) -> Option<Self> {
        let uri: Uri = origin.parse().ok()?;
        let host = uri.host()?.to_ascii_lowercase();
        let local = host == "localhost" || host.ends_with(".localhost");
        let secure = uri.scheme_str() == Some("https") || (local && uri.scheme_str() == Some("http"));
        let address = host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>();
        (secure && address.is_err()).then(|| Self {
            id: host,
            origin: origin.to_owned(),
        })
    }

    fn is_of(&self, client: &ClientData) -> bool {
        // Nobody embeds Snug's pages: a page in another one's frame is somebody's trick.
        client.origin.eq_ignore_ascii_case(&self.origin)
            && !client.cross_origin
            && client.top_origin.is_none()
    }
}

/// A passkey as it is kept: a credential record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id, in URL-safe Base64.
    pub id: String,
    /// Its public key, a `COSE_Key` in URL-safe Base64.
    pub key: String,
    /// How often it has signed, as it says; 0 for ever, if it does not count.
    pub count: u32,
    /// Whether it may be on more than one device.
    pub backup_eligible: bool,
}

impl Registration {
    /// The challenge that it says it answers.
    pub fn challenge(&self) -> Result<String, Refused> {
        Ok(ClientData::read(&self.response.client_data.0)?.challenge)
    }

    /// Section 7.1, Registering a New Credential. Whether the id is known (step 26) is the tables' to say.
    pub fn verified(&self, site: &Site, challenge: &str) -> Result<Credential, Refused> {
        let response = &self.response;
        // 5, 6.
        let client = ClientData::read(&response.client_data.0)?;
        // 7 to 11.
        check(&client, "webauthn.create", site, challenge)?;
        // 13. The hash of 12 is for attestation statements.
        let data = AuthenticatorData::read(attested(&response.attestation_object.0)?)?;
        // 14 to 17; 16: user verification is preferred, not required.
        authenticated(&data, site)?;
        // 20: a key of another algorithm does not read as one. 21 to 24: no attestation was asked for.
        let made = data.attested.as_ref().ok_or(Refused::Malformed)?;
        // 25. What the browser calls it is what the authenticator does.
        if made.id.len() > ID_BYTES || made.id != self.raw_id.0 {
            return Err(Refused::Malformed);
        }
        // 27.
        Ok(Credential {
            id: URL_SAFE_NO_PAD.encode(made.id),
            key: URL_SAFE_NO_PAD.encode(made.key),
            count: data.count,
            backup_eligible: data.is_backup_eligible(),
        })
    }
}

impl Assertion {
    /// The challenge that it says it answers.
    pub fn challenge(&self) -> Result<String, Refused> {
        Ok(ClientData::read(&self.response.client_data.0)?.challenge)
    }

    /// The id of the credential that it says has signed it, in URL-safe Base64.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.raw_id.0)
    }

    /// Section 7.2, Verifying an Authentication Assertion, with the credential of [`Self::id`] and the user handle of whose it is.
    /// Answers with its count. Whether that has grown (step 22) is the tables' to say, where nobody comes between.
    pub fn verified(
        &self,
        site: &Site,
        challenge: &str,
        credential: &Credential,
        user_handle: &[u8],
    ) -> Result<u32, Refused> {
        let response = &self.response;
        // 6. Nobody was known before: the credential and whose it is must go together.
        let handle = response.user_handle.as_ref().ok_or(Refused::Malformed)?;
        if self.id() != credential.id || handle.0 != user_handle {
            return Err(Refused::Somebody);
        }
        // 8, 9.
        let client = ClientData::read(&response.client_data.0)?;
        // 10 to 14.
        check(&client, "webauthn.get", site, challenge)?;
        let data = AuthenticatorData::read(&response.authenticator_data.0)?;
        // 15 to 18; 17: user verification is preferred, not required.
        authenticated(&data, site)?;
        // 19.
        if data.is_backup_eligible() != credential.backup_eligible {
            return Err(Refused::Backup);
        }
        // 20, 21.
        let key = URL_SAFE_NO_PAD.decode(&credential.key);
        let key = Key::read(&mut Reader::new(&key.map_err(|_| Refused::Malformed)?))?;
        let mut signed = response.authenticator_data.0.clone();
        signed.extend_from_slice(&Sha256::digest(&response.client_data.0));
        if !key.verifies(&signed, &response.signature.0) {
            return Err(Refused::Signature);
        }
        Ok(data.count)
    }
}

/// What the browser says: 7 to 11 of 7.1, 10 to 14 of 7.2.
fn check(client: &ClientData, kind: &str, site: &Site, challenge: &str) -> Result<(), Refused> {
    if client.kind != kind {
        return Err(Refused::Ceremony);
    }
    if client.challenge != challenge {
        return Err(Refused::Challenge);
    }
    if !site.is_of(client) {
        return Err(Refused::Origin);
    }
    Ok(())
}

/// What the authenticator says: 14 to 17 of 7.1, 15 to 18 of 7.2.
fn authenticated(data: &AuthenticatorData<'_>, site: &Site) -> Result<(), Refused> {
    if data.rp_id_hash[..] != Sha256::digest(&site.id)[..] {
        return Err(Refused::Site);
    }
    if !data.is_present() {
        return Err(Refused::Absent);
    }
    if data.is_backed_up() && !data.is_backup_eligible() {
        return Err(Refused::Backup);
    }
    Ok(())
}
