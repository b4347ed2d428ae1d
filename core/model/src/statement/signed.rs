//! Statements that were checked, and what replaces what.

use std::sync::Arc;

use super::content::{Slot, Statement, TAG};
use super::fields::Fields;
use super::kind::StatementKind;
use crate::{
    bencode,
    board::BoardName,
    id::WorkId,
    key::{Claim, PublicKey},
    limits::MAX_STATEMENT,
    pow::Proof,
    signed::{RecordError, check_work, unsupported},
};

/// What the newest statement of a kind replaces.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SlotKey {
    /// Who.
    pub author: PublicKey,
    /// About what.
    pub kind: StatementKind,
    /// Ascending.
    pub boards: Vec<BoardName>,
    /// Of list statements.
    pub slot: Option<Slot>,
    /// Of retractions and successions, which are final: each one stands for itself.
    pub itself: Option<WorkId>,
}

/// A statement whose form, work and signature were checked. A value of this type is the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedStatement {
    bytes: Arc<[u8]>,
    work: WorkId,
    author: PublicKey,
    boards: Vec<BoardName>,
    time: u64,
    proof: Proof,
    content: Statement,
}

impl SignedStatement {
    /// Checks a statement: form, time, work and signature.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, RecordError> {
        let (statement, claim) = Statement::parse(bytes)?;
        if claim.verify() { Ok(statement) } else { Err(RecordError::Signature) }
    }

    /// Reads a statement that was verified when it was stored.
    pub fn from_bytes_unchecked(bytes: &[u8]) -> Result<Self, RecordError> {
        Statement::parse(bytes).map(|(statement, _)| statement)
    }

    /// The bytes as they were received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the signed bytes.
    pub const fn work(&self) -> WorkId {
        self.work
    }

    /// Who says it.
    pub const fn author(&self) -> PublicKey {
        self.author
    }

    /// The boards in whose sets it is, ascending.
    pub fn boards(&self) -> &[BoardName] {
        &self.boards
    }

    /// Unix seconds, as the author says.
    pub const fn time(&self) -> u64 {
        self.time
    }

    /// The work it commits to.
    pub const fn proof(&self) -> Proof {
        self.proof
    }

    /// Committed bits beyond what its size asks for.
    pub fn spare_bits(&self) -> u8 {
        self.proof.spare_bits(self.bytes.len(), false)
    }

    /// What it says.
    pub const fn content(&self) -> &Statement {
        &self.content
    }

    /// What it replaces.
    pub fn slot_key(&self) -> SlotKey {
        let (slot, itself) = match &self.content {
            Statement::Ballot { slot, .. }
            | Statement::Follows { slot, .. }
            | Statement::Labels { slot, .. } => (Some(*slot), None),
            Statement::Profile { .. } => (None, None),
            Statement::Retraction { .. } | Statement::Succession { .. } => (None, Some(self.work)),
        };
        let kind = self.content.kind();
        SlotKey { author: self.author, kind, boards: self.boards.clone(), slot, itself }
    }

    /// Whether this one replaces `other`, which has the same slot key: the newest (time, work id).
    pub fn replaces(&self, other: &Self) -> bool {
        (self.time, self.work) > (other.time, other.work)
    }
}

impl Statement {
    /// Reads and checks everything but the signature.
    pub(crate) fn parse(bytes: &[u8]) -> Result<(SignedStatement, Claim), RecordError> {
        let (fields, statement) = Self::read(bytes).map_err(|error| diagnose(bytes, error))?;
        let (author, time, proof) = (fields.author, fields.time, fields.proof);
        let message = fields.uncovered.message(TAG, bytes);
        let work = fields.uncovered.id(TAG, bytes);
        check_work(proof, &work, bytes.len(), false)?;
        let second = match statement {
            Statement::Succession { next } => next.zip(fields.second),
            _ => None,
        };
        let claim = Claim { author, signature: fields.signature, second, message };
        let (boards, bytes) = (fields.boards, bytes.into());
        let content = statement;
        Ok((SignedStatement { bytes, work, author, boards, time, proof, content }, claim))
    }

    fn read(bytes: &[u8]) -> Result<(Fields<'_>, Self), RecordError> {
        if bytes.len() > MAX_STATEMENT {
            let (what, bytes, max) = ("a statement", bytes.len(), MAX_STATEMENT);
            return Err(RecordError::TooLarge { what, bytes, max });
        }
        let fields = Fields::read(bytes)?;
        let content = fields.content()?;
        Ok((fields, content))
    }
}

/// A clearer word for bytes that are not canonical at all, and for a statement that a later version may understand,
/// whatever else is wrong with it here.
fn diagnose(bytes: &[u8], error: RecordError) -> RecordError {
    match bencode::scan(bytes) {
        Ok(()) => {
            let kinds = StatementKind::ALL.map(StatementKind::as_str);
            unsupported(bytes, &kinds).unwrap_or(error)
        }
        Err(error) => error.into(),
    }
}
