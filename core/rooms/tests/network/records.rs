//! Real records: each takes its proof of work, so they are made once and kept beside the build.

use std::{fs, path::PathBuf};

use upseed_model::{
    BoardName, Record, SecretKey, SignedStatement, Statement, StatementDraft, statement::Slot,
};

use super::START;

/// The same statements always, so many.
pub fn records(count: u64) -> Vec<Record> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("records");
    fs::create_dir_all(&path).unwrap();
    (0..count).map(|n| record(n, &path.join(format!("{START}-{n}")))).collect()
}

fn record(n: u64, path: &PathBuf) -> Record {
    let kept = fs::read(path).ok().and_then(|bytes| SignedStatement::from_bytes(&bytes).ok());
    if let Some(statement) = kept {
        return Record::Statement(statement);
    }
    let key = SecretKey::from_seed(&[7; 32]);
    let slot = Slot { device: (n as u32 / 256).to_be_bytes(), number: n as u8 };
    let draft = StatementDraft {
        author: key.public(),
        boards: vec![BoardName::upseed()],
        time: START - 60 - n * 600,
        content: Statement::Follows { slot, name: None, targets: Vec::new() },
    };
    let puzzle = draft.puzzle(0);
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    let bytes = puzzle.sign(nonce, &key);
    // Whole or not at all: other tests may read it.
    let part = path.with_extension(std::process::id().to_string());
    fs::write(&part, &bytes).unwrap();
    fs::rename(part, path).unwrap();
    Record::Statement(SignedStatement::from_bytes(&bytes).unwrap())
}
