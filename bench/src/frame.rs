//! Reads and writes WebSocket frames (RFC 6455, section 5.2) for the load client and the baselines: whole
//! frames, no fragments.

/// The opcode of a text message.
pub const TEXT: u8 = 0x1;
/// The opcode of a close frame.
pub const CLOSE: u8 = 0x8;
/// The opcode of a ping, which must be answered.
pub const PING: u8 = 0x9;
/// The opcode of the answer to a ping.
pub const PONG: u8 = 0xa;

const FIN: u8 = 0x80;
const MASKED: u8 = 0x80;
/// Clients must mask frames. The key does not affect the server's cost, so it need not be random.
const KEY: [u8; 4] = [0x5a, 0xc3, 0x17, 0x9e];

/// The header of the first frame in a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// The frame's opcode.
    pub opcode: u8,
    /// The payload's offset and length, in bytes.
    pub payload: (usize, usize),
    /// The masking key of a client's frame.
    pub key: Option<[u8; 4]>,
}

impl Head {
    /// Reads a header, or returns `None` if it is incomplete.
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

    /// Returns the size of the whole frame, in bytes.
    pub fn size(&self) -> usize {
        self.payload.0 + self.payload.1
    }
}

/// Builds a server's frame.
pub fn of_server(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), 0);
    frame.extend_from_slice(payload);
    frame
}

/// Builds a client's frame, which is masked.
pub fn of_client(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = header(opcode, payload.len(), MASKED);
    frame.extend_from_slice(&KEY);
    let begin = frame.len();
    frame.extend_from_slice(payload);
    mask(&mut frame[begin..], KEY);
    frame
}

/// Masks or unmasks a payload.
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
    fn an_incomplete_header_is_not_read() {
        let frame = of_client(TEXT, &[b'x'; 300]);
        for length in 0..8 {
            assert_eq!(Head::read(&frame[..length]), None);
        }
        assert!(Head::read(&frame[..8]).is_some());
    }
}
