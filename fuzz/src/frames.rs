//! Input from a connection. The same bytes are read as a client's text, as a server's, and as a
//! client's WebSocket: no reader panics, exceeds its memory limit, or gives another result the
//! second time.

use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    io::{Cursor, Read, Write},
    pin::Pin,
    str,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use snug::{
    hub::{ConnectionHandle, Frame},
    ws::{
        decode::{Malformed, decode},
        mailbox::{Mailbox, OutboundCommand},
        read_half::{OVERHEAD, Stream, websocket},
    },
};
use snug_shared::{
    error_code::ErrorCode,
    ids::RoomId,
    limits::FRAME_BYTES,
    replica::Replica,
    wire::{ClientFrame, ServerFrame},
};
use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};

use crate::{Target, memory};

/// The fuzz target.
pub const TARGET: Target = Target {
    name: "frames",
    run,
    words: &[
        b"SAVE_USER_INFO",
        b"RECEIVE_MESSAGE",
        b"CLOSE_CONNECTION",
        b"SYNC_ROOM",
        b"PING",
        b"TYPING",
        b"AWAY",
        b"SET_STATUS",
        b"WELCOME",
        b"PAGE",
        b"ERROR",
        b"PONG",
        b"\"code\":",
        b"\"key\":",
        b"\"room\":\"lobby\",",
        b"\"n\":",
        b"\"after\":",
        b"\"upto\":",
        b"\"messages\":[",
        b"\"chatUsers\":[",
        b"\"joined\":[",
        b"\"left\":[",
        b"\"typing\":true",
        b"\"status\":",
        b"\"chatIds\":[",
        b"\"cursors\":{",
        b"\"text\":",
        b"\"name\":",
        b"\"avatar\":\"face:0\"",
        b"emoji:3:",
        b"null",
        b"\\ud83e\\udd8a",
        b"\\ud800",
        b"\\u0000",
        // Large ones: texts, their beginnings and endings, and empty fragments.
        b"\xff\x81\x02\x80x",
        b"\xff\x01\x02\x80x",
        b"\x80\x02\x80x",
        b"\x00\x03\xffx",
        b"\x01\x01\x80x",
        // A text, a continuation, a ping and a close, masked with zeros; wrong lengths.
        b"\x81\x84\0\0\0\0",
        b"\x01\x80\0\0\0\0",
        b"\x80\x80\0\0\0\0",
        b"\x00\x80\0\0\0\0",
        b"\x89\x80\0\0\0\0",
        b"\x88\x82\0\0\0\0\x03\xe8",
        b"\x81\xfe\xff\xff",
        b"\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00",
        b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff",
    ],
};

/// Bytes of memory that a connection may use for a message that it reads: the message, its frame,
/// their growth by doubling, and the read buffer.
const READING: usize = 6 * FRAME_BYTES;
/// Bytes of memory for each byte of text during decoding: serde buffers values whose type it does not know yet.
const DECODING: usize = 128;

/// Runs all three readers.
pub fn run(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        if text.len() <= FRAME_BYTES {
            client(text);
        }
        server(text);
    }
    client_socket(bytes);
    // No frame and no text begins with this byte.
    if let Some(script) = bytes.strip_prefix(b"\xff") {
        client_socket(&large(script));
    }
}

/// Frames around the limits, with header, size and filling from the bytes: a small input stands for a
/// large one, as fuzzers need it.
fn large(script: &[u8]) -> Vec<u8> {
    let mut wire = Vec::new();
    for frame in script.chunks_exact(4) {
        let &[header, kind, amount, filling] = frame else {
            unreachable!("each frame has four bytes");
        };
        let (length, times) = match kind % 5 {
            0 => (usize::from(amount), 1),
            1 => (usize::from(amount) * 256, 1),
            2 => (FRAME_BYTES - 128 + usize::from(amount), 1),
            3 => (0, usize::from(amount) * 256),
            // Its stated length is the maximum, and its content is missing.
            _ => {
                wire.extend([header, 0x80 | 127]);
                wire.extend((u64::MAX >> (amount % 64)).to_be_bytes());
                continue;
            }
        };
        for _ in 0..times {
            wire.extend([header, 0x80 | 127]);
            wire.extend((length as u64).to_be_bytes());
            wire.extend([0; 4]);
            wire.resize(wire.len() + length, filling);
        }
        if wire.len() > 2 * OVERHEAD * FRAME_BYTES {
            break;
        }
    }
    wire
}

fn client_socket(bytes: &[u8]) {
    let whole = received(bytes, usize::MAX);
    // Reading in pieces gives the same result, except for a flood, which is counted by reads.
    if bytes.len() <= OVERHEAD * FRAME_BYTES {
        assert_eq!(received(bytes, 7), whole, "in pieces of seven bytes");
    }
}

