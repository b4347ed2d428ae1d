//! Writing statements.

use super::content::{Label, LabelTarget, Statement, TAG};
use crate::{
    bencode::{put_bytes, put_field, put_int_field},
    board::BoardName,
    key::PublicKey,
    pow::{Puzzle, SIGNATURE, finish_puzzle},
    text::ListName,
};

/// Bytes of "4:sig264:" and a signature.
const SECOND_SIGNATURE: usize = 73;

/// A statement to be written.
#[derive(Debug, Clone)]
pub struct StatementDraft {
    /// The writer.
    pub author: PublicKey,
    /// Ascending, 1 … 8; exactly one for a ballot.
    pub boards: Vec<BoardName>,
    /// Unix seconds: max(now, the slot's last + 1).
    pub time: u64,
    /// What to say.
    pub content: Statement,
}

impl StatementDraft {
    /// The statement but for its nonce and signature.
    pub fn puzzle(&self, min_bits: u8) -> Puzzle {
        let (mut slot, mut targets) = (None, None);
        let (mut labels, mut name, mut profile, mut next) = (None, None, None, None);
        match &self.content {
            Statement::Ballot { slot: s, targets: t } => {
                slot = Some(s);
                targets = Some(t.iter().flat_map(|id| *id.as_bytes()).collect::<Vec<u8>>());
            }
            Statement::Follows { slot: s, name: n, targets: t } => {
                slot = Some(s);
                name = n.as_ref().map(ListName::as_str);
                targets = Some(t.iter().flat_map(|key| *key.as_bytes()).collect());
            }
            Statement::Labels { slot: s, labels: l } => {
                slot = Some(s);
                labels = Some(l);
            }
            Statement::Profile { name: n, about, active, next: key } => {
                name = Some(n);
                next = key.as_ref();
                profile = Some((about, active));
            }
            Statement::Retraction { targets: t } => {
                targets = Some(t.iter().flat_map(|id| *id.as_bytes()).collect());
            }
            Statement::Succession { next: key } => next = key.as_ref().map(PublicKey::as_bytes),
        }

        let mut before = b"d".to_vec();
        put_field(&mut before, "author", self.author.as_bytes());
        put_boards(&mut before, "boards", &self.boards);
        if let Some(slot) = slot {
            put_field(&mut before, "device", &slot.device);
        }
        put_field(&mut before, "kind", self.content.kind().as_str().as_bytes());
        if let Some(labels) = labels {
            put_labels(&mut before, labels);
        }
        if let Some(name) = name {
            put_field(&mut before, "name", name.as_bytes());
        }
        if let Some(next) = next {
            put_field(&mut before, "next", next);
        }
        let mut after = b"e".to_vec();
        let sig_at = after.len();
        if let Some(slot) = slot {
            put_int_field(&mut after, "slot", slot.number.into());
        }
        if let Some(targets) = targets {
            put_field(&mut after, "targets", &targets);
        }
        if let Some((about, _)) = profile {
            put_field(&mut after, "text", about.as_bytes());
        }
        put_int_field(&mut after, "time", self.time);
        put_int_field(&mut after, "v", 1);
        if let Some((_, active)) = profile {
            put_boards(&mut after, "where", active);
        }
        after.push(b'e');
        let signatures = match self.content {
            Statement::Succession { next: Some(_) } => SIGNATURE + SECOND_SIGNATURE,
            _ => SIGNATURE,
        };
        finish_puzzle(TAG, before, after, sig_at, (false, min_bits), signatures)
    }
}

fn put_boards(to: &mut Vec<u8>, key: &str, boards: &[BoardName]) {
    put_bytes(to, key.as_bytes());
    to.push(b'l');
    for board in boards {
        put_bytes(to, board.as_str().as_bytes());
    }
    to.push(b'e');
}

fn put_labels(to: &mut Vec<u8>, labels: &[Label]) {
    put_bytes(to, b"labels");
    to.push(b'l');
    for label in labels {
        to.push(b'l');
        let (what, id) = match &label.target {
            LabelTarget::Item(work) => (b"i", work.as_bytes()),
            LabelTarget::Key(key) => (b"k", key.as_bytes()),
        };
        put_bytes(to, what);
        put_bytes(to, id);
        put_bytes(to, label.value.as_bytes());
        put_bytes(to, label.reason.as_bytes());
        to.push(b'e');
    }
    to.push(b'e');
}
