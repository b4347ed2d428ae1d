//! What items and statements have in common: an error type, signed bytes, and batches.

use sha2::{Digest as _, Sha256};

use crate::{
    bencode,
    board::{BoardName, BoardNameError},
    id::WorkId,
    item::{Item, SignedItem},
    key::{Claim, HashedClaim, KeyError, PublicKey},
    limits::{MAX_BITS, MAX_TIME, MIN_TIME},
    pow::{self, Proof},
    statement::{SignedStatement, Statement},
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
    #[error("{bytes} bytes are too many for {what}: at most {max} are allowed")]
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
    /// The record's hash does not show the work to which it commits.
    #[error(
        "too little proof of work: it commits to {committed} bits, but its hash has only \
             {shown}"
    )]
    FalseWork {
        /// Bits in the record.
        committed: u8,
        /// Leading zero bits of its hash.
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

/// An item or a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A post or a comment.
    Item(SignedItem),
    /// A ballot, follows, labels, a profile or a retraction.
    Statement(SignedStatement),
}

impl Record {
    /// Checks everything that can be checked from the bytes alone.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let (record, claim) = Self::parse(bytes)?;
        if claim.verify() { Ok(record) } else { Err(RecordError::Signature) }
    }

    /// [`Record::from_bytes`] of many, with the signatures verified together: several times as
    /// fast, and each result is the same as alone.
    pub fn from_many<B: AsRef<[u8]>>(many: &[B]) -> Vec<Result<Self, RecordError>> {
        let mut claims = Vec::with_capacity(many.len());
        let parse = |bytes: &B| {
            let (record, claim) = Self::parse(bytes.as_ref())?;
            claims.push(claim.hashed());
            Ok(record)
        };
        let mut results: Vec<_> = many.iter().map(parse).collect();
        let well_formed = results.iter_mut().filter(|result| result.is_ok());
        for (result, valid) in well_formed.zip(HashedClaim::verify_all(&claims)) {
            if !valid {
                *result = Err(RecordError::Signature);
            }
        }
        results
    }

    /// Reads a record that was verified when it was stored; the signature is not looked at again.
    pub fn from_bytes_unchecked(bytes: &[u8]) -> Result<Self, RecordError> {
        Self::parse(bytes).map(|(record, _)| record)
    }

    fn parse(bytes: &[u8]) -> Result<(Self, Claim), RecordError> {
        // A statement's first key is "author"; an info dictionary has none.
        if bytes.starts_with(b"d6:author") {
            let (statement, claim) = Statement::parse(bytes)?;
            Ok((Self::Statement(statement), claim))
        } else {
            let (item, claim) = Item::parse(bytes)?;
            Ok((Self::Item(item), claim))
        }
    }

    /// The bytes as they were received.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Item(item) => item.header(),
            Self::Statement(statement) => statement.bytes(),
        }
    }

    /// The record's id in sets.
    pub fn work(&self) -> WorkId {
        match self {
            Self::Item(item) => item.work(),
            Self::Statement(statement) => statement.work(),
        }
    }

    /// Unix seconds, as signed.
    pub fn time(&self) -> u64 {
        match self {
            Self::Item(item) => item.time(),
            Self::Statement(statement) => statement.time(),
        }
    }

    /// Who signed it.
    pub fn author(&self) -> PublicKey {
        match self {
            Self::Item(item) => item.author(),
            Self::Statement(statement) => statement.author(),
        }
    }

    /// The bits of work it commits to.
    pub fn bits(&self) -> u8 {
        match self {
            Self::Item(item) => item.proof().bits,
            Self::Statement(statement) => statement.proof().bits,
        }
    }

    /// The boards in whose sets it is.
    pub fn boards(&self) -> &[BoardName] {
        match self {
            Self::Item(item) => std::slice::from_ref(item.board_ref()),
            Self::Statement(statement) => statement.boards(),
        }
    }
}

/// Signed bytes: the tag and the record without its signature; and their hash.
pub(crate) fn signed_bytes(
    tag: &[u8],
    record: &[u8],
    sig: std::ops::Range<usize>,
) -> (Vec<u8>, WorkId) {
    let message = [tag, &record[..sig.start], &record[sig.end..]].concat();
    let work = WorkId::from_bytes(Sha256::digest(&message).into());
    (message, work)
}

/// The value of `pow`: a list of bits and nonce.
pub(crate) fn read_proof(reader: &mut bencode::Reader<'_>) -> Result<Proof, RecordError> {
    reader.list()?;
    let bits = reader.int()?;
    let nonce = reader.int()?;
    reader.end()?;
    match u8::try_from(bits) {
        Ok(bits) if bits <= MAX_BITS => Ok(Proof { bits, nonce }),
        _ => {
            Err(RecordError::Value { key: "pow", why: format!("{bits} bits, at most {MAX_BITS}") })
        }
    }
}

pub(crate) fn check_work(
    proof: Proof,
    work: &WorkId,
    bytes: usize,
    post: bool,
) -> Result<(), RecordError> {
    let required = pow::required_bits(bytes, post);
    if proof.bits < required {
        return Err(RecordError::LittleWork { committed: proof.bits, required });
    }
    let shown = pow::leading_zero_bits(work);
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
