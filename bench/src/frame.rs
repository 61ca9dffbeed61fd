//! WebSocket frames (RFC 6455, section 5.2) as a client and a floor need them: whole frames, no fragments.

/// A text message.
pub const TEXT: u8 = 0x1;
/// The end.
pub const CLOSE: u8 = 0x8;
/// A sign of life that wants an answer.
pub const PING: u8 = 0x9;
/// The answer.
pub const PONG: u8 = 0xa;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// A client has to mask. Which key costs a server the same, so it need not be random here.
const KEY: [u8; 4] = [0x5a, 0xc3, 0x17, 0x9e];

/// What comes first in a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// The frame's kind.
    pub opcode: u8,
    /// Where its payload begins, and how long it is.
    pub payload: (usize, usize),
    /// The client's mask.
    pub key: Option<[u8; 4]>,
}

impl Head {
    /// Reads a header, if all of it is there.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let (length, mut at) = match second & !MASKED {
            126 => (
                u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
                4,
            ),
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 10),
            length => (u64::from(length), 2),
        };
        let mut key = None;
        if second & MASKED != 0 {
            key = Some(bytes.get(at..at + 4)?.try_into().ok()?);
            at += 4;
        }
        Some(Self {
            opcode: first & 0xf,
            payload: (at, usize::try_from(length).ok()?),
            key,
        })
    }

    /// How many bytes the frame has in all.
    pub fn size(&self) -> usize {
        self.payload.0 + self.payload.1
    }
}

/// A frame of a server.
pub fn of_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), 0);
    frame.extend_from_slice(payload);
    frame
}

/// A frame of a client.
pub fn of_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), MASKED);
    frame.extend_from_slice(&KEY);
    let begin = frame.len();
    frame.extend_from_slice(payload);
    mask(&mut frame[begin..], KEY);
    frame
}

/// Masks, or takes the mask off.
pub fn mask(payload: &mut [u8], key: [u8; 4]) {
    for (byte, key) in payload.iter_mut().zip(key.iter().cycle()) {
        *byte ^= key;
    }
}

fn header(opcode: u8, length: usize, masked: u8) -> Vec<u8> {
    let mut header = Vec::with_capacity(length + 14);
    header.push(FIN | opcode);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length @ 0..=125), _) => header.push(masked | length),
        (_, Ok(length)) => {
            header.push(masked | 126);
            header.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            header.push(masked | 127);
            header.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_each_length_reads_as_it_was_written() {
        for length in [0, 1, 125, 126, 65_535, 65_536] {
            let payload = vec![b'x'; length];
            let served = of_server(TEXT, &payload);
            let head = Head::read(&served).expect("a whole header");
            assert_eq!((head.opcode, head.size(), head.key), (TEXT, served.len(), None));
            let mut asked = of_client(PONG, &payload);
            let head = Head::read(&asked).expect("a whole header");
            assert_eq!((head.opcode, head.size()), (PONG, asked.len()));
            let begin = head.payload.0;
            mask(&mut asked[begin..], head.key.expect("a client masks"));
            assert_eq!(asked[begin..], payload);
        }
    }

    #[test]
    fn half_a_header_is_none() {
        let frame = of_client(TEXT, &[b'x'; 300]);
        for length in 0..8 {
            assert_eq!(Head::read(&frame[..length]), None);
        }
        assert!(Head::read(&frame[..8]).is_some());
    }
}
