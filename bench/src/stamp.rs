//! The stamp in a message's text: who sent it, its number, and when it was due.
//!
//! Plain words that every server passes on unchanged, and that are found without parsing JSON.

const MARK: &[u8] = b"~b";
const LENGTH: usize = MARK.len() + 4 + 8 + 16;

/// The stamp of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The sender's number.
    pub sender: u16,
    /// The message's number among those of its sender, from 0.
    pub sequence: u32,
    /// When the message was due, in nanoseconds on the monotonic clock.
    pub due: u64,
}

impl Stamp {
    /// Formats the stamp as a text of `length` bytes, or longer if the stamp needs it.
    pub fn text(self, length: usize) -> String {
        let Self {
            sender,
            sequence,
            due,
        } = self;
        let mut text = format!("~b{sender:04x}{sequence:08x}{due:016x}");
        // Filled with words, in case a server inspects the text.
        while text.len() < length {
            let rest = length - text.len();
            text.push_str(&" quiet"[..rest.min(6)]);
        }
        text
    }

    /// Finds a stamp in a payload. `hint` is the position of the last stamp, which is tried first: it nearly
    /// always matches.
    pub fn find(payload: &[u8], hint: &mut usize) -> Option<Self> {
        let at = |begin: usize| {
            payload
                .get(begin..begin + LENGTH)
                .filter(|it| it.starts_with(MARK))
        };
        let bytes = match at(*hint) {
            Some(bytes) => bytes,
            None => {
                *hint = payload.windows(MARK.len()).position(|it| it == MARK)?;
                at(*hint)?
            }
        };
        let hex = |from: usize, to: usize| {
            let digits = std::str::from_utf8(&bytes[from..to]).ok()?;
            u64::from_str_radix(digits, 16).ok()
        };
        Some(Self {
            sender: u16::try_from(hex(2, 6)?).ok()?,
            sequence: u32::try_from(hex(6, 14)?).ok()?,
            due: hex(14, 30)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_is_found_anywhere_in_a_payload() {
        let stamp = Stamp {
            sender: 15,
            sequence: 70_000,
            due: 1 << 60,
        };
        let text = stamp.text(100);
        assert_eq!(text.len(), 100);
        let mut hint = 0;
        for around in ["", "{\"text\":\"", "42[\"m\",\""] {
            let payload = format!("{around}{text}\"");
            assert_eq!(Stamp::find(payload.as_bytes(), &mut hint), Some(stamp));
            assert_eq!(hint, around.len());
        }
        assert_eq!(Stamp::find(b"{\"code\":\"PONG\"}", &mut hint), None);
        assert_eq!(Stamp::find(b"~b00", &mut hint), None);
    }
}
