//! Registration and sign-in with an authenticator in software, and each way in which their responses may be false.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

#[path = "../../tests/server/authenticator.rs"]
mod authenticator;

use authenticator::{Authenticator, VERIFIED, base64};

const ORIGIN: &str = "https://chat.example:8443";
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const HANDLE: &[u8] = b"ann's handle";

fn site() -> Site {
    Site::of(ORIGIN).expect("a site")
}

fn options() -> Value {
    json!({"challenge": "c2VjcmV0", "user": {"id": base64(HANDLE)}})
}

fn register(answer: Value) -> Result<Credential, Refused> {
    let answer: Registration = serde_json::from_value(answer).expect("its form");
    answer.verified(&site(), "c2VjcmV0")
}

fn sign_in(answer: Value, credential: &Credential) -> Result<u32, Refused> {
    let answer: Assertion = serde_json::from_value(answer).expect("its form");
    answer.verified(&site(), "c2VjcmV0", credential, HANDLE)
}

fn registered(authenticator: &mut Authenticator) -> Credential {
    register(authenticator.create(&options())).expect("it is good")
}

#[test]
fn a_passkey_is_registered_and_signs_in_with_either_kind_of_key() {
    for mut authenticator in [Authenticator::p256(ORIGIN), Authenticator::ed25519(ORIGIN)] {
        let credential = registered(&mut authenticator);
        authenticator.count = 7;
        assert_eq!(sign_in(authenticator.get(&options()), &credential), Ok(7));
    }
}

#[test]
fn each_lie_of_browser_or_authenticator_is_refused_by_its_name() {
    type Lie = fn(&mut Authenticator);
    let lies: [(Lie, Refused); 6] = [
        (
            |it| it.origin = "https://evil.example".to_owned(),
            Refused::Origin,
        ),
        (
            |it| it.origin = "https://chat.example".to_owned(),
            Refused::Origin,
        ),
        (|it| it.cross_origin = true, Refused::Origin),
        (|it| it.site = "evil.example".to_owned(), Refused::Site),
        (|it| it.flags = VERIFIED, Refused::Absent),
        (|it| it.flags |= BACKED_UP, Refused::Backup),
    ];
    for (lie, refused) in lies {
        let mut authenticator = Authenticator::p256(ORIGIN);
        let credential = registered(&mut authenticator);
        lie(&mut authenticator);
        assert_eq!(register(authenticator.create(&options())), Err(refused));
        assert_eq!(sign_in(authenticator.get(&options()), &credential), Err(refused));
    }
}

#[test]
fn an_answer_is_to_its_own_question_only() {
    let mut authenticator = Authenticator::p256(ORIGIN);
    let credential = registered(&mut authenticator);
    let other = json!({"challenge": "b3RoZXI", "user": {"id": base64(HANDLE)}});
    assert_eq!(register(authenticator.create(&other)), Err(Refused::Challenge));
    assert_eq!(
        sign_in(authenticator.get(&other), &credential),
        Err(Refused::Challenge)
    );
    let (mut made, mut signed) = (authenticator.create(&options()), authenticator.get(&options()));
    let client_data = made["response"]["clientDataJSON"].take();
    made["response"]["clientDataJSON"] = signed["response"]["clientDataJSON"].take();
    signed["response"]["clientDataJSON"] = client_data;
    assert_eq!(register(made), Err(Refused::Ceremony));
    assert_eq!(sign_in(signed, &credential), Err(Refused::Ceremony));
}

#[test]
fn only_its_own_key_and_its_own_person_sign_in() {
    let mut authenticator = Authenticator::p256(ORIGIN);
    let credential = registered(&mut authenticator);
    let mut thief = Authenticator::p256(ORIGIN);
    thief.handle = HANDLE.to_owned();
    thief.id.clone_from(&authenticator.id);
    assert_eq!(
        sign_in(thief.get(&options()), &credential),
        Err(Refused::Signature)
    );
    authenticator.handle = b"bob's handle".to_vec();
    assert_eq!(
        sign_in(authenticator.get(&options()), &credential),
        Err(Refused::Somebody)
    );
    let mut nobodys = authenticator.get(&options());
    nobodys["response"]["userHandle"] = Value::Null;
    assert_eq!(sign_in(nobodys, &credential), Err(Refused::Malformed));
    let mut other = authenticator.get(&options());
    other["rawId"] = json!("AAAA");
    assert_eq!(sign_in(other, &credential), Err(Refused::Somebody));
}

