//! What items and statements have in common: an error type, signed bytes, and what is read the same.

use std::ops::Range;

use sha2::{Digest as _, Sha256};

use crate::{
    bencode,
    board::BoardNameError,
    id::WorkId,
    key::KeyError,
    limits::{MAX_BITS, MAX_TIME, MIN_TIME},
    pow::{self, Proof},
    text::TextError,
};

/// Why bytes are not a valid record. A record is valid by its own bytes alone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// Not canonical bencode, or other keys than the format's.
    #[error("not a canonical Upseed record: {0}")]
    Bencode(#[from] bencode::Error),
    /// An info dictionary of somebody else's torrent.
    #[error("an ordinary torrent, not an Upseed item: its info dictionary has no key \"upseed\"")]
    Ordinary,
    /// An info dictionary with a file list.
    #[error("the torrent has several files (key \"files\"); an Upseed item has exactly one")]
    SeveralFiles,
    /// `private` is set, so that nobody could find it.
    #[error("the torrent has the private flag; an Upseed item is never private")]
    Private,
    /// More bytes than any valid record has.
    #[error("{bytes} bytes are too many for {what}; at most {max} are allowed")]
    TooLarge {
        /// What was read.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// The limit.
        max: usize,
    },
    /// A key with a value that the format does not allow.
    #[error("the key {key:?} is wrong: {why}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it should have been.
        why: String,
    },
    /// A text that breaks its rules.
    #[error("{0}")]
    Text(#[from] TextError),
    /// A board's name that breaks its rules.
    #[error("{0}")]
    Board(#[from] BoardNameError),
    /// A key that no careful signer makes.
    #[error("the author's key is wrong: {0}")]
    Key(#[from] KeyError),
    /// A time outside the format's range.
    #[error("the time {0} is outside {MIN_TIME} to 2^40")]
    Time(u64),
    /// The record commits to less work than its size asks for.
    #[error(
        "too little proof of work: it commits to {committed} bits, its size requires \
             {required}"
    )]
    LittleWork {
        /// Bits in the record.
        committed: u8,
        /// Bits asked for.
        required: u8,
    },
    /// The hash of the record's id and nonce does not show the work to which it commits.
    #[error(
        "too little proof of work: it commits to {committed} bits, but its hash has only \
             {shown}"
    )]
    FalseWork {
        /// Bits in the record.
        committed: u8,
        /// Leading zero bits of the hash.
        shown: u32,
    },
    /// The signature is not the author's over these bytes.
    #[error("the signature is wrong: these are not the bytes that the author signed")]
    Signature,
    /// A later version or an unknown kind: not a lie, only beyond this program.
    #[error("made with a newer version of Upseed ({what} is {found}): upgrade to read it")]
    Unsupported {
        /// `v` or `kind`.
        what: &'static str,
        /// What stands there.
        found: String,
    },
}

impl RecordError {
    /// True for records that a later version may well understand: neither kept nor a lie.
    pub const fn is_unsupported(&self) -> bool {
        matches!(self, Self::Unsupported { .. })
    }
}

/// Where in a record stands what its signature or its id does not cover.
#[derive(Debug, Clone)]
pub(crate) struct Uncovered {
    /// The nonce, an integer of bencode.
    pub nonce: Range<usize>,
    /// The keys of signatures, with their values.
    pub sig: Range<usize>,
}

impl Uncovered {
    /// What is signed: the tag and the record without signatures.
    pub fn message(&self, tag: &[u8], record: &[u8]) -> Vec<u8> {
        [tag, &record[..self.sig.start], &record[self.sig.end..]].concat()
    }

    /// The hash of the tag and the record without nonce and signatures.
    pub fn id(&self, tag: &[u8], record: &[u8]) -> WorkId {
        let hash = Sha256::new_with_prefix(tag)
            .chain_update(&record[..self.nonce.start])
            .chain_update(&record[self.nonce.end..self.sig.start])
            .chain_update(&record[self.sig.end..]);
        WorkId::from_bytes(hash.finalize().into())
    }
}

/// The value of `pow`, a list of bits and nonce, and where the nonce stands.
pub(crate) fn read_proof(
    reader: &mut bencode::Reader<'_>,
) -> Result<(Proof, Range<usize>), RecordError> {
    reader.list()?;
    let bits = reader.int()?;
    let start = reader.position();
    let nonce = reader.int()?;
    let at = start..reader.position();
    reader.end()?;
    match u8::try_from(bits) {
        Ok(bits) if bits <= MAX_BITS => Ok((Proof { bits, nonce }, at)),
        _ => {
            Err(RecordError::Value { key: "pow", why: format!("{bits} bits, at most {MAX_BITS}") })
        }
    }
}

/// Says that a later version may understand a record, if so: its own dictionary has another `v`, or this one's with a
/// `kind` that is none of `kinds`. Whatever else is wrong with the record does not matter then. The bytes are canonical.
pub(crate) fn unsupported(fields: &[u8], kinds: &[&str]) -> Option<RecordError> {
    let mut reader = bencode::Reader::new(fields);
    let mut keys = reader.dict().ok()?;
    let (mut version, mut kind) = (None, None);
    while let Some(key) = keys.next(&mut reader).ok()? {
        match key {
            b"v" => version = Some(reader.int().ok()?),
            b"kind" if matches!(reader.peek(), Some(b'0'..=b'9')) => {
                kind = Some(reader.bytes().ok()?)
            }
            _ => drop(reader.skip().ok()?),
        }
    }
    let found = |what, found: String| Some(RecordError::Unsupported { what, found });
    match (version?, kind) {
        (1, Some(kind)) if !kinds.iter().any(|known| known.as_bytes() == kind) => {
            found("kind", String::from_utf8_lossy(&kind[..kind.len().min(40)]).into_owned())
        }
        (1, _) => None,
        (other, _) => found("v", other.to_string()),
    }
}

pub(crate) fn check_work(
    proof: Proof,
    id: &WorkId,
    bytes: usize,
    post: bool,
) -> Result<(), RecordError> {
    let required = pow::required_bits(bytes, post);
    if proof.bits < required {
        return Err(RecordError::LittleWork { committed: proof.bits, required });
    }
    let shown = pow::shown_bits(id, proof.nonce);
    if shown < u32::from(proof.bits) {
        return Err(RecordError::FalseWork { committed: proof.bits, shown });
    }
    Ok(())
}

pub(crate) fn check_time(time: u64) -> Result<u64, RecordError> {
    if (MIN_TIME..=MAX_TIME).contains(&time) { Ok(time) } else { Err(RecordError::Time(time)) }
}

/// A byte string of exactly `N` bytes.
pub(crate) fn read_array<const N: usize>(
    reader: &mut bencode::Reader<'_>,
    key: &'static str,
) -> Result<[u8; N], RecordError> {
    let bytes = reader.bytes()?;
    bytes.try_into().map_err(|_| RecordError::Value {
        key,
        why: format!("{} bytes, expected {N}", bytes.len()),
    })
}
