//! Records of either kind, and batches of them.

use crate::{
    board::BoardName,
    id::WorkId,
    item::{Item, SignedItem},
    key::{Claim, HashedClaim, PublicKey},
    statement::{SignedStatement, Statement},
};

pub use crate::signed::RecordError;

/// An item or a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// A post or a comment.
    Item(SignedItem),
    /// A ballot, follows, labels, a profile, a retraction or a succession.
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
        let (mut claims, mut claimed) = (Vec::with_capacity(many.len()), Vec::new());
        let parse = |(index, bytes): (usize, &B)| {
            let (record, claim) = Self::parse(bytes.as_ref())?;
            claims.extend(claim.hashed());
            claimed.resize(claims.len(), index);
            Ok(record)
        };
        let mut results: Vec<_> = many.iter().enumerate().map(parse).collect();
        for (index, valid) in claimed.into_iter().zip(HashedClaim::verify_all(&claims)) {
            if !valid {
                results[index] = Err(RecordError::Signature);
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

impl SignedItem {
    /// [`SignedItem::from_bytes`] of many, with the signatures verified together.
    pub fn from_many<B: AsRef<[u8]>>(headers: &[B]) -> Vec<Result<Self, RecordError>> {
        Record::from_many(headers)
            .into_iter()
            .map(|record| match record? {
                Record::Item(item) => Ok(item),
                Record::Statement(_) => Err(RecordError::Ordinary),
            })
            .collect()
    }
}