#[test]
fn what_a_passkey_says_of_its_backup_does_not_change() {
    let mut authenticator = Authenticator::p256(ORIGIN);
    authenticator.flags |= BACKUP_ELIGIBLE | BACKED_UP;
    let credential = registered(&mut authenticator);
    assert_eq!(sign_in(authenticator.get(&options()), &credential), Ok(0));
    authenticator.flags &= !BACKED_UP;
    assert_eq!(sign_in(authenticator.get(&options()), &credential), Ok(0));
    authenticator.flags &= !BACKUP_ELIGIBLE;
    assert_eq!(
        sign_in(authenticator.get(&options()), &credential),
        Err(Refused::Backup)
    );
}

#[test]
fn a_credential_has_an_id_of_its_own_that_is_not_endless() {
    let mut authenticator = Authenticator::p256(ORIGIN);
    authenticator.id = vec![1; ID_BYTES + 1];
    assert_eq!(
        register(authenticator.create(&options())),
        Err(Refused::Malformed)
    );
    let mut other = Authenticator::p256(ORIGIN).create(&options());
    other["rawId"] = json!("AAAA");
    assert_eq!(register(other), Err(Refused::Malformed));
}

#[test]
fn an_address_and_plain_http_are_no_site() {
    for (origin, id) in [
        (ORIGIN, Some("chat.example")),
        ("https://CHAT.example", Some("chat.example")),
        ("http://localhost:8080", Some("localhost")),
        ("http://chat.example", None),
        ("https://192.0.2.1", None),
        ("http://127.0.0.1:8080", None),
        ("https://[2001:db8::1]:8443", None),
        ("https://localhost.evil.example", Some("localhost.evil.example")),
        ("http://localhost.evil.example", None),
        ("null", None),
        ("", None),
    ] {
        assert_eq!(Site::of(origin).map(|it| it.id).as_deref(), id, "{origin}");
    }
}

/// A key of 2048 bits and its signature, made with OpenSSL: `ring` makes no RSA keys.
#[test]
fn what_windows_keeps_in_a_tpm_signs_too() {
    let read = |hex: &str| -> Vec<u8> {
        let digits = hex.as_bytes().chunks(2);
        let byte = |it| u8::from_str_radix(std::str::from_utf8(it).expect("ASCII"), 16).expect("hexadecimal");
        digits.map(byte).collect()
    };
    let modulus = read(RSA_MODULUS);
    let head = [0xa4, 0x01, 0x03, 0x03, 0x39, 0x01, 0x00, 0x20, 0x59, 0x01, 0x00];
    let cose = [&head[..], &modulus, &[0x21, 0x43, 1, 0, 1]].concat();
    let key = Key::read(&mut Reader::new(&cose)).expect("a key");
    let signature = read(RSA_SIGNATURE);
    assert!(key.verifies(b"signed", &signature));
    assert!(!key.verifies(b"unsigned", &signature));
}

#[test]
fn a_key_says_everything_once_and_of_one_kind() {
    let cose = |parts: &[&[u8]]| Key::read(&mut Reader::new(&parts.concat()));
    let (x, y) = (
        [&[0x21, 0x58, 32][..], &[1; 32]].concat(),
        [&[0x22, 0x58, 32][..], &[2; 32]].concat(),
    );
    let head: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
    assert!(cose(&[head, &x, &y]).is_ok());
    let six: &[u8] = &[0xa6, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
    assert_eq!(cose(&[six, &x, &y, &x]), Err(Malformed), "x is there twice");
    let other_curve: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x02];
    let other_algorithm: &[u8] = &[0xa5, 0x01, 0x02, 0x03, 0x38, 0x22, 0x20, 0x01];
    for head in [other_curve, other_algorithm] {
        assert_eq!(cose(&[head, &x, &y]), Err(Malformed));
    }
    assert_eq!(
        cose(&[&[0xa4][..], &head[1..], &x]),
        Err(Malformed),
        "y is missing"
    );
}

