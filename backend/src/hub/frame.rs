//! A frame as it is sent: encoded once, shared by all connections that it is sent to.

use bytes::{BufMut, Bytes, BytesMut};
use snug_shared::{
    messages::Logged,
    wire::{MessageReceived, ServerFrame},
};

/// A whole, unmasked WebSocket frame (RFC 6455, section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame(Bytes);

const TEXT: u8 = 0x1;
const BINARY: u8 = 0x2;
const CLOSE: u8 = 0x8;
const PING: u8 = 0x9;
/// The FIN bit: no fragment follows.
const FIN: u8 = 0x80;

impl Frame {
    /// Encodes a text frame of the protocol.
    #[must_use]
    pub fn of(frame: &ServerFrame) -> Self {
        Self::text(&serde_json::to_vec(frame).expect("a frame is made of strings and numbers"))
    }

    /// Encodes an entry of a room's log, delivered while `count` users are online in the room.
    #[must_use]
    pub fn of_entry(entry: Logged, count: usize) -> Self {
        Self::of(&match entry {
            Logged::Said(message) => ServerFrame::MessageReceived(MessageReceived { message, count }),
            Logged::Deleted(deleted) => ServerFrame::Deleted(deleted),
        })
    }

    /// Encodes a text message.
    #[must_use]
    pub fn text(utf8: &[u8]) -> Self {
        Self::encode(TEXT, utf8)
    }

    /// Encodes a binary message. Snug's protocol has none.
    #[must_use]
    pub fn binary(bytes: &[u8]) -> Self {
        Self::encode(BINARY, bytes)
    }

    /// Encodes a ping without payload.
    #[must_use]
    pub fn ping() -> Self {
        Self::encode(PING, &[])
    }

    /// Encodes a close frame.
    #[must_use]
    pub fn close(code: u16) -> Self {
        Self::encode(CLOSE, &code.to_be_bytes())
    }

    /// Wraps frames that are encoded already.
    #[must_use]
    pub fn encoded(bytes: &[u8]) -> Self {
        Self(Bytes::copy_from_slice(bytes))
    }

    /// Returns the encoded bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the number of encoded bytes.
    #[must_use]
    pub fn size(&self) -> usize {
        self.0.len()
    }

    fn encode(opcode: u8, payload: &[u8]) -> Self {
        let mut bytes = BytesMut::with_capacity(payload.len() + 10);
        bytes.put_u8(FIN | opcode);
        match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
            (Ok(length @ 0..=125), _) => bytes.put_u8(length),
            (_, Ok(length)) => {
                bytes.put_u8(126);
                bytes.put_u16(length);
            }
            _ => {
                bytes.put_u8(127);
                bytes.put_u64(payload.len() as u64);
            }
        }
        bytes.put_slice(payload);
        Self(bytes.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_takes_one_three_or_nine_bytes() {
        let header = |length| Frame::encode(TEXT, &vec![b'x'; length]).as_bytes()[..10.min(length)].to_vec();
        assert_eq!(header(125)[..2], [0x81, 125]);
        assert_eq!(header(126)[..4], [0x81, 126, 0, 126]);
        assert_eq!(header(65_535)[..4], [0x81, 126, 0xff, 0xff]);
        assert_eq!(header(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(Frame::close(1000).as_bytes(), [0x88, 2, 3, 0xe8]);
    }
}
