//! Who we are to a push service (RFC 8292): a key pair of the folder's, and a token signed with it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::json;
use snug_shared::ids::Millis;

use super::endpoint::Endpoint;

/// How long a token is good, in seconds. A day is the most that a service takes.
const GOOD: i64 = 12 * 60 * 60;

/// The key pair, and whom a push service can turn to.
pub struct Vapid {
    keys: EcdsaKeyPair,
    public: String,
    contact: String,
}

impl Vapid {
    /// Generates a key pair, as PKCS #8 (RFC 5958): secret.
    #[must_use]
    pub fn generate() -> Vec<u8> {
        let keys = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        keys.expect("the system has randomness").as_ref().to_vec()
    }

    /// With a key pair as [`Vapid::generate`] made it; nothing with anything else. `contact` is an `https:` or `mailto:` URI.
    pub fn new(pkcs8: &[u8], contact: String) -> Option<Self> {
        let keys = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &SystemRandom::new());
        let keys = keys.ok()?;
        Some(Self {
            public: URL_SAFE_NO_PAD.encode(keys.public_key()),
            keys,
            contact,
        })
    }

    /// The public key, as a browser wants it: an uncompressed point in URL-safe Base64.
    #[must_use]
    pub fn public(&self) -> &str {
        &self.public
    }

    /// The `Authorization` header that proves it is us, to the service of that endpoint alone.
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
