//! Names of things: infohash, work id, and the link that binds both.

use std::{fmt, str::FromStr};

use data_encoding::HEXLOWER_PERMISSIVE;

/// Why a text is not the hex form of an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} hex digits, found {found:?}")]
pub struct ParseIdError {
    expected: usize,
    found: String,
}

pub(crate) fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], ParseIdError> {
    let error = || ParseIdError { expected: N * 2, found: text.chars().take(100).collect() };
    if text.len() != N * 2 {
        return Err(error());
    }
    let mut bytes = [0; N];
    HEXLOWER_PERMISSIVE.decode_mut(text.as_bytes(), &mut bytes).map_err(|_| error())?;
    Ok(bytes)
}

pub(crate) fn write_hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $bytes;

            /// Takes the bytes as they are: every value is possible.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// From a slice, or `None` if its length differs.
            pub fn from_slice(bytes: &[u8]) -> Option<Self> {
                Some(Self(bytes.try_into().ok()?))
            }

            /// The bytes.
            pub const fn as_bytes(&self) -> &[u8; $bytes] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map(Self)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'_, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
hex_id! {
    /// SHA-1 of an info dictionary (BEP 3): what BitTorrent and people call an item by.
    Infohash, 20
}

hex_id! {
    /// SHA-256 of a record's signed bytes: what integrity rests on, and the record's id in sets.
    WorkId, 32
}

/// A reference from one item to another: BitTorrent finds it by the infohash, integrity rests on
/// the work id. 52 bytes on the wire, the infohash first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Finds the torrent.
    pub infohash: Infohash,
    /// Proves the item.
    pub work: WorkId,
}

impl Link {
    /// Length in bytes: 20 + 32.
    pub const LEN: usize = 52;

    /// The 52 bytes of the wire form.
    pub fn to_bytes(self) -> [u8; Self::LEN] {
        let mut bytes = [0; Self::LEN];
        bytes[..20].copy_from_slice(self.infohash.as_bytes());
        bytes[20..].copy_from_slice(self.work.as_bytes());
        bytes
    }

    /// From the wire form, or `None` if the length is not 52.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let (infohash, work) = bytes.split_at_checked(20)?;
        Some(Self { infohash: Infohash::from_slice(infohash)?, work: WorkId::from_slice(work)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_goes_both_ways_and_wrong_lengths_are_named() {
        let text = "00112233445566778899aabbccddeeff00112233";
        let id: Infohash = text.parse().unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(text.to_uppercase().parse::<Infohash>().unwrap(), id);
        let error = "0011".parse::<Infohash>().unwrap_err().to_string();
        assert_eq!(error, "expected 40 hex digits, found \"0011\"");
        assert!("zz112233445566778899aabbccddeeff00112233".parse::<Infohash>().is_err());
    }

    #[test]
    fn a_link_is_infohash_then_work_id() {
        let link =
            Link { infohash: Infohash::from_bytes([1; 20]), work: WorkId::from_bytes([2; 32]) };
        assert_eq!(Link::from_slice(&link.to_bytes()), Some(link));
        assert_eq!(Link::from_slice(&[0; 51]), None);
    }
}