/// A client's frame, as the server reads it.
fn client(text: &str) {
    let decoded = memory::within(4096 + DECODING * text.len(), || decode(text));
    assert_eq!(
        decoded.as_ref().err(),
        wrong(text, decoded.is_ok()).as_ref(),
        "the same kind of error"
    );
    if let Ok(frame) = decoded {
        let again = serde_json::to_string(&frame).expect("it encodes");
        assert_eq!(decode(&again), Ok(frame), "{again}");
    }
}

/// The expected error of a text, determined in another way: by PROTOCOL.md's table of close codes and errors.
fn wrong(text: &str, is_frame: bool) -> Option<Malformed> {
    let code = match members(text, "code").as_deref() {
        Some([Value::String(code)]) => code.clone(),
        _ => return Some(Malformed::Protocol),
    };
    let key = match members(text, "key").as_deref() {
        Some([Value::String(key)]) => Some(key.clone()),
        _ => None,
    };
    if !ClientFrame::CODES.contains(&&*code) {
        return Some(Malformed::Frame(ErrorCode::UnknownCode, key));
    }
    (!is_frame).then_some(Malformed::Frame(ErrorCode::BadFrame, key))
}

/// The values of all members with this name, if the text is a JSON object.
fn members(text: &str, name: &str) -> Option<Vec<Value>> {
    struct Named<'a>(&'a str);

    impl<'de> Visitor<'de> for Named<'_> {
        type Value = Vec<Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Value>, A::Error> {
            let mut values = Vec::new();
            while let Some(name) = map.next_key::<String>()? {
                if name == self.0 {
                    values.push(map.next_value()?);
                } else {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            Ok(values)
        }
    }

    let mut json = serde_json::Deserializer::from_str(text);
    let values = json.deserialize_map(Named(name)).ok()?;
    json.end().ok().map(|()| values)
}

/// A server's frame, as the page reads it, and as the server would write it.
fn server(text: &str) {
    let Ok(frame) = serde_json::from_str::<ServerFrame>(text) else {
        return;
    };
    let again = serde_json::to_string(&frame).expect("it encodes");
    assert_eq!(
        serde_json::from_str::<ServerFrame>(&again).ok().as_ref(),
        Some(&frame),
        "{again}"
    );

    let wire = Cursor::new(Frame::of(&frame).as_bytes().to_vec());
    let mut socket = WebSocket::from_raw_socket(ReadOnly(wire), Role::Client, None);
    assert_eq!(
        socket.read().ok(),
        Some(Message::text(again)),
        "one whole WebSocket frame"
    );

    // Twice, since duplicates are handled separately.
    let mut replica = Replica::new(RoomId::lobby(), Vec::new());
    replica.apply(frame.clone());
    replica.apply(frame);
}

/// Bytes to read; writes are discarded.
struct ReadOnly(Cursor<Vec<u8>>);

impl Read for ReadOnly {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buf)
    }
}

impl Write for ReadOnly {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Reads a client's WebSocket to its end, as a session does. Returns the hash of everything received.
fn received(bytes: &[u8], cut: usize) -> u64 {
    let (early, rest) = bytes.split_at(bytes.len().min(3));
    let early = Bytes::copy_from_slice(early);
    memory::within(READING, || {
        // Nothing in it waits: all bytes are there, and the mailbox is emptied.
        read(early, Cut { bytes: rest, cut })
            .now_or_never()
            .expect("it waits for nothing")
    })
}

async fn read(early: Bytes, rest: Cut<'_>) -> u64 {
    let mut hash = DefaultHasher::new();
    let mailbox = Arc::new(Mailbox::new(Arc::new(ConnectionHandle::new(()))));
    let mut socket = websocket(Stream::new(rest, early, mailbox.clone(), FRAME_BYTES)).await;
    while let Some(message) = socket.next().await {
        socket.get_mut().message_read();
        let end = message.is_err();
        match message {
            Ok(Message::Text(text)) => {
                assert!(text.len() <= FRAME_BYTES, "a text is within the limit");
                text.as_str().hash(&mut hash);
            }
            Ok(message) => {
                assert!(message.len() <= FRAME_BYTES, "a message is within the limit");
                (
                    message.is_binary(),
                    message.is_close(),
                    message.into_data().as_ref(),
                )
                    .hash(&mut hash);
            }
            Err(error) => error.to_string().hash(&mut hash),
        }
        for command in mailbox.take() {
            let OutboundCommand::Frame(frame) = command else {
                panic!("a socket answers with frames");
            };
            assert!(
                frame.size() <= 2 + 125,
                "a control frame is short (RFC 6455, 5.5)"
            );
            frame.as_bytes().hash(&mut hash);
        }
        if end {
            break;
        }
    }
    hash.finish()
}

/// Bytes that arrive in pieces.
struct Cut<'a> {
    bytes: &'a [u8],
    cut: usize,
}

impl AsyncRead for Cut<'_> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let length = self.cut.min(self.bytes.len()).min(buf.remaining());
        let (now, later) = self.bytes.split_at(length);
        buf.put_slice(now);
        self.bytes = later;
        Poll::Ready(Ok(()))
    }
}
