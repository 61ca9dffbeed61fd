//! Uploaded pictures as avatars.

use std::{io::Cursor, time::Duration};

use image::{
    DynamicImage, GenericImageView, ImageEncoder, ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::support::{TestServer, start_server};

const RED: Rgb<u8> = Rgb([220, 30, 30]);
const BLUE: Rgb<u8> = Rgb([30, 30, 220]);

/// An HTTP response with its raw body.
struct Raw {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    fn error(&self) -> Value {
        self.json()["error"].clone()
    }
}

async fn send(server: &TestServer, method: &str, path: &str, headers: &str, body: &[u8]) -> Raw {
    let address = server.inner.address();
    let length = body.len();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
    );
    let mut socket = TcpStream::connect(address).await.expect("it listens");
    socket.write_all(head.as_bytes()).await.expect("it is open");
    socket.write_all(body).await.expect("it is open");
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(20), socket.read_to_end(&mut answer)).await;
    read.expect("an end comes").expect("it is whole");
    let end = answer
        .windows(4)
        .position(|it| it == b"\r\n\r\n")
        .expect("a head");
    let head = String::from_utf8(answer[..end].to_vec()).expect("a head is text");
    let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
    Raw {
        status: status.expect("a status"),
        body: answer[end + 4..].to_vec(),
        head: head.to_lowercase(),
    }
}

async fn upload(server: &TestServer, token: &str, file: &[u8]) -> Raw {
    // The server ignores the content type that the client states.
    let headers = format!("authorization: Bearer {token}\r\ncontent-type: text/html\r\n");
    send(server, "POST", "/api/avatar", &headers, file).await
}

async fn fetch_avatar(server: &TestServer, avatar: &Value) -> Raw {
    let id = avatar.as_str().and_then(|it| it.strip_prefix("picture:"));
    let path = format!("/api/pictures/{}", id.expect("a picture"));
    send(server, "GET", &path, "", b"").await
}

/// Wider than high: the left third is red, the right third is blue, and the middle is white.
fn flag() -> DynamicImage {
    let colour = |x| match x / 40 {
        0 => RED,
        1 => Rgb([255; 3]),
        _ => BLUE,
    };
    RgbImage::from_fn(120, 40, |x, _| colour(x)).into()
}

/// Red on the left, blue on the right.
fn halves() -> RgbImage {
    RgbImage::from_fn(64, 64, |x, _| if x < 32 { RED } else { BLUE })
}

fn file(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    image.write_to(&mut file, format).expect("it is written");
    file.into_inner()
}

fn is_near(image: &DynamicImage, (x, y): (u32, u32), wanted: Rgb<u8>) -> bool {
    let seen = image.get_pixel(x, y).0;
    (0..3).all(|at| seen[at].abs_diff(wanted.0[at]) < 40)
}

#[tokio::test]
async fn each_kind_of_picture_becomes_a_small_square_of_its_middle() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
    ] {
        let answer = upload(&server, &ann, &file(&flag(), format)).await;
        assert_eq!(answer.status, 200, "{format:?}: {}", answer.json());
        let seen = fetch_avatar(&server, &answer.json()["avatar"]).await;
        assert_eq!(seen.status, 200);
        let kept = image::load_from_memory_with_format(&seen.body, ImageFormat::WebP).expect("a picture");
        assert_eq!(kept.dimensions(), (256, 256));
        assert!(is_near(&kept, (4, 128), Rgb([255; 3])) && is_near(&kept, (251, 128), Rgb([255; 3])));
    }
}

#[tokio::test]
async fn browsers_cache_a_picture_and_it_can_do_nothing_as_a_page() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    let answer = upload(&server, &ann, &file(&flag(), ImageFormat::Png)).await;
    let seen = fetch_avatar(&server, &answer.json()["avatar"]).await;
    for header in [
        "content-type: image/webp",
        "cache-control: public, max-age=31536000, immutable",
        "content-security-policy: default-src 'none'; sandbox",
        "x-content-type-options: nosniff",
        "cross-origin-resource-policy: same-origin",
    ] {
        assert!(seen.head.contains(header), "{header} is not in {}", seen.head);
    }
    for other in ["00112233445566778899aabbccddeeff", "x", "..%2f..%2fsnug.db"] {
        let nothing = send(&server, "GET", &format!("/api/pictures/{other}"), "", b"").await;
        assert_eq!((nothing.status, nothing.error()), (404, json!("not_found")));
        assert!(
            nothing.head.contains("cache-control: no-store"),
            "{}",
            nothing.head
        );
    }
}

#[tokio::test]
async fn a_picture_is_rotated_as_its_metadata_says_and_its_metadata_is_removed() {
    // TIFF, little-endian, two entries: a description, and a clockwise rotation (Exif 3.0, tag 0x0112).
    let secret = b"where Ann lives\0";
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend([0x0e, 0x01, 2, 0, 16, 0, 0, 0, 38, 0, 0, 0]);
    exif.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0]);
    exif.extend([0; 4]);
    exif.extend(secret);
    let mut photograph = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut photograph, 95);
    encoder.set_exif_metadata(exif).expect("a JPEG has it");
    encoder.encode_image(&halves()).expect("it is written");
    let tells = |file: &[u8]| file.windows(secret.len()).any(|it| it == secret);
    assert!(tells(&photograph));

    let server = start_server().await;
    let ann = server.member("Ann").await;
    let answer = upload(&server, &ann, &photograph).await;
    let seen = fetch_avatar(&server, &answer.json()["avatar"]).await;
    assert!(!tells(&seen.body));
    for chunk in [&b"EXIF"[..], b"Exif", b"XMP ", b"ICCP"] {
        assert!(!seen.body.windows(4).any(|it| it == chunk));
    }
    let kept = image::load_from_memory(&seen.body).expect("a picture");
    assert!(is_near(&kept, (128, 20), RED) && is_near(&kept, (128, 236), BLUE));
}

