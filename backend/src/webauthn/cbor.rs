//! Parses as much of CBOR (RFC 8949) as authenticators write: the canonical form of CTAP2, which has only definite lengths. Nothing
//! is copied or reserved: the parsed items are slices of the received bytes.

/// Maximum nesting of maps and arrays. CTAP2 allows four.
const DEPTH: u8 = 8;

/// Reports input that cannot be parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// Reads one item after another.
#[derive(Clone)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

const UNSIGNED: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

impl<'a> Reader<'a> {
    /// Creates a reader at the beginning of the bytes.
    #[must_use]
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Returns the bytes that have not been read.
    #[must_use]
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Reads `count` raw bytes.
    pub fn take(&mut self, count: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    /// Reads `N` raw bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        self.take(N)?.try_into().map_err(|_| Malformed)
    }

    /// Reads an integer.
    pub fn int(&mut self) -> Result<i64, Malformed> {
        let (major, value) = self.head()?;
        let value = i64::try_from(value).map_err(|_| Malformed)?;
        match major {
            UNSIGNED => Ok(value),
            NEGATIVE => Ok(-1 - value),
            _ => Err(Malformed),
        }
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        self.string(BYTES)
    }

    /// Reads a text string.
    pub fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.string(TEXT)?).map_err(|_| Malformed)
    }

    /// Reads the head of a map, and returns the number of its pairs.
    pub fn map(&mut self) -> Result<u64, Malformed> {
        match self.head()? {
            (MAP, pairs) => Ok(pairs),
            _ => Err(Malformed),
        }
    }

    /// Skips an item of any type.
    pub fn skip(&mut self) -> Result<(), Malformed> {
        self.skip_within(DEPTH)
    }

    fn skip_within(&mut self, depth: u8) -> Result<(), Malformed> {
        let depth = depth.checked_sub(1).ok_or(Malformed)?;
        let (major, value) = self.head()?;
        let items = match major {
            BYTES | TEXT => {
                self.take(usize::try_from(value).map_err(|_| Malformed)?)?;
                0
            }
            ARRAY => value,
            MAP => value.checked_mul(2).ok_or(Malformed)?,
            TAG => 1,
            _ => 0,
        };
        // Each item has at least one byte: a false count ends with the received bytes.
        for _ in 0..items {
            self.skip_within(depth)?;
        }
        Ok(())
    }

    fn string(&mut self, kind: u8) -> Result<&'a [u8], Malformed> {
        match self.head()? {
            (major, length) if major == kind => self.take(usize::try_from(length).map_err(|_| Malformed)?),
            _ => Err(Malformed),
        }
    }

    /// Reads the major type of the next item, and its argument.
    fn head(&mut self) -> Result<(u8, u64), Malformed> {
        let [first] = self.array()?;
        let value = match first & 0x1f {
            small @ 0..=23 => u64::from(small),
            24 => u64::from(self.array::<1>()?[0]),
            25 => u64::from(u16::from_be_bytes(self.array()?)),
            26 => u64::from(u32::from_be_bytes(self.array()?)),
            27 => u64::from_be_bytes(self.array()?),
            _ => return Err(Malformed),
        };
        Ok((first >> 5, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn items_of_rfc_8949_are_read() {
        assert_eq!(Reader::new(&[0x0a]).int(), Ok(10));
        assert_eq!(Reader::new(&[0x19, 0x03, 0xe8]).int(), Ok(1000));
        assert_eq!(Reader::new(&[0x39, 0x03, 0xe7]).int(), Ok(-1000));
        assert_eq!(Reader::new(&[0x44, 1, 2, 3, 4]).bytes(), Ok(&[1, 2, 3, 4][..]));
        assert_eq!(Reader::new(&[0x62, 0xc3, 0xbc]).text(), Ok("ü"));
        assert_eq!(Reader::new(&[0xa1, 0x61, b'a', 0x01]).map(), Ok(1));
    }

    #[test]
    fn what_is_passed_over_is_passed_over_whole() {
        // {"a": [1, -2, h'00'], "b": 1.5, "c": 0("x")}, and then 7.
        let mut reader = Reader::new(&[
            0xa3, 0x61, b'a', 0x83, 1, 0x21, 0x41, 0, 0x61, b'b', 0xf9, 0x3e, 0, 0x61, b'c', 0xc0, 0x61,
            b'x', 7,
        ]);
        assert_eq!(reader.skip(), Ok(()));
        assert_eq!(reader.int(), Ok(7));
        assert!(reader.rest().is_empty());
    }

    #[test]
    fn lies_and_depths_without_end_are_refused() {
        for lie in [
            &[0x5b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff][..],
            &[0xbb, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            &[0x9f, 0xff],
            &[0x1c],
            &[],
            &[0x81; 100_000],
        ] {
            assert_eq!(Reader::new(lie).skip(), Err(Malformed));
        }
        assert_eq!(
            Reader::new(&[0x1b, 0xff, 0, 0, 0, 0, 0, 0, 0]).int(),
            Err(Malformed)
        );
        assert_eq!(Reader::new(&[0x61, 0xff]).text(), Err(Malformed));
    }

    proptest! {
        #[test]
        fn nonsense_is_read_to_an_end_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes);
            while !reader.rest().is_empty() {
                let before = reader.rest().len();
                if reader.skip().is_err() {
                    break;
                }
                prop_assert!(reader.rest().len() < before);
            }
        }
    }
}
