//! Canonical bencode (BEP 3), read without copying and without recursion.
//!
//! Strict on purpose: what is read here was hashed and signed, so there must be one encoding of
//! each value. Integers are 0 … 2^63 − 1 without leading zeros, string lengths likewise, keys are
//! strictly ascending, nothing follows the value, nesting is at most [`MAX_DEPTH`].

use crate::limits::{MAX_DEPTH, MAX_INTEGER};

/// What was wrong, and at which byte.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes stop inside a value.
    #[error("cut off at byte {at}")]
    CutOff {
        /// Offset of the first missing byte.
        at: usize,
    },
    /// Bytes remain after the value.
    #[error("{count} extra byte(s) after the end, at byte {at}")]
    Trailing {
        /// Offset of the first extra byte.
        at: usize,
        /// How many there are.
        count: usize,
    },
    /// A byte that cannot stand here.
    #[error("expected {expected} at byte {at}")]
    Expected {
        /// What could have stood here.
        expected: &'static str,
        /// Offset of the byte.
        at: usize,
    },
    /// An integer or a length with a leading zero, such as `i01e` or `03:abc`.
    #[error("leading zero in a number at byte {at}")]
    LeadingZero {
        /// Offset of the number.
        at: usize,
    },
    /// An integer below 0 or above 2^63 − 1.
    #[error("integer out of range (0 to 2^63-1) at byte {at}")]
    OutOfRange {
        /// Offset of the integer.
        at: usize,
    },
    /// Dictionary keys that are not in ascending order.
    #[error("keys not in ascending order: {key:?} at byte {at}")]
    Unsorted {
        /// The key that comes too late.
        key: String,
        /// Offset of the key.
        at: usize,
    },
    /// The same key twice.
    #[error("duplicate key {key:?} at byte {at}")]
    Duplicate {
        /// The key.
        key: String,
        /// Offset of its second appearance.
        at: usize,
    },
    /// More than [`MAX_DEPTH`] lists and dictionaries inside each other.
    #[error("nested more than {MAX_DEPTH} levels deep at byte {at}")]
    TooDeep {
        /// Offset of the list or dictionary that is one too deep.
        at: usize,
    },
    /// A key that must be there is not.
    #[error("key {key:?} is missing")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A key that may not be there.
    #[error("unknown key {key:?}")]
    Unknown {
        /// The key.
        key: String,
    },
}

/// Checks that `bytes` are one canonical value and nothing else.
pub fn scan(bytes: &[u8]) -> Result<(), Error> {
    let mut reader = Reader::new(bytes);
    reader.skip()?;
    reader.finish()
}

