//! The public key of a passkey, as authenticators write it: a `COSE_Key` (RFC 9052, section 7).

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::cbor::{Malformed, Reader};

/// The supported algorithms, the preferred first (IANA's COSE algorithms). Keys that Windows stores in a TPM may be RSA.
pub const ALGORITHMS: [i64; 3] = [EDDSA, ES256, RS256];

const EDDSA: i64 = -8;
const ES256: i64 = -7;
const RS256: i64 = -257;

/// Curves: P-256 and Ed25519 (RFC 9053, section 7.1).
const P256: i64 = 1;
const CURVE_25519: i64 = 6;
/// Kinds of keys: an octet key pair, two coordinates, RSA (RFC 9053, section 7; RFC 8230).
const OKP: i64 = 1;
const EC2: i64 = 2;
const RSA: i64 = 3;

/// A public key that verifies signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Key {
    /// An uncompressed point on P-256 (SEC 1, section 2.3.3).
    Es256([u8; 65]),
    /// An Ed25519 key (RFC 8032).
    EdDsa([u8; 32]),
    /// An RSA modulus and exponent.
    Rs256(Vec<u8>, Vec<u8>),
}

/// Stores a parameter that may occur once.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Malformed> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err(Malformed),
    }
}

impl Key {
    /// Reads a key. Leaves the bytes after it unread.
    pub fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (mut kind, mut algorithm) = (None, None);
        let mut curve = None;
        // The meaning of the labels -1, -2 and -3 depends on the kind of key.
        let (mut first, mut second, mut third) = (None, None, None);
        for _ in 0..reader.map()? {
            match reader.int()? {
                1 => once(&mut kind, reader.int()?)?,
                3 => once(&mut algorithm, reader.int()?)?,
                -1 => match reader.clone().int() {
                    Ok(_) => once(&mut curve, reader.int()?)?,
                    Err(Malformed) => once(&mut first, reader.bytes()?)?,
                },
                -2 => once(&mut second, reader.bytes()?)?,
                -3 => once(&mut third, reader.bytes()?)?,
                _ => reader.skip()?,
            }
        }
        match (kind, algorithm, curve, first, second, third) {
            (Some(EC2), Some(ES256), Some(P256), None, Some(x), Some(y))
                if (x.len(), y.len()) == (32, 32) =>
            {
                let mut point = [4; 65];
                point[1..33].copy_from_slice(x);
                point[33..].copy_from_slice(y);
                Ok(Self::Es256(point))
            }
            (Some(OKP), Some(EDDSA), Some(CURVE_25519), None, Some(x), None) => {
                Ok(Self::EdDsa(x.try_into().map_err(|_| Malformed)?))
            }
            (Some(RSA), Some(RS256), None, Some(n), Some(e), None) => Ok(Self::Rs256(n.into(), e.into())),
            _ => Err(Malformed),
        }
    }

    /// Whether the holder of the private key has signed this message.
    #[must_use]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let checked = match self {
            Self::Es256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(message, signature)
            }
            Self::EdDsa(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature),
            Self::Rs256(n, e) => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            }
        };
        checked.is_ok()
    }
}
