//! An authenticator and its browser in software. Tests change its fields to make it lie.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Flags: user present, user verified; attested credential data included.
const PRESENT: u8 = 1;
pub const VERIFIED: u8 = 1 << 2;
const ATTESTED: u8 = 1 << 6;

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// An authenticator with one credential.
pub struct Authenticator {
    pair: Pair,
    pub id: Vec<u8>,
    pub handle: Vec<u8>,
    pub count: u32,
    pub flags: u8,
    pub site: String,
    pub origin: String,
    pub cross_origin: bool,
}

pub fn base64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn text(text: &str) -> Vec<u8> {
    assert!(text.len() < 24);
    [&[0x60 + text.len() as u8], text.as_bytes()].concat()
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("few");
    [&[0x59][..], &length.to_be_bytes(), bytes].concat()
}

impl Authenticator {
    /// With a key for ES256.
    pub fn p256(origin: &str) -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_ASN1_SIGNING;
        let key = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).expect("a key");
        Self::with(Pair::P256(pair), origin)
    }

    /// With a key for EdDSA.
    pub fn ed25519(origin: &str) -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key");
        Self::with(Pair::Ed25519(pair), origin)
    }

    fn with(pair: Pair, origin: &str) -> Self {
        let host = origin.split("://").nth(1).expect("an origin");
        Self {
            id: Sha256::digest(match &pair {
                Pair::P256(pair) => pair.public_key().as_ref(),
                Pair::Ed25519(pair) => pair.public_key().as_ref(),
            })
            .to_vec(),
            pair,
            handle: Vec::new(),
            count: 0,
            flags: PRESENT | VERIFIED,
            site: host.split(':').next().expect("a name").to_owned(),
            origin: origin.to_owned(),
            cross_origin: false,
        }
    }

    /// The result of `navigator.credentials.create()`, as a page sends it.
    pub fn create(&mut self, options: &Value) -> Value {
        let handle = options["user"]["id"].as_str().expect("a user handle");
        self.handle = URL_SAFE_NO_PAD.decode(handle).expect("Base64");
        let length = u16::try_from(self.id.len()).expect("short").to_be_bytes();
        let data = [
            self.data(ATTESTED),
            vec![0; 16],
            length.to_vec(),
            self.id.clone(),
            self.cose(),
        ];
        let object = [
            vec![0xa3],
            text("fmt"),
            text("none"),
            text("attStmt"),
            vec![0xa0],
            text("authData"),
            bytes(&data.concat()),
        ];
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(&self.client_data("webauthn.create", options)),
                "attestationObject": base64(&object.concat()),
                "transports": ["internal"],
            },
        })
    }

    /// The same for `navigator.credentials.get()`.
    pub fn get(&self, options: &Value) -> Value {
        let (client_data, data) = (self.client_data("webauthn.get", options), self.data(0));
        let signed = [data.clone(), Sha256::digest(&client_data).to_vec()].concat();
        let signature = match &self.pair {
            Pair::P256(pair) => pair
                .sign(&SystemRandom::new(), &signed)
                .expect("signed")
                .as_ref()
                .to_vec(),
            Pair::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(),
        };
        json!({
            "id": base64(&self.id), "rawId": base64(&self.id), "type": "public-key", "clientExtensionResults": {},
            "response": {
                "clientDataJSON": base64(&client_data),
                "authenticatorData": base64(&data),
                "signature": base64(&signature),
                "userHandle": base64(&self.handle),
            },
        })
    }

    fn client_data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data = json!({
            "type": kind, "challenge": options["challenge"], "origin": self.origin, "crossOrigin": self.cross_origin,
        });
        data.to_string().into_bytes()
    }

    fn data(&self, flags: u8) -> Vec<u8> {
        let site = Sha256::digest(&self.site);
        [&site[..], &[self.flags | flags], &self.count.to_be_bytes()].concat()
    }

    /// The public key as a `COSE_Key`.
    fn cose(&self) -> Vec<u8> {
        match &self.pair {
            Pair::P256(pair) => {
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
                [&head[..], &[0x21], &bytes(x), &[0x22], &bytes(y)].concat()
            }
            Pair::Ed25519(pair) => {
                let head = [0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21];
                [&head[..], &bytes(pair.public_key().as_ref())].concat()
            }
        }
    }
}
