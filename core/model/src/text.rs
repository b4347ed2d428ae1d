//! Rules for the texts people write: bodies, titles, names, reasons.

use std::fmt;

use crate::limits::{MAX_NAME, MAX_TEXT, MAX_TITLE};

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Nothing there.
    #[error("the {what} is empty")]
    Empty {
        /// Which text.
        what: &'static str,
    },
    /// Too many bytes.
    #[error("the {what} has {bytes} bytes; at most {max} are allowed")]
    TooLong {
        /// Which text.
        what: &'static str,
        /// Its size in bytes of UTF-8.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// Saved as UTF-16, as some editors do.
    #[error("the {what} is UTF-16: save it as UTF-8")]
    Utf16 {
        /// Which text.
        what: &'static str,
    },
    /// Not UTF-8.
    #[error("the {what} is not UTF-8 text (byte {at})")]
    NotUtf8 {
        /// Which text.
        what: &'static str,
        /// Offset of the first bad byte.
        at: usize,
    },
    /// U+0000 in a body.
    #[error("the {what} contains a NUL character (byte {at})")]
    Nul {
        /// Which text.
        what: &'static str,
        /// Its offset.
        at: usize,
    },
    /// A character that is not allowed in one-line texts.
    #[error("the {what} contains the character U+{code:04X}, which is not allowed there")]
    Forbidden {
        /// Which text.
        what: &'static str,
        /// The character's code point.
        code: u32,
    },
    /// One of the two hashes in the header is another text's.
    #[error("the two hashes in the header are not of the same text")]
    Mismatch,
    /// A space at either end.
    #[error("the {what} begins or ends with a space")]
    Space {
        /// Which text.
        what: &'static str,
    },
}

/// Checks the body of an item: 1 … 65,536 bytes of UTF-8 without NUL.
pub fn check_body(bytes: &[u8]) -> Result<&str, TextError> {
    let what = "text";
    if bytes.is_empty() {
        return Err(TextError::Empty { what });
    }
    if bytes.len() > MAX_TEXT {
        return Err(TextError::TooLong { what, bytes: bytes.len(), max: MAX_TEXT });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => TextError::Utf16 { what },
        _ => TextError::NotUtf8 { what, at: error.valid_up_to() },
    })?;
    match bytes.iter().position(|byte| *byte == 0) {
        Some(at) => Err(TextError::Nul { what, at }),
        None => Ok(text),
    }
}

/// U+FEFF as UTF-8: what some editors put in front of a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A text without the byte order mark in front of it: as it is to be published.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// Whether a character does something where a text is shown instead of being shown: controls, line and paragraph
/// separators, bidirectional embeddings and overrides, byte order marks.
pub fn is_acting(character: char) -> bool {
    matches!(u32::from(character), 0..=0x1f | 0x7f..=0x9f | 0x2028..=0x202e | 0x2066..=0x2069 | 0xfeff)
}

/// Whether nothing of a text is to be seen: it is of spaces, zero-width characters and the like. A record may have such a
/// title or name; whoever shows it says so.
pub fn is_blank(text: &str) -> bool {
    // Unicode's Default_Ignorable_Code_Point, and what fonts draw empty.
    let is_empty = |c: char| {
        matches!(u32::from(c), 0xad | 0x34f | 0x61c | 0x115f..=0x1160 | 0x17b4..=0x17b5 | 0x180b..=0x180f
            | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164 | 0xfe00..=0xfe0f | 0xfeff | 0xffa0
            | 0xfff0..=0xfff8 | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0xe0fff)
    };
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_empty(c))
}

/// Checks a one-line text (title, name, reason): no controls, no line or paragraph separators, no
/// bidirectional embedding or override, no byte order mark, no U+0020 at either end.
pub fn check_line<'a>(
    what: &'static str,
    bytes: &'a [u8],
    max: usize,
) -> Result<&'a str, TextError> {
    if bytes.len() > max {
        return Err(TextError::TooLong { what, bytes: bytes.len(), max });
    }
    let text = std::str::from_utf8(bytes)
        .map_err(|error| TextError::NotUtf8 { what, at: error.valid_up_to() })?;
    if let Some(found) = text.chars().find(|c| is_acting(*c)) {
        return Err(TextError::Forbidden { what, code: found.into() });
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(TextError::Space { what });
    }
    Ok(text)
}

macro_rules! line {
    ($(#[$doc:meta])* $type:ident, $what:literal, $max:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $type(Box<str>);

        impl $type {
            /// Checks the bytes.
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, TextError> {
                if bytes.is_empty() {
                    return Err(TextError::Empty { what: $what });
                }
                Ok(Self(check_line($what, bytes, $max)?.into()))
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $type {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::from_bytes(text.as_bytes())
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($type), self.0)
            }
        }
    };
}

line! {
    /// A post's title: 1 … 300 bytes, checked by [`check_line`].
    Title, "title", MAX_TITLE
}

line! {
    /// A starter list's name: 1 … 64 bytes, checked by [`check_line`].
    ListName, "list's name", MAX_NAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shows_nothing_is_blank() {
        for blank in
            ["", " ", "\u{200b}\u{2060}", "\u{3164}", "\u{2800}\u{ad}", "\u{fe0f}\u{e0041}"]
        {
            assert!(is_blank(blank), "{blank:?}");
        }
        for seen in ["a", "\u{200b}é", "史", "👩\u{200d}🚀", "."] {
            assert!(!is_blank(seen), "{seen:?}");
        }
    }

    #[test]
    fn bodies() {
        assert_eq!(check_body("grüß\nGott\t".as_bytes()).unwrap(), "grüß\nGott\t");
        assert!(check_body(&vec![b'a'; MAX_TEXT]).is_ok());
        let message = |bytes: &[u8]| check_body(bytes).unwrap_err().to_string();
        assert_eq!(message(b""), "the text is empty");
        assert_eq!(message(b"a\0"), "the text contains a NUL character (byte 1)");
        assert_eq!(message(b"a\xff"), "the text is not UTF-8 text (byte 1)");
        assert_eq!(message(b"\xff\xfea\0"), "the text is UTF-16: save it as UTF-8");
        assert_eq!(message(b"\xfe\xff\0a"), "the text is UTF-16: save it as UTF-8");
        assert_eq!(without_mark("\u{feff}a".as_bytes()), b"a");
        assert_eq!(without_mark("a\u{feff}".as_bytes()), "a\u{feff}".as_bytes());
        assert!(message(&vec![b'a'; MAX_TEXT + 1]).contains("at most 65536"));
    }

    #[test]
    fn titles() {
        for good in ["a", "two words", "日本語", "e\u{301}", "👩‍👩‍👧", &"x".repeat(300)]
        {
            assert_eq!(good.parse::<Title>().unwrap().as_str(), good);
        }
        for bad in ["", " a", "a ", "a\nb", "a\u{202e}b", "\u{feff}a", "a\u{85}", "a\u{2067}b"] {
            assert!(bad.parse::<Title>().is_err(), "{bad:?}");
        }
        assert!("x".repeat(301).parse::<Title>().is_err());
        assert!("x".repeat(64).parse::<ListName>().is_ok());
        let name = "x".repeat(65).parse::<ListName>().unwrap_err().to_string();
        assert_eq!(name, "the list's name has 65 bytes; at most 64 are allowed");
    }
}
