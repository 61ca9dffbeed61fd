//! Secrets that clients have: in a cookie, in a link. The server stores only their hashes.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Generates a secret of 256 bits in URL-safe Base64 (RFC 4648). Returns it and its hash.
#[must_use]
pub fn generate() -> (String, String) {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).expect("the system has randomness");
    let secret = URL_SAFE_NO_PAD.encode(secret);
    let hash = hash(&secret);
    (secret, hash)
}

/// Returns the SHA-256 of a secret. It needs neither salt nor slowness: 256 bits cannot be guessed, nor found faster because a
/// look-up of one hash takes longer than that of another.
#[must_use]
pub fn hash(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
}
