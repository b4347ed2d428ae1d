//! Names of boards, and where their members meet.

use std::{fmt, str::FromStr};

use sha2::{Digest as _, Sha256};

use crate::{id::Infohash, limits::MAX_BOARD};

/// A board's name: `[a-z0-9][a-z0-9-]{0,39}`. Held inline, so that parsing a header allocates
/// nothing for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct BoardName {
    length: u8,
    bytes: [u8; MAX_BOARD],
}

/// Why a text is not a board's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a board name: use 1 to 40 of a-z, 0-9 and \"-\", not beginning with \"-\"")]
pub struct BoardNameError(String);

impl BoardName {
    /// The board that a first `run` joins.
    pub fn upseed() -> Self {
        let mut bytes = [0; MAX_BOARD];
        bytes[..6].copy_from_slice(b"upseed");
        Self { length: 6, bytes }
    }

    /// Checks the name's form.
    pub fn from_bytes(name: &[u8]) -> Result<Self, BoardNameError> {
        let letter = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let good = (1..=MAX_BOARD).contains(&name.len())
            && letter(&name[0])
            && name.iter().all(|byte| letter(byte) || *byte == b'-');
        if !good {
            let shown = &name[..name.len().min(60)];
            return Err(BoardNameError(String::from_utf8_lossy(shown).into_owned()));
        }
        let mut bytes = [0; MAX_BOARD];
        bytes[..name.len()].copy_from_slice(name);
        Ok(Self { length: name.len() as u8, bytes })
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        // Only ASCII letters, digits and "-" get in.
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// Where members of the board meet: the first 20 bytes of SHA-256, not SHA-1, because a string
    /// with a known SHA-1 could be offered to libtorrent as the swarm's metadata.
    pub fn rendezvous(&self) -> Infohash {
        rendezvous(b"upseed:1:board:", self.as_str().as_bytes())
    }
}

pub(crate) fn rendezvous(tag: &[u8], name: &[u8]) -> Infohash {
    let digest = Sha256::new_with_prefix(tag).chain_update(name).finalize();
    let mut bytes = [0; 20];
    bytes.copy_from_slice(&digest[..20]);
    Infohash::from_bytes(bytes)
}

impl PartialOrd for BoardName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for BoardName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl fmt::Display for BoardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for BoardName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BoardName({self})")
    }
}

impl FromStr for BoardName {
    type Err = BoardNameError;
    fn from_str(name: &str) -> Result<Self, BoardNameError> {
        Self::from_bytes(name.as_bytes())
    }
}

impl serde::Serialize for BoardName {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for BoardName {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        for good in ["a", "0", "upseed", "a-b-", &"x".repeat(40)] {
            assert_eq!(good.parse::<BoardName>().unwrap().as_str(), good);
        }
        for bad in ["", "-a", "A", "a_b", "ä", "a b", &"x".repeat(41)] {
            assert!(bad.parse::<BoardName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn order_is_that_of_the_names() {
        let [a, ab, b] = ["a", "ab", "b"].map(|name| name.parse::<BoardName>().unwrap());
        assert!(a < ab && ab < b);
    }
}
