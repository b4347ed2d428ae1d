//! A walk over bencode that need not be canonical: keys in any order, leading zeros, negative
//! integers, bytes after the end. Without recursion, and without believing a length.

use super::error::{MAX_DEPTH, MetainfoError};
use crate::bencode::Error;

/// Digits of a length or an integer, leading zeros included.
const MAX_DIGITS: usize = 20;

/// What stands open, and what it expects next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Open {
    List,
    Key,
    Value,
}

/// The info dictionary's bytes as they are. Whatever passes is bounded in depth, and each of its
/// lengths and integers is true.
pub(super) fn info_bytes(torrent: &[u8]) -> Result<&[u8], MetainfoError> {
    let mut walk = Walk { input: torrent, at: 0 };
    if walk.byte()? != b'd' {
        return Err(Error::Expected { expected: "a dictionary", at: 0 }.into());
    }
    let mut open = vec![Open::Key];
    let (mut info, mut begun) = (None, None);
    while let Some(top) = open.last().copied() {
        let (at, depth) = (walk.at, open.len());
        match (walk.byte()?, top) {
            (b'e', Open::List | Open::Key) => {
                open.pop();
            }
            (digit @ b'0'..=b'9', Open::Key) => {
                let key = walk.string(digit)?;
                open[depth - 1] = Open::Value;
                if depth == 1 && key == b"info" {
                    if info.is_some() {
                        return Err(Error::Duplicate { key: "info".into(), at }.into());
                    }
                    begun = Some(walk.at);
                }
                continue;
            }
            (_, Open::Key) => return Err(Error::Expected { expected: "a string", at }.into()),
            (digit @ b'0'..=b'9', _) => {
                walk.string(digit)?;
            }
            (b'i', _) => walk.integer()?,
            (b'd' | b'l', _) if depth == MAX_DEPTH => return Err(MetainfoError::TooDeep { at }),
            (b'd', _) => {
                open.push(Open::Key);
                continue;
            }
            (b'l', _) => {
                open.push(Open::List);
                continue;
            }
            _ => return Err(Error::Expected { expected: "a value", at }.into()),
        }
        // A value has ended.
        if open.last() == Some(&Open::Value) {
            let depth = open.len();
            open[depth - 1] = Open::Key;
            if depth == 1
                && let Some(start) = begun.take()
            {
                info = Some(&torrent[start..walk.at]);
            }
        }
    }
    info.ok_or_else(|| Error::Missing { key: "info" }.into())
}

struct Walk<'a> {
    input: &'a [u8],
    at: usize,
}

impl<'a> Walk<'a> {
    fn byte(&mut self) -> Result<u8, Error> {
        let byte = self.input.get(self.at).copied().ok_or(Error::CutOff { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    /// After its first digit.
    fn string(&mut self, first: u8) -> Result<&'a [u8], Error> {
        let mut length = usize::from(first - b'0');
        for _ in 0..MAX_DIGITS {
            let at = self.at;
            match self.byte()? {
                b':' => {
                    let rest = &self.input[self.at..];
                    let end = Error::CutOff { at: self.input.len() };
                    let string = rest.get(..length).ok_or(end)?;
                    self.at += length;
                    return Ok(string);
                }
                digit @ b'0'..=b'9' => {
                    // Whatever is beyond the end is as good as any other such length.
                    length = length.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
                }
                _ => return Err(Error::Expected { expected: "a string length", at }),
            }
        }
        Err(Error::Expected { expected: "a string length", at: self.at })
    }

    /// After its `i`.
    fn integer(&mut self) -> Result<(), MetainfoError> {
        let at = self.at;
        let wrong = MetainfoError::Integer { at };
        let rest = &self.input[at..];
        let bound = rest.len().min(MAX_DIGITS + 2);
        let Some(length) = rest[..bound].iter().position(|byte| *byte == b'e') else {
            let is_cut_off = bound == rest.len();
            return Err(if is_cut_off {
                Error::CutOff { at: self.input.len() }.into()
            } else {
                wrong
            });
        };
        let text = std::str::from_utf8(&rest[..length]).ok().filter(|text| !text.starts_with('+'));
        if text.and_then(|text| text.parse::<i64>().ok()).is_none() {
            return Err(wrong);
        }
        self.at += length + 1;
        Ok(())
    }
}