proptest! {
    #[test]
    fn nonsense_is_refused(client in prop::collection::vec(any::<u8>(), 0..80), rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let credential = registered(&mut Authenticator::p256(ORIGIN));
        let mut made = Authenticator::p256(ORIGIN).create(&options());
        let mut signed = Authenticator::p256(ORIGIN).get(&options());
        made["response"]["attestationObject"] = json!(base64(&rest));
        signed["response"]["authenticatorData"] = json!(base64(&rest));
        prop_assert!(register(made.clone()).is_err());
        prop_assert!(sign_in(signed.clone(), &credential).is_err());
        made["response"]["clientDataJSON"] = json!(base64(&client));
        signed["response"]["clientDataJSON"] = json!(base64(&client));
        prop_assert!(register(made).is_err());
        prop_assert!(sign_in(signed, &credential).is_err());
    }

    #[test]
    fn no_byte_of_an_assertion_can_be_another(at in any::<prop::sample::Index>(), other in 1..=u8::MAX, which in 0..3usize) {
        let mut authenticator = Authenticator::ed25519(ORIGIN);
        let credential = registered(&mut authenticator);
        let mut answer = authenticator.get(&options());
        let part = &mut answer["response"][["clientDataJSON", "authenticatorData", "signature"][which]];
        let mut bytes = Bytes::try_from(part.as_str().expect("text").to_owned()).expect("Base64").0;
        let at = at.index(bytes.len());
        bytes[at] ^= other;
        *part = json!(base64(&bytes));
        prop_assert!(sign_in(answer, &credential).is_err());
    }

    #[test]
    fn a_registration_that_is_cut_off_is_refused(cut in any::<prop::sample::Index>()) {
        let mut answer = Authenticator::p256(ORIGIN).create(&options());
        let object = &mut answer["response"]["attestationObject"];
        let bytes = Bytes::try_from(object.as_str().expect("text").to_owned()).expect("Base64").0;
        *object = json!(base64(&bytes[..cut.index(bytes.len())]));
        prop_assert_eq!(register(answer), Err(Refused::Malformed));
    }
}

const RSA_MODULUS: &str = "\
    d4d028b9921327a4c19dcbdc0e1a289281768a0686a96e4c34b2eb9408f9136a3fa995525ef00b5afdb7d6a8cc987dde90f2\
    fe1b61a0818fae8ce7f984bce2e63b4849e636a19c0c24ef5502cea9a5bdec2bd737b66ebe759bd8955d6bc0e8ead77184ee\
    ce83b8d2fe9768411ab4dd3cea36d2b949a64722f0ffca35f9d8eee329432249065ff8c5835bc687c3d0f51fda578bbc6160\
    ba6cedc9574ab5852a376d3c35d376cba6fbf9de1b1a8675da8d6c0da67805ec220e78ec491f9e0ee39d52017335ec08d96c\
    9ea1db5d2c7f44d1cfaba4b74fca5f6f862e7db10c206e88304f1adf359189e7c8635de93f8c118557bc0c132db31837a99b\
    d4bab1177295\
    ";

const RSA_SIGNATURE: &str = "\
    957404b48d50c6d7b03f4fae7cc1788b3b9d43e6fa6dba1bc0421d86ad21a887f8309ff6791be2ef47beb3c35ebb7753ff81\
    bc2cdc78e37c1c0799ca083bc98ad2a8bb5ba7de8654605138bdb6ab447453fd89495f64dfac505ec3e26b3c103c456b2d7d\
    09f0038ab9c3824b9f05c0e4585d615e096be174b1a74ed8e46a7e2a94cab086457ce7a5519e387d258a8aebb6802830e40a\
    6e9ce08f7d66fbab7e662fd8440adf71e7c7de5973b0835406cade2ee2d9a44cba0c4a4c879944af4175944a8f12a1b8e7e3\
    c41d634ef9ddea8c2dcc5a1e2ceee44b0547081bdd02c2e2f2875691071c168b0b27af65ad320e0ba2851b4e9926335987e4\
    907198dc7bfe\
    ";
