//! Encrypts a push for one browser: RFC 8291 over RFC 8188 (`aes128gcm`), in one record.
//!
//! The push service between this server and the browser cannot read it.

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom, SystemRandom},
};

/// Bytes of a public key: an uncompressed point of P-256.
pub const KEY_BYTES: usize = 65;
/// Bytes of the secret that the browser shares with this server alone.
pub const AUTH_BYTES: usize = 16;
/// Bytes of plaintext at most: every push service accepts so many (RFC 8030, section 7.2), with some margin.
pub const PLAIN_BYTES: usize = 3_000;

/// The size of a record; there is only one, and it is shorter.
const RECORD: u32 = 4096;
/// The delimiter that ends the plaintext of the last record (RFC 8188, section 2).
const LAST: u8 = 2;

/// A browser's half of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The browser's public key.
    pub key: [u8; KEY_BYTES],
    /// The browser's secret.
    pub auth: [u8; AUTH_BYTES],
}

/// The server's half of the keys, for one message.
struct Ours {
    /// The one-time public key.
    key: [u8; KEY_BYTES],
    /// The secret that both halves agree on (ECDH).
    shared: Vec<u8>,
    salt: [u8; 16],
}

/// Encrypts a message with a one-time key.
///
/// # Errors
/// [`Unspecified`] if the browser's key is not valid.
pub fn encrypt(theirs: &Keys, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let random = SystemRandom::new();
    let private = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let public = private.compute_public_key()?;
    let key = public.as_ref().try_into().map_err(|_| Unspecified)?;
    let mut salt = [0; 16];
    random.fill(&mut salt)?;
    let peer = UnparsedPublicKey::new(&ECDH_P256, theirs.key);
    let shared = agree_ephemeral(private, &peer, <[u8]>::to_vec)?;
    encrypt_with(theirs, &Ours { key, shared, salt }, plain)
}

fn encrypt_with(theirs: &Keys, ours: &Ours, plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
    let info: [&[u8]; 3] = [b"WebPush: info\0", &theirs.key, &ours.key];
    let material: [u8; 32] = derive(&theirs.auth, &ours.shared, &info)?;
    let key: [u8; 16] = derive(&ours.salt, &material, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce = derive(&ours.salt, &material, &[b"Content-Encoding: nonce\0"])?;
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?);

    let mut record = plain.to_vec();
    record.push(LAST);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record)?;
    let length = [u8::try_from(KEY_BYTES).expect("65 is a byte")];
    Ok([&ours.salt[..], &RECORD.to_be_bytes(), &length, &ours.key, &record].concat())
}

/// Derives `N` bytes with HKDF and SHA-256 (RFC 5869): extracts, then expands.
fn derive<const N: usize>(salt: &[u8], secret: &[u8], info: &[&[u8]]) -> Result<[u8; N], Unspecified> {
    struct Bytes(usize);
    impl KeyType for Bytes {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut out = [0; N];
    let extracted = Salt::new(HKDF_SHA256, salt).extract(secret);
    extracted.expand(info, Bytes(N))?.fill(&mut out)?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    fn bytes<const N: usize>(text: &str) -> [u8; N] {
        let bytes = URL_SAFE_NO_PAD.decode(text).expect("Base64");
        bytes.try_into().expect("as many bytes")
    }

    fn theirs() -> Keys {
        Keys {
            key: bytes(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: bytes("BTBZMqHH6r4Tts7J_aSIgg"),
        }
    }

    /// The example of RFC 8291, appendix A.
    #[test]
    fn the_example_of_the_standard_is_sealed_as_it_stands_there() {
        let ours = Ours {
            key: bytes(
                "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
            ),
            shared: bytes::<32>("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs").to_vec(),
            salt: bytes("DGv6ra1nlYgDCS1FRnbzlw"),
        };
        let encrypted = encrypt_with(&theirs(), &ours, b"When I grow up, I want to be a watermelon");
        assert_eq!(
            URL_SAFE_NO_PAD.encode(encrypted.expect("encrypted")),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8\
             wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
                .replace(' ', "")
        );
    }

    #[test]
    fn the_same_words_are_never_sealed_the_same() {
        let encrypted = || encrypt(&theirs(), b"psst").expect("encrypted");
        assert_ne!(encrypted(), encrypted());
    }

    #[test]
    fn a_key_that_is_no_point_of_the_curve_is_refused() {
        let mut theirs = theirs();
        theirs.key[64] ^= 1;
        assert!(encrypt(&theirs, b"psst").is_err());
    }
}
