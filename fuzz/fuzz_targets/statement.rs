//! A statement that is accepted is canonical and keeps its bytes; its content can be written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use upseed_model::{SignedStatement, StatementDraft, bencode, limits::MAX_STATEMENT};

fuzz_target!(|bytes: &[u8]| {
    match SignedStatement::from_bytes_unchecked(bytes) {
        Ok(statement) => {
            assert_eq!(statement.bytes(), bytes);
            assert!(bytes.len() <= MAX_STATEMENT);
            bencode::scan(bytes).unwrap();
            let _ = statement.slot_key();
            assert!(!statement.replaces(&statement));
            let draft = StatementDraft {
                author: statement.author(),
                boards: statement.boards().to_vec(),
                time: statement.time(),
                content: statement.content().clone(),
            };
            assert!(draft.puzzle(0).bits() <= statement.proof().bits + 1);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let _ = SignedStatement::from_bytes(bytes);
});
