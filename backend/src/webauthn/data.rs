//! Parses the data of the browser and the authenticator: client data (section 5.8.1) and authenticator data (6.1).

use serde::Deserialize;

use super::{
    cbor::{Malformed, Reader},
    key::Key,
};

/// The client data, in JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ClientData {
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) challenge: String,
    pub(super) origin: String,
    #[serde(default)]
    pub(super) cross_origin: bool,
    pub(super) top_origin: Option<String>,
}

impl ClientData {
    pub(super) fn read(json: &[u8]) -> Result<Self, Malformed> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        serde_json::from_slice(json).map_err(|_| Malformed)
    }
}

/// The authenticator data.
pub(super) struct AuthenticatorData<'a> {
    pub(super) rp_id_hash: [u8; 32],
    flags: u8,
    pub(super) count: u32,
    pub(super) attested: Option<Attested<'a>>,
}

/// A new credential.
pub(super) struct Attested<'a> {
    pub(super) id: &'a [u8],
    /// The encoded public key, which parses as a [`Key`].
    pub(super) key: &'a [u8],
}

const PRESENT: u8 = 1;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENSIONS: u8 = 1 << 7;
/// The number of bytes of the id of the authenticator's model.
const AAGUID: usize = 16;

impl<'a> AuthenticatorData<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader::new(bytes);
        let rp_id_hash = reader.array()?;
        let [flags] = reader.array()?;
        let count = u32::from_be_bytes(reader.array()?);
        let attested = if flags & ATTESTED == 0 {
            None
        } else {
            reader.take(AAGUID)?;
            let length = u16::from_be_bytes(reader.array()?);
            let id = reader.take(usize::from(length))?;
            let before = reader.rest();
            Key::read(&mut reader)?;
            let key = &before[..before.len() - reader.rest().len()];
            Some(Attested { id, key })
        };
        if flags & EXTENSIONS != 0 {
            reader.skip()?;
        }
        if !reader.rest().is_empty() {
            return Err(Malformed);
        }
        Ok(Self {
            rp_id_hash,
            flags,
            count,
            attested,
        })
    }

    pub(super) fn is_present(&self) -> bool {
        self.flags & PRESENT != 0
    }

    pub(super) fn is_backup_eligible(&self) -> bool {
        self.flags & BACKUP_ELIGIBLE != 0
    }

    pub(super) fn is_backed_up(&self) -> bool {
        self.flags & BACKED_UP != 0
    }
}

/// Returns the authenticator data of an attestation object (section 6.5.4). The attestation statement is skipped: none was asked for,
/// so nothing depends on it.
pub(super) fn attested(object: &[u8]) -> Result<&[u8], Malformed> {
    let mut reader = Reader::new(object);
    let (mut format, mut statement, mut data) = (None, None, None);
    for _ in 0..reader.map()? {
        match reader.text()? {
            "fmt" if format.is_none() => format = Some(reader.text()?),
            "attStmt" if statement.is_none() => statement = Some(reader.skip()?),
            "authData" if data.is_none() => data = Some(reader.bytes()?),
            _ => return Err(Malformed),
        }
    }
    match (format, statement, data) {
        (Some(_), Some(()), Some(data)) if reader.rest().is_empty() => Ok(data),
        _ => Err(Malformed),
    }
}
