//! Statements as they lie in their slots: one author's statements of one kind on the same boards are
//! neighbours.

use rusqlite::Connection;
use upseed_model::{
    BoardName, PublicKey, SignedStatement, Statement, StatementKind, WorkId, statement::SlotKey,
};

use super::names::key_of;
use crate::values::error::StoreError;

/// The bytes of a slot key: author, kind, boards, device and number (or the statement's own work
/// id), so that one author's statements of one kind on the same boards are neighbours.
pub fn slot_bytes(key: &SlotKey) -> Vec<u8> {
    let mut bytes = slot_prefix(&key.author, key.kind, &key.boards);
    if let Some(slot) = &key.slot {
        bytes.extend_from_slice(&slot.device);
        bytes.push(slot.number);
    }
    if let Some(work) = &key.itself {
        bytes.extend_from_slice(work.as_bytes());
    }
    bytes
}

/// What the slots of all statements of one author and kind on the same boards begin with.
pub fn slot_prefix(author: &PublicKey, kind: StatementKind, boards: &[BoardName]) -> Vec<u8> {
    let mut bytes = kind_prefix(author, kind);
    for board in boards {
        bytes.extend_from_slice(board.as_str().as_bytes());
        bytes.push(b',');
    }
    bytes.push(0);
    bytes
}

/// What the slots of all statements of one author and kind begin with.
pub fn kind_prefix(author: &PublicKey, kind: StatementKind) -> Vec<u8> {
    [author.as_bytes(), kind.as_str().as_bytes(), &[0]].concat()
}

/// Whether a slot names this board, of which slot what follows [`kind_prefix`] is given.
pub fn is_on(rest: &[u8], board: &BoardName) -> bool {
    let boards = rest.split(|byte| *byte == 0).next().unwrap_or_default();
    boards.split(|byte| *byte == b',').any(|name| name == board.as_str().as_bytes())
}

/// What a ballot votes for; nothing if it is none.
pub fn targets(ballot: Option<&SignedStatement>) -> &[WorkId] {
    match ballot.map(SignedStatement::content) {
        Some(Statement::Ballot { targets, .. }) => targets,
        _ => &[],
    }
}

/// Reads a statement's row.
pub fn parse(bytes: &[u8]) -> Result<SignedStatement, StoreError> {
    SignedStatement::from_bytes_unchecked(bytes)
        .map_err(|error| StoreError::record("statements", &error))
}

/// All current statements of one author and kind.
pub fn of(
    db: &Connection,
    author: &PublicKey,
    kind: StatementKind,
) -> Result<Vec<SignedStatement>, StoreError> {
    with_prefix(db, kind_prefix(author, kind))
}

/// All current statements of the author with this number.
pub fn by(db: &Connection, author: i64) -> Result<Vec<SignedStatement>, StoreError> {
    let key = key_of(db, author)?;
    let (start, mut end) = (key.as_bytes().to_vec(), key.as_bytes().to_vec());
    end.push(u8::MAX);
    between(db, &start, &end)
}

/// Statements whose slots begin with this, by slot.
pub fn with_prefix(db: &Connection, prefix: Vec<u8>) -> Result<Vec<SignedStatement>, StoreError> {
    let (start, end) = range(prefix);
    between(db, &start, &end)
}

/// The slots that begin with this are from the first on, and before the second.
pub fn range(prefix: Vec<u8>) -> (Vec<u8>, Vec<u8>) {
    // Every prefix ends in 0, so the next possible prefix is the same with a 1.
    let mut end = prefix.clone();
    if let Some(last) = end.last_mut() {
        *last += 1;
    }
    (prefix, end)
}

fn between(db: &Connection, start: &[u8], end: &[u8]) -> Result<Vec<SignedStatement>, StoreError> {
    let mut select = db.prepare_cached(
        "SELECT bytes FROM statements WHERE slot >= ?1 AND slot < ?2 ORDER BY slot",
    )?;
    let mut rows = select.query([start, end])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(parse(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?);
    }
    Ok(found)
}
