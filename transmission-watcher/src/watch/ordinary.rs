//! Torrents that are not Upseed's. Other programs write some that are not canonical, and large ones:
//! the client that gets them reads them itself. Only whether one is whole matters here.

use std::io::{BufRead, BufReader, ErrorKind, Read, Result, Seek, SeekFrom};

/// Dictionaries and lists inside each other.
const MAX_DEPTH: usize = 64;

/// Digits of a number.
const MAX_DIGITS: usize = 20;

/// What bytes look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// A torrent to its last byte, perhaps with an empty line after it, without a sign of Upseed.
    Ordinary,
    /// The beginning of one.
    Begun,
    /// Anything else.
    Other,
}

/// Walks through it without keeping it. `len` is how many bytes there are.
pub(super) fn look(input: impl Read + Seek, len: u64) -> Result<Look> {
    let mut walk = Walk { input: BufReader::new(input), at: 0, len };
    match walk.torrent() {
        Ok(look) => Ok(look),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Look::Begun),
        Err(error) => Err(error),
    }
}

struct Walk<R: Read + Seek> {
    input: BufReader<R>,
    at: u64,
    len: u64,
}

impl<R: Read + Seek> Walk<R> {
    fn torrent(&mut self) -> Result<Look> {
        if self.byte()? != b'd' {
            return Ok(Look::Other);
        }
        // For each open value: whether it is a dictionary whose next string is a key.
        let mut open = vec![Some(true)];
        let (mut info, mut in_info) = (false, false);
        while let Some(top) = open.last().copied() {
            let byte = self.byte()?;
            let depth = open.len();
            let is_key = top == Some(true);
            match byte {
                b'e' if top != Some(false) => {
                    open.pop();
                    in_info &= depth > 2;
                    if let Some(Some(key)) = open.last_mut() {
                        *key = true;
                    }
                    continue;
                }
                b'0'..=b'9' => {
                    let string = self.string(byte)?;
                    let Some(string) = string else { return Ok(Look::Other) };
                    if is_key && depth == 1 {
                        in_info = string == b"info";
                        info |= in_info;
                    }
                    if is_key && depth == 2 && in_info && string == b"upseed" {
                        return Ok(Look::Other);
                    }
                    if let Some(Some(key)) = open.last_mut() {
                        *key = !is_key;
                    }
                }
                _ if is_key => return Ok(Look::Other),
                b'i' => {
                    if !self.number()? {
                        return Ok(Look::Other);
                    }
                    if let Some(Some(key)) = open.last_mut() {
                        *key = true;
                    }
                }
                b'd' | b'l' if depth < MAX_DEPTH => {
                    open.push(if byte == b'd' { Some(true) } else { None });
                }
                _ => return Ok(Look::Other),
            }
        }
        while self.at < self.len {
            if !self.byte()?.is_ascii_whitespace() {
                return Ok(Look::Other);
            }
        }
        Ok(if info { Look::Ordinary } else { Look::Other })
    }

    fn byte(&mut self) -> Result<u8> {
        let byte = self.input.fill_buf()?.first().copied().ok_or(ErrorKind::UnexpectedEof)?;
        self.input.consume(1);
        self.at += 1;
        Ok(byte)
    }

    /// After its first digit. Gives a short one, and nothing of a long one.
    fn string(&mut self, first: u8) -> Result<Option<Vec<u8>>> {
        let mut length = u64::from(first - b'0');
        for _ in 0..MAX_DIGITS {
            match self.byte()? {
                b':' => {
                    if length > self.len.saturating_sub(self.at) {
                        return Err(ErrorKind::UnexpectedEof.into());
                    }
                    self.at += length;
                    let mut short = vec![0; if length > 8 { 0 } else { length as usize }];
                    if short.is_empty() {
                        self.skip(length)?;
                    } else {
                        self.input.read_exact(&mut short)?;
                    }
                    return Ok(Some(short));
                }
                digit @ b'0'..=b'9' => {
                    let more =
                        length.checked_mul(10).and_then(|n| n.checked_add(u64::from(digit - b'0')));
                    let Some(more) = more else { return Ok(None) };
                    length = more;
                }
                _ => return Ok(None),
            }
        }
        Ok(None)
    }

    fn skip(&mut self, bytes: u64) -> Result<()> {
        match i64::try_from(bytes) {
            Ok(bytes) => self.input.seek_relative(bytes),
            Err(_) => self.input.seek(SeekFrom::End(0)).map(drop),
        }
    }

    fn number(&mut self) -> Result<bool> {
        for _ in 0..=MAX_DIGITS {
            match self.byte()? {
                b'e' => return Ok(true),
                b'-' | b'0'..=b'9' => {}
                _ => return Ok(false),
            }
        }
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn looks(bytes: &[u8]) -> Look {
        look(Cursor::new(bytes), bytes.len() as u64).unwrap()
    }

    #[test]
    fn whole_ones_and_no_others() {
        let ordinary = b"d8:announce3:abc4:infod5:filesld6:lengthi3e4:pathl1:aeee4:name1:a\
                         12:piece lengthi16384e6:pieces20:aaaaaaaaaaeeeeeeeeeeee";
        assert_eq!(looks(ordinary), Look::Ordinary);
        assert_eq!(looks(&[&ordinary[..], b"\r\n"].concat()), Look::Ordinary);
        assert_eq!(looks(&[&ordinary[..], b"x"].concat()), Look::Other);
        for end in 0..ordinary.len() {
            assert_eq!(looks(&ordinary[..end]), Look::Begun, "{end}");
        }
        let unsorted = b"d4:infod4:name1:a6:lengthi03ee8:announce3:abce";
        assert_eq!(looks(unsorted), Look::Ordinary, "not canonical, and whole");
        assert_eq!(looks(b"d4:name1:ae"), Look::Other);
        assert_eq!(looks(b"d4:infod6:upseedd1:vi1eeee"), Look::Other);
        assert_eq!(looks(b"d5:otherd6:upseedd1:vi1eee4:infod4:name1:aee"), Look::Ordinary);
        for junk in
            [&b"<html>"[..], b"di1e1:ae", b"d1:ae", b"d99999999999999999999999:a", b"d1:ai1xe"]
        {
            assert_eq!(looks(junk), Look::Other, "{}", String::from_utf8_lossy(junk));
        }
        let deep = [&b"d1:a"[..], &[b'l'; 1_000]].concat();
        assert_eq!(looks(&deep), Look::Other);
    }
}
