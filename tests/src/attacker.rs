//! One person with a thousand keys, who all upvote one post.
#![allow(clippy::missing_panics_doc)]

use std::net::SocketAddr;

use upseed_model::{
    BoardName, ItemDraft, Kind, SecretKey, SignedItem, SignedStatement, Statement, StatementDraft,
    statement::Slot,
};

use crate::Stranger;

/// Somebody who owns this many keys, and one more that writes.
#[derive(Debug, Clone, Copy)]
pub struct Attacker {
    /// Keys that vote.
    pub keys: u32,
}

impl Attacker {
    fn key(number: u32) -> SecretKey {
        let mut seed = [b'x'; 32];
        seed[..4].copy_from_slice(&number.to_be_bytes());
        SecretKey::from_seed(&seed)
    }

    /// The post that is to be seen by everybody, on the board "upseed".
    pub fn post(self, time: u64) -> SignedItem {
        let (author, board) = (Self::key(u32::MAX), BoardName::upseed());
        let kind = Kind::Post { title: "Everybody loves this".parse().expect("a title") };
        let draft = ItemDraft { author: author.public(), board, kind, time, text: b"Junk.\n" };
        let puzzle = draft.puzzle(0).expect("a valid draft");
        SignedItem::from_bytes(&puzzle.solve(&author)).expect("a valid item")
    }

    /// Pushes the post and a ballot of each key for it over `up_sync` at this node, until it is dropped.
    pub fn push(self, victim: SocketAddr, post: &SignedItem) -> Stranger {
        let ballots = (0..self.keys).map(|number| {
            let slot = Slot { device: [1; 4], number: 0 };
            let content = Statement::Ballot { slot, targets: vec![post.work()] };
            let key = Self::key(number);
            let (boards, time) = (vec![post.board()], post.time());
            let draft = StatementDraft { author: key.public(), boards, time, content };
            let ballot = SignedStatement::from_bytes(&draft.puzzle(0).solve(&key));
            ballot.expect("a valid ballot").bytes().to_vec()
        });
        let records: Vec<Vec<u8>> =
            std::iter::once(post.header().to_vec()).chain(ballots).collect();
        let frames: Vec<Vec<u8>> = records.chunks(200).map(frame).collect();
        Stranger::start(victim, move |sent| frames.get(sent).cloned())
    }
}

/// The frame `records`.
fn frame(records: &[Vec<u8>]) -> Vec<u8> {
    let mut frame = b"d4:listl".to_vec();
    for record in records {
        frame.extend(format!("{}:", record.len()).into_bytes());
        frame.extend(record);
    }
    frame.extend(b"e1:m7:recordse");
    frame
}
