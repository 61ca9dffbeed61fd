//! The server's identity for push services (RFC 8292): a key pair of the data folder's, and a token signed with it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;
use snug_shared::ids::Millis;

use super::endpoint::Endpoint;

/// The lifetime of a token, in seconds. A service accepts a day at most.
const GOOD: i64 = 12 * 60 * 60;

/// The key pair, and the contact that a push service can turn to.
pub struct Vapid {
    keys: EcdsaKeyPair,
    public: String,
    contact: String,
}

impl Vapid {
    /// Generates a key pair, as PKCS #8 (RFC 5958). It is secret.
    #[must_use]
    pub fn generate() -> Vec<u8> {
        let keys = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        keys.expect("the system has randomness").as_ref().to_vec()
    }

    /// Loads a key pair that [`Vapid::generate`] created; returns `None` for anything else. `contact` is an `https:` or
    /// `mailto:` URI.
    pub fn new(pkcs8: &[u8], contact: String) -> Option<Self> {
        let keys = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new());
        let keys = keys.ok()?;
        Some(Self {
            public: URL_SAFE_NO_PAD.encode(keys.public_key()),
            keys,
            contact,
        })
    }

    /// Returns the public key in the format that browsers expect: an uncompressed point in URL-safe Base64.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// Returns the `Authorization` header that proves the server's identity to the push service of that endpoint alone.
    #[must_use]
    pub fn authorization(&self, endpoint: &Endpoint, now: Millis) -> String {
        let head = json!({"typ": "JWT", "alg": "ES256"});
        let claims = json!({"aud": endpoint.origin(), "exp": now.0 / 1_000 + GOOD, "sub": self.contact});
        let [head, claims] = [head, claims].map(|it| URL_SAFE_NO_PAD.encode(it.to_string()));
        let signed = format!("{head}.{claims}");
        let signature = self.keys.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.expect("the system has randomness"));
        format!("vapid t={signed}.{signature}, k={}", self.public)
    }
}