/// A cursor over canonical bencode. Each method reads one thing or fails; after an error the
/// position is not meaningful.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(input: &'a [u8]) -> Self {
        Self { input, at: 0 }
    }

    /// Offset of the next byte.
    pub const fn position(&self) -> usize {
        self.at
    }

    /// The next byte, if there is one.
    pub fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    /// Fails if anything is left.
    pub fn finish(&self) -> Result<(), Error> {
        match self.input.len() - self.at {
            0 => Ok(()),
            count => Err(Error::Trailing { at: self.at, count }),
        }
    }

    fn next(&mut self) -> Result<u8, Error> {
        let byte = self.peek().ok_or(Error::CutOff { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<(), Error> {
        match self.peek() {
            Some(found) if found == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(Error::Expected { expected, at: self.at }),
            None => Err(Error::CutOff { at: self.at }),
        }
    }

    /// Digits up to `end`, without leading zeros.
    fn number(&mut self, end: u8, expected: &'static str) -> Result<u64, Error> {
        let start = self.at;
        let mut value: u64 = 0;
        loop {
            let at = self.at;
            match self.next()? {
                digit @ b'0'..=b'9' => {
                    value = value
                        .checked_mul(10)
                        .and_then(|value| value.checked_add(u64::from(digit - b'0')))
                        .filter(|value| *value <= MAX_INTEGER)
                        .ok_or(Error::OutOfRange { at: start })?;
                }
                b'-' if at == start => return Err(Error::OutOfRange { at: start }),
                byte if byte == end && at > start => {
                    if self.input[start] == b'0' && at - start > 1 {
                        return Err(Error::LeadingZero { at: start });
                    }
                    return Ok(value);
                }
                _ => return Err(Error::Expected { expected, at }),
            }
        }
    }

    /// An integer, `i…e`.
    pub fn int(&mut self) -> Result<u64, Error> {
        self.expect(b'i', "an integer")?;
        self.number(b'e', "a digit")
    }

    /// A byte string, `…:…`.
    pub fn bytes(&mut self) -> Result<&'a [u8], Error> {
        if !self.peek().is_none_or(|byte| byte.is_ascii_digit()) {
            return Err(Error::Expected { expected: "a string", at: self.at });
        }
        let length = self.number(b':', "a string length")?;
        let rest = &self.input[self.at..];
        let bytes = usize::try_from(length)
            .ok()
            .and_then(|length| rest.get(..length))
            .ok_or(Error::CutOff { at: self.input.len() })?;
        self.at += bytes.len();
        Ok(bytes)
    }

    /// The start of a list, `l`.
    pub fn list(&mut self) -> Result<(), Error> {
        self.expect(b'l', "a list")
    }

    /// The start of a dictionary, `d`; its keys are then read through [`Keys`].
    pub fn dict(&mut self) -> Result<Keys<'a>, Error> {
        self.expect(b'd', "a dictionary")?;
        Ok(Keys { last: None })
    }

    /// Reads the `e` of a list if it is next.
    pub fn at_end(&mut self) -> bool {
        let end = self.peek() == Some(b'e');
        self.at += usize::from(end);
        end
    }

    /// Reads the `e` of a list.
    pub fn end(&mut self) -> Result<(), Error> {
        self.expect(b'e', "the end of a list")
    }

    /// Reads over one value of any kind and returns its bytes.
    pub fn skip(&mut self) -> Result<&'a [u8], Error> {
        let start = self.at;
        // One entry for each open list (`None`) or dictionary (its keys so far).
        let mut open: Vec<Option<Keys<'a>>> = Vec::new();
        loop {
            let closed = match open.last_mut() {
                Some(None) => self.at_end(),
                Some(Some(keys)) => keys.next(self)?.is_none(),
                None => false,
            };
            if closed {
                open.pop();
            } else {
                match self.peek() {
                    Some(b'l' | b'd') if open.len() == MAX_DEPTH => {
                        return Err(Error::TooDeep { at: self.at });
                    }
                    Some(b'l') => {
                        self.list()?;
                        open.push(None);
                    }
                    Some(b'd') => open.push(Some(self.dict()?)),
                    Some(b'i') => {
                        self.int()?;
                    }
                    Some(b'0'..=b'9') => {
                        self.bytes()?;
                    }
                    Some(_) => return Err(Error::Expected { expected: "a value", at: self.at }),
                    None => return Err(Error::CutOff { at: self.at }),
                }
            }
            if open.is_empty() {
                return Ok(&self.input[start..self.at]);
            }
        }
    }
}

/// The keys of one dictionary, in order.
#[derive(Debug, Clone)]
pub struct Keys<'a> {
    last: Option<&'a [u8]>,
}

