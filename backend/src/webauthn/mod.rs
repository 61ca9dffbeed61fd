//! The server's side of Web Authentication, Level 3 (W3C): verifies the responses of browsers. It uses no request, no table and no
//! clock: each check is a function of the response, the site, and the stored credential. The steps of sections 7.1 and 7.2 are marked
//! with their numbers; missing ones are the browser's (1 to 4) or about what Snug does not ask for: attestation, extensions.

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

/// Maximum number of bytes of a credential's id.
const ID_BYTES: usize = 1023;

/// The reason why a response is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The response cannot be parsed.
    #[error("it is malformed")]
    Malformed,
    /// The response is of another ceremony.
    #[error("it is for another ceremony")]
    Ceremony,
    /// The response answers another challenge.
    #[error("it is for another challenge")]
    Challenge,
    /// The response was requested by a page of another site, or by one within another page.
    #[error("it was requested by another site")]
    Origin,
    /// The response is for another site.
    #[error("it is for another site")]
    Site,
    /// The user was not present.
    #[error("the user was not present")]
    Absent,
    /// The backup flags contradict each other, or the stored ones.
    #[error("its backup flags are inconsistent")]
    Backup,
    /// The credential belongs to another user.
    #[error("it belongs to another user")]
    Somebody,
    /// The signature was made with another key.
    #[error("its signature is invalid")]
    Signature,
}

impl From<Malformed> for Refused {
    fn from(Malformed: Malformed) -> Self {
        Self::Malformed
    }
}

impl Refused {
    /// Returns the error code for the client. An unknown passkey and a wrong signature have the same code (section 14.6.2).
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Challenge => ErrorCode::ChallengeExpired,
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

/// The result of `create()`, in JSON (section 5.1.8.1). Unknown fields are ignored.
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

/// The result of `get()`, in JSON.
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

/// The site that passkeys are valid for, as browsers define it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The RP ID: the host's name.
    pub id: String,
    /// The origin of the site's pages.
    pub origin: String,
}

impl Site {
    /// Returns the site of one of this server's origins. There is none for an address, or for a page that did not come over HTTPS:
    /// browsers have no passkeys there. Pages on localhost need no HTTPS.
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
        // Snug's pages are never embedded: a page in the frame of another one is an attack.
        client.origin.eq_ignore_ascii_case(&self.origin)
            && !client.cross_origin
            && client.top_origin.is_none()
    }
}

/// A stored passkey: a credential record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The credential's id, in URL-safe Base64.
    pub id: String,
    /// The credential's public key, a `COSE_Key` in URL-safe Base64.
    pub public_key: String,
    /// The signature count of the authenticator; always 0 if it does not count.
    pub sign_count: u32,
    /// Whether the credential may be on more than one device.
    pub backup_eligible: bool,
}

impl Registration {
    /// Returns the challenge that the response claims to answer.
    pub fn challenge(&self) -> Result<String, Refused> {
        Ok(ClientData::read(&self.response.client_data.0)?.challenge)
    }

    /// Verifies the response after section 7.1, Registering a New Credential. The tables decide whether the id is known (step 26).
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
        // 20: a key of another algorithm does not parse. 21 to 24: no attestation was asked for.
        let made = data.attested.as_ref().ok_or(Refused::Malformed)?;
        // 25. The browser's id of the credential is the authenticator's.
        if made.id.len() > ID_BYTES || made.id != self.raw_id.0 {
            return Err(Refused::Malformed);
        }
        // 27.
        Ok(Credential {
            id: URL_SAFE_NO_PAD.encode(made.id),
            public_key: URL_SAFE_NO_PAD.encode(made.key),
            sign_count: data.count,
            backup_eligible: data.is_backup_eligible(),
        })
    }
}

impl Assertion {
    /// Returns the challenge that the response claims to answer.
    pub fn challenge(&self) -> Result<String, Refused> {
        Ok(ClientData::read(&self.response.client_data.0)?.challenge)
    }

    /// Returns the id of the credential that the response claims was used to sign it, in URL-safe Base64.
    #[must_use]
    pub fn id(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.raw_id.0)
    }

    /// Verifies the response after section 7.2, Verifying an Authentication Assertion, with the credential of [`Self::id`] and the
    /// user handle of its owner. Returns the signature count. Whether the count has grown (step 22) is decided in the tables'
    /// transaction, without a race.
    pub fn verified(
        &self,
        site: &Site,
        challenge: &str,
        credential: &Credential,
        user_handle: &[u8],
    ) -> Result<u32, Refused> {
        let response = &self.response;
        // 6. No user was identified before: the credential and its owner must match.
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
        let key = URL_SAFE_NO_PAD.decode(&credential.public_key);
        let key = Key::read(&mut Reader::new(&key.map_err(|_| Refused::Malformed)?))?;
        let mut signed = response.authenticator_data.0.clone();
        signed.extend_from_slice(&Sha256::digest(&response.client_data.0));
        if !key.verifies(&signed, &response.signature.0) {
            return Err(Refused::Signature);
        }
        Ok(data.count)
    }
}

/// Checks the client data: 7 to 11 of 7.1, 10 to 14 of 7.2.
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

/// Checks the authenticator data: 14 to 17 of 7.1, 15 to 18 of 7.2.
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
