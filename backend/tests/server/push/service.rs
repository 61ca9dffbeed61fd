//! A push service and its subscribed browsers. They decrypt without the server's code:
//! the keys are derived here as in RFC 8291, section 3.4.

use std::{collections::HashMap, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    rand::{SecureRandom, SystemRandom},
};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Accepts one push at a time, when a test asks for it.
pub struct Service(TcpListener);

/// A push as received.
pub struct Post {
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
}

impl Service {
    pub async fn open() -> Self {
        Self(TcpListener::bind(("127.0.0.1", 0)).await.expect("a port"))
    }

    pub fn port(&self) -> u16 {
        self.0.local_addr().expect("an address").port()
    }

    pub fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port())
    }

    /// Accepts the next push.
    pub async fn take(&self) -> Post {
        self.answer("201 Created").await
    }

    /// Answers the next push with this status and these headers.
    pub async fn answer(&self, status: &str) -> Post {
        let taken = async {
            let (mut socket, _) = self.0.accept().await.expect("somebody comes");
            let post = read(&mut socket).await;
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.expect("it is open");
            post
        };
        timeout(TIMEOUT, taken).await.expect("a push comes")
    }
}

async fn read(socket: &mut TcpStream) -> Post {
    let mut bytes = Vec::new();
    let head = loop {
        socket.read_buf(&mut bytes).await.expect("it is open");
        if let Some(end) = bytes.windows(4).position(|it| it == b"\r\n\r\n") {
            break end;
        }
    };
    let mut body = bytes.split_off(head + 4);
    let text = String::from_utf8(bytes).expect("a head in UTF-8");
    let mut lines = text.trim_end().lines();
    let mut asks = lines.next().expect("a request").split(' ');
    assert_eq!(asks.next(), Some("POST"));
    let path = asks.next().expect("a path").to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().expect("a length");
    while body.len() < length {
        socket.read_buf(&mut body).await.expect("it is open");
    }
    Post { path, headers, body }
}

/// A subscribed browser. Its key decrypts one push.
pub struct Browser {
    private: EphemeralPrivateKey,
    key: Vec<u8>,
    auth: [u8; 16],
    endpoint: String,
}

impl Browser {
    /// A browser with this path at a push service.
    pub fn at(origin: &str, path: &str) -> Self {
        let random = SystemRandom::new();
        let private = EphemeralPrivateKey::generate(&ECDH_P256, &random).expect("a key");
        let key = private.compute_public_key().expect("its public one");
        let mut auth = [0; 16];
        random.fill(&mut auth).expect("random");
        Self {
            key: key.as_ref().to_vec(),
            private,
            auth,
            endpoint: format!("{origin}{path}"),
        }
    }

    /// Its `PushSubscription`, as `JSON.stringify` writes it.
    pub fn subscription(&self) -> Value {
        let keys = json!({
            "p256dh": URL_SAFE_NO_PAD.encode(&self.key),
            "auth": URL_SAFE_NO_PAD.encode(self.auth),
        });
        json!({"endpoint": self.endpoint, "expirationTime": null, "keys": keys})
    }

    /// Decrypts a push.
    pub fn open(self, post: &Post) -> Value {
        assert_eq!(post.headers["content-encoding"], "aes128gcm");
        let (salt, rest) = post.body.split_at(16);
        let (size, rest) = rest.split_at(4);
        let size = u32::from_be_bytes(size.try_into().expect("four bytes"));
        assert_eq!(rest[0], 65);
        let (theirs, sealed) = rest[1..].split_at(65);
        assert!(sealed.len() <= size as usize, "one record");

        let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let shared = agree_ephemeral(self.private, &peer, <[u8]>::to_vec).expect("two keys");
        let extracted = mac(&self.auth, &[&shared]);
        let material = mac(&extracted, &[b"WebPush: info\0", &self.key, theirs, b"\x01"]);
        let extracted = mac(salt, &[&material]);
        let key = mac(&extracted, &[b"Content-Encoding: aes128gcm\0\x01"]);
        let nonce = mac(&extracted, &[b"Content-Encoding: nonce\0\x01"]);

        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).expect("a key"));
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).expect("a nonce");
        let mut opened = sealed.to_vec();
        let opened = key.open_in_place(nonce, Aad::empty(), &mut opened);
        let opened = opened.expect("it was sealed for this browser");
        assert_eq!(opened.last(), Some(&2), "the last record");
        serde_json::from_slice(&opened[..opened.len() - 1]).expect("JSON")
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any key");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}