#[tokio::test]
async fn all_users_see_a_members_picture_also_after_a_restart() {
    let server = start_server().await;
    let token = server.member("Ann").await;
    let mut bob = server.guest("bob").await;
    let mut ann = server.join_as(&token).await;
    let avatar = upload(&server, &token, &file(&flag(), ImageFormat::Png))
        .await
        .json()["avatar"]
        .clone();
    let profile = json!({"name": "Ann", "avatar": avatar});
    let shown = server.ask("PUT", "/api/account", Some(&token), profile).await;
    assert_eq!(shown.body["account"]["avatar"], avatar);
    ann.post("1", "do you see me?").await;
    assert_eq!(bob.until("RECEIVE_MESSAGE").await["avatar"], avatar);
    let users = server.ask("GET", "/api/server", None, Value::Null).await;
    let faces = users.body["faces"].as_array().expect("a list").clone();
    assert!(faces.iter().any(|it| it["avatar"] == avatar), "{faces:?}");

    let server = server.restarted().await;
    let ann = server.join_as(&token).await;
    assert_eq!(ann.welcome["you"]["avatar"], avatar);
    assert_eq!(fetch_avatar(&server, &avatar).await.status, 200);
}

#[tokio::test]
async fn a_file_that_is_not_a_picture_is_refused() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    let png = file(&flag(), ImageFormat::Png);
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let bitmap = [b"BM", &[0; 100][..]].concat();
    for (what, bytes) in [
        ("nothing", &b""[..]),
        ("a drawing with a script", svg),
        ("a page", b"<!doctype html><script>alert(1)</script>"),
        ("half a picture", &png[..png.len() / 2]),
        ("its first bytes", &png[..8]),
        ("another kind of picture", &bitmap),
    ] {
        let refused = upload(&server, &ann, bytes).await;
        assert_eq!(
            (refused.status, refused.error()),
            (400, json!("bad_picture")),
            "{what}"
        );
    }
    let refused = upload(&server, &ann, &vec![0; 6 * 1024 * 1024]).await;
    assert_eq!((refused.status, refused.error()), (413, json!("too_large")));
    assert_eq!(upload(&server, &ann, &png).await.status, 200);
}

#[tokio::test]
async fn a_guest_cannot_upload_or_use_a_picture() {
    let server = start_server().await;
    let png = file(&flag(), ImageFormat::Png);
    let nobody = send(&server, "POST", "/api/avatar", "", &png).await;
    assert_eq!((nobody.status, nobody.error()), (401, json!("hello_required")));
    let session = server
        .ask_as_page("POST", "/api/session", None, Value::Null)
        .await;
    let cookie = session.cookie.expect("a cookie");
    let origin = format!("origin: http://{}\r\n", server.inner.address());
    let guest = format!("{origin}cookie: {cookie}\r\n");
    let refused = send(&server, "POST", "/api/avatar", &guest, &png).await;
    assert_eq!((refused.status, refused.error()), (403, json!("not_allowed")));
    // With any length: the server reads the body even of a request that it refuses by its head.
    let long = vec![0; 5 * 1024 * 1024];
    let refused = send(&server, "POST", "/api/avatar", &guest, &long).await;
    assert_eq!((refused.status, refused.error()), (403, json!("not_allowed")));
    let ann = server.member("Ann").await;
    let elsewhere = format!(
        "origin: https://evil.example\r\ncookie: {}\r\n",
        server.cookie(&ann)
    );
    let refused = send(&server, "POST", "/api/avatar", &elsewhere, &png).await;
    assert_eq!(
        (refused.status, refused.error()),
        (403, json!("forbidden_origin"))
    );

    let avatar = upload(&server, &ann, &png).await.json()["avatar"].clone();
    let guest = server.join(json!({"name": "Eve", "avatar": avatar})).await;
    let shown = guest.welcome["you"]["avatar"].as_str().expect("an avatar");
    assert!(shown.starts_with("face:"), "{shown}");
}

#[tokio::test]
async fn nobody_can_use_a_picture_that_does_not_exist() {
    let server = start_server().await;
    let ann = server.member("Ann").await;
    let avatar = "picture:00112233445566778899aabbccddeeff";
    let refused = server
        .ask(
            "PUT",
            "/api/account",
            Some(&ann),
            json!({"name": "Ann", "avatar": avatar}),
        )
        .await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("bad_avatar"))
    );
    let account = json!({"name": "Eve", "avatar": avatar, "password": "correct horse"});
    let refused = server.ask("POST", "/api/account", None, account).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("bad_avatar"))
    );
}

#[tokio::test]
async fn a_member_can_upload_twenty_pictures_and_others_are_not_affected() {
    let server = start_server().await;
    let (ann, bob) = (server.member("Ann").await, server.member("Bob").await);
    for _ in 0..20 {
        assert_eq!(upload(&server, &ann, b"no picture").await.status, 400);
    }
    let refused = upload(&server, &ann, b"no picture").await;
    assert_eq!((refused.status, refused.error()), (429, json!("rate_limited")));
    let png = file(&flag(), ImageFormat::Png);
    assert_eq!(upload(&server, &bob, &png).await.status, 200);
}