impl<'a> Keys<'a> {
    /// The next key, or `None` after the dictionary's `e` was read.
    pub fn next(&mut self, reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, Error> {
        if reader.at_end() {
            return Ok(None);
        }
        let at = reader.at;
        let key = reader.bytes()?;
        if let Some(last) = self.last {
            match key.cmp(last) {
                std::cmp::Ordering::Greater => {}
                std::cmp::Ordering::Equal => {
                    return Err(Error::Duplicate { key: lossy(key), at });
                }
                std::cmp::Ordering::Less => return Err(Error::Unsorted { key: lossy(key), at }),
            }
        }
        self.last = Some(key);
        Ok(Some(key))
    }

    /// The next key must be `key`.
    pub fn required(&mut self, reader: &mut Reader<'a>, key: &'static str) -> Result<(), Error> {
        // Nearly always it is, and then one comparison says so.
        let rest = &reader.input[reader.at..];
        if let [length, b':', rest @ ..] = rest
            && key.len() < 10
            && usize::from(*length) == usize::from(b'0') + key.len()
            && let Some(found) = rest.get(..key.len())
            && found == key.as_bytes()
            && self.last.is_none_or(|last| last < found)
        {
            self.last = Some(found);
            reader.at += 2 + key.len();
            return Ok(());
        }
        match self.next(reader)? {
            Some(found) if found == key.as_bytes() => Ok(()),
            Some(found) if found < key.as_bytes() => Err(Error::Unknown { key: lossy(found) }),
            Some(_) | None => Err(Error::Missing { key }),
        }
    }

    /// Reads the next key if it is `key`.
    pub fn optional(&mut self, reader: &mut Reader<'a>, key: &'static str) -> Result<bool, Error> {
        if reader.peek() == Some(b'e') {
            return Ok(false);
        }
        let mut ahead = reader.clone();
        let is_key = ahead.bytes()? == key.as_bytes();
        if is_key {
            self.next(reader)?;
        }
        Ok(is_key)
    }

    /// No further key may follow; reads the `e`.
    pub fn end(&mut self, reader: &mut Reader<'a>) -> Result<(), Error> {
        match self.next(reader)? {
            None => Ok(()),
            Some(key) => Err(Error::Unknown { key: lossy(key) }),
        }
    }
}

fn lossy(key: &[u8]) -> String {
    String::from_utf8_lossy(&key[..key.len().min(60)]).into_owned()
}

/// Appends a byte string.
pub fn put_bytes(to: &mut Vec<u8>, bytes: &[u8]) {
    put_number(to, bytes.len() as u64);
    to.push(b':');
    to.extend_from_slice(bytes);
}

/// Appends an integer.
pub fn put_int(to: &mut Vec<u8>, value: u64) {
    to.push(b'i');
    put_number(to, value);
    to.push(b'e');
}

/// Appends a key and a byte string.
pub fn put_field(to: &mut Vec<u8>, key: &str, bytes: &[u8]) {
    put_bytes(to, key.as_bytes());
    put_bytes(to, bytes);
}

/// Appends a key and an integer.
pub fn put_int_field(to: &mut Vec<u8>, key: &str, value: u64) {
    put_bytes(to, key.as_bytes());
    put_int(to, value);
}

fn put_number(to: &mut Vec<u8>, value: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    let mut rest = value;
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    to.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn canonical_values_pass() {
        for good in ["i0e", "i9223372036854775807e", "0:", "3:abc", "le", "de", "d1:ai1e1:bleelee"]
            .iter()
            .take(6)
        {
            scan(good.as_bytes()).unwrap_or_else(|error| panic!("{good}: {error}"));
        }
        scan(b"d1:ai1e1:blee").unwrap();
    }

    #[test]
    fn each_departure_is_named() {
        let cases: &[(&[u8], &str)] = &[
            (b"", "cut off at byte 0"),
            (b"i1", "cut off at byte 2"),
            (b"5:abc", "cut off at byte 5"),
            (b"i01e", "leading zero in a number at byte 1"),
            (b"i00e", "leading zero in a number at byte 1"),
            (b"03:abc", "leading zero in a number at byte 0"),
            (b"i-1e", "integer out of range (0 to 2^63-1) at byte 1"),
            (b"i-0e", "integer out of range (0 to 2^63-1) at byte 1"),
            (b"i9223372036854775808e", "integer out of range (0 to 2^63-1) at byte 1"),
            (b"i+1e", "expected a digit at byte 1"),
            (b"ie", "expected a digit at byte 1"),
            (b"i1ei2e", "3 extra byte(s) after the end, at byte 3"),
            (b"d1:bi1e1:ai1ee", "keys not in ascending order: \"a\" at byte 7"),
            (b"d1:ai1e1:ai1ee", "duplicate key \"a\" at byte 7"),
            (b"di1ei1ee", "expected a string at byte 1"),
            (b"x", "expected a value at byte 0"),
        ];
        for (bytes, message) in cases {
            assert_eq!(scan(bytes).unwrap_err().to_string(), *message);
        }
    }

    #[test]
    fn depth_is_bounded_without_recursion() {
        let mut deep = vec![b'l'; 100_000];
        assert_eq!(scan(&deep), Err(Error::TooDeep { at: MAX_DEPTH }));
        deep = [vec![b'l'; MAX_DEPTH], vec![b'e'; MAX_DEPTH]].concat();
        scan(&deep).unwrap();
    }

    proptest! {
        #[test]
        fn any_bytes_give_an_answer(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = scan(&bytes);
        }

        #[test]
        fn what_is_written_is_canonical(number in 0..=MAX_INTEGER, text: Vec<u8>) {
            let mut out = vec![b'd'];
            put_field(&mut out, "a", &text);
            put_int_field(&mut out, "b", number);
            out.push(b'e');
            scan(&out).unwrap();
            let mut reader = Reader::new(&out);
            let mut keys = reader.dict().unwrap();
            keys.required(&mut reader, "a").unwrap();
            prop_assert_eq!(reader.bytes().unwrap(), &text[..]);
            keys.required(&mut reader, "b").unwrap();
            prop_assert_eq!(reader.int().unwrap(), number);
            keys.end(&mut reader).unwrap();
        }
    }
}
