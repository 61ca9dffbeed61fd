//! Malformed, too large and too frequent input: each has its error code, and nobody else is affected.

use std::num::NonZeroU32;

use crate::support::{start_server, start_server_with, texts};
use serde_json::json;
use snug::config::Rate;
use tokio_tungstenite::tungstenite::{
    Error, Message,
    protocol::frame::{
        Frame, FrameHeader,
        coding::{Data, OpCode},
    },
};

#[tokio::test]
async fn a_refused_message_leaves_the_connection_open() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for (frame, code) in [
        (
            json!({"code": "RECEIVE_MESSAGE", "key": "1", "text": "  \n"}),
            "text_empty",
        ),
        (
            json!({"code": "RECEIVE_MESSAGE", "key": "1", "text": "x".repeat(4001)}),
            "text_too_long",
        ),
        (
            json!({"code": "RECEIVE_MESSAGE", "key": "1", "text": 7}),
            "bad_frame",
        ),
        (
            json!({"code": "RECEIVE_MESSAGE", "key": "1", "text": "x", "room": "attic"}),
            "not_found",
        ),
        (
            json!({"code": "RECEIVE_MESSAGE", "key": "a b", "text": "x"}),
            "bad_id",
        ),
        (json!({"code": "DANCE"}), "unknown_code"),
        (json!({"code": "SAVE_USER_INFO", "name": "other"}), "bad_frame"),
    ] {
        ann.send(frame).await;
        let error = ann.until("ERROR").await;
        assert_eq!(error["error"], code);
        assert!(error["message"].as_str().is_some_and(|it| it.ends_with('.')));
    }
    ann.post("1", "still here").await;
    assert_eq!(ann.until("RECEIVE_MESSAGE").await["n"], 1);
}

#[tokio::test]
async fn invisible_characters_are_removed_from_a_message_and_from_its_retry() {
    let server = start_server().await;
    let mut ann = server.guest("ann").await;
    for _ in 0..2 {
        ann.post("1", "gpj.\u{202e}exe\u{0}\u{85}next").await;
        let said = ann.until("RECEIVE_MESSAGE").await;
        assert_eq!((&said["n"], &said["text"]), (&json!(1), &json!("gpj.exe\nnext")));
    }
}

#[tokio::test]
async fn a_client_can_send_another_first_frame_after_a_refused_one() {
    let server = start_server().await;
    let mut ann = server.open_socket().await;
    for (hello, code) in [
        (json!({"name": " "}), "name_empty"),
        (json!({"name": "x".repeat(33)}), "name_too_long"),
        (json!({"name": "a\u{202e}b"}), "name_characters"),
        (json!({"name": "ann", "chatId": "a b"}), "bad_id"),
    ] {
        ann.hello(hello).await;
        assert_eq!(ann.until("ERROR").await["error"], code);
    }
    ann.hello(json!({"name": "ann"})).await;
    assert_eq!(ann.until("WELCOME").await["you"]["name"], "ann");
}

#[tokio::test]
async fn a_protocol_violation_closes_with_its_code() {
    let server = start_server().await;
    let mut bob = server.guest("bob").await;
    for (message, error, close) in [
        (Message::text("hello"), "bad_frame", 4000),
        (Message::binary(vec![1, 2, 3]), "not_text", 4001),
        (
            Message::text(r#"{"code":"RECEIVE_MESSAGE","text":"x"}"#),
            "hello_required",
            4002,
        ),
        (Message::text("x".repeat(70_000)), "too_large", 4004),
    ] {
        let mut eve = server.open_socket().await;
        eve.raw(message).await;
        assert_eq!(eve.until("ERROR").await["error"], error);
        assert_eq!(eve.closed_with().await, close);
    }
    bob.post("k", "unharmed").await;
    assert_eq!(texts(&[bob.until("RECEIVE_MESSAGE").await]), ["unharmed"]);
}

#[tokio::test]
async fn endless_fragments_are_a_flood() {
    let server = start_server().await;
    let mut eve = server.guest("eve").await;
    let fragment = |opcode| {
        let header = FrameHeader {
            is_final: false,
            opcode: OpCode::Data(opcode),
            ..FrameHeader::default()
        };
        Message::Frame(Frame::from_payload(header, Vec::new().into()))
    };
    eve.raw(fragment(Data::Text)).await;
    let flood = async {
        use futures_util::SinkExt;
        // Writing fails once the server has closed.
        while eve.socket.send(fragment(Data::Continue)).await.is_ok() {}
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), flood)
        .await
        .expect("the server closes");
}

#[tokio::test]
async fn a_user_who_posts_too_fast_is_told_how_long_to_wait() {
    let one = NonZeroU32::MIN;
    let server = start_server_with(|config| {
        config.messages = Rate {
            per_second: one,
            burst: one,
        }
    })
    .await;
    let (mut ann, mut bob) = (server.guest("ann").await, server.guest("bob").await);
    ann.post("1", "first").await;
    ann.post("2", "second").await;
    let error = ann.until("ERROR").await;
    assert_eq!(
        (&error["error"], &error["key"], &error["retry"]),
        (&json!("rate_limited"), &json!("2"), &json!(true))
    );
    assert!(
        error["retryAfter"]
            .as_u64()
            .is_some_and(|ms| (1..=1000).contains(&ms))
    );
    bob.post("1", "not mine to wait").await;
    bob.until("RECEIVE_MESSAGE").await;
}

#[tokio::test]
async fn a_flood_of_frames_is_closed() {
    let one = NonZeroU32::MIN;
    let server = start_server_with(|config| {
        config.frames = Rate {
            per_second: one,
            burst: one,
        }
    })
    .await;
    let mut eve = server.open_socket().await;
    for _ in 0..300 {
        eve.raw(Message::text(r#"{"code":"PING"}"#)).await;
    }
    assert_eq!(eve.closed_with().await, 4003);
}

#[tokio::test]
async fn a_page_of_another_site_is_refused_at_the_handshake() {
    let server =
        start_server_with(|config| config.allow_origin = vec!["https://chat.example".to_owned()]).await;
    let own = format!("http://{}", server.inner.address());
    for origin in [own.as_str(), "https://chat.example"] {
        assert!(server.connect(&[("origin", origin)]).await.is_ok(), "{origin}");
    }
    for origin in ["https://evil.example", "null", "http://127.0.0.1"] {
        let refused = server.connect(&[("origin", origin)]).await.err();
        assert!(
            matches!(refused, Some(Error::Http(answer)) if answer.status() == 403),
            "{origin}"
        );
    }
}

#[tokio::test]
async fn an_id_that_another_user_has_is_not_assigned() {
    let server = start_server().await;
    let ann = server.guest("ann").await;
    let mut eve = server.open_socket().await;
    eve.hello(json!({"name": "eve", "chatId": "ann"})).await;
    let error = eve.until("ERROR").await;
    assert_eq!(
        (&error["error"], &error["retry"]),
        (&json!("chat_id_taken"), &json!(true))
    );
    let token = ann.welcome["you"]["token"].clone();
    server
        .join(json!({"name": "ann", "chatId": "ann", "token": token}))
        .await;
}

#[tokio::test]
async fn a_refusal_is_in_the_language_of_the_client() {
    let server = start_server().await;
    let mut ming = server
        .connect(&[("accept-language", "zh-CN,zh;q=0.9")])
        .await
        .expect("it shakes hands");
    ming.hello(json!({"name": ""})).await;
    assert_eq!(ming.until("ERROR").await["message"], "请输入昵称。");
}
