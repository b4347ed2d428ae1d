//! Many upvotes at once, as somebody has who has used Upseed for years: written straight into the database of a node that
//! does not run.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Link, Record, SecretKey, SignedItem, WorkId,
};
use upseed_store::Store;

/// Somebody else's comment: that takes a quarter of a post's work.
#[derive(Debug, Clone)]
pub struct Upvoted {
    /// What clients call it by.
    pub id: Infohash,
    /// Its text.
    pub text: String,
    item: SignedItem,
}

/// So many comments of a board, one second after the other, the last one at `now`. Two threads find their work.
///
/// # Panics
/// If the board's name is none.
pub fn comments(board: &str, count: u32, now: u64) -> Vec<Upvoted> {
    let board: BoardName = board.parse().unwrap();
    let thread =
        Link { infohash: Infohash::from_bytes([7; 20]), work: WorkId::from_bytes([7; 32]) };
    let made = |n: u32| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&(n / 50).to_be_bytes());
        let key = SecretKey::from_seed(&seed);
        let text = format!("Text {n}: {}\n", "words and more words ".repeat(1 + n as usize % 40));
        let draft = ItemDraft {
            author: key.public(),
            board,
            kind: Kind::Comment { parent: thread, root: thread },
            time: now - u64::from(count - n),
            text: text.as_bytes(),
        };
        let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
        Upvoted { id: item.infohash(), text, item }
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| (count / 2..count).map(made).collect::<Vec<_>>());
        let first: Vec<_> = (0..count / 2).map(made).collect();
        first.into_iter().chain(other.join().unwrap()).collect()
    })
}

/// Has the node in this folder, which must not be running, upvote these, the first one first, and says how many of the
/// newest are to stay torrents of their own.
///
/// # Panics
/// If there is no database of a node.
pub fn upvote_all(data: &Path, all: &[Upvoted], newest: u32, now: u64) {
    let store = Store::open(&data.join("upseed.db")).unwrap();
    store.set_setting("client-budget", Some(&newest.to_string())).unwrap();
    for some in all.chunks(1_000) {
        let records: Vec<_> = some.iter().map(|it| Record::Item(it.item.clone())).collect();
        let texts: Vec<_> = some.iter().map(|it| (it.item.work(), it.text.as_bytes())).collect();
        store.ingest_chosen(&records, &texts, now).unwrap();
        for it in some {
            store.wish_up_since(&it.item.work(), now, it.item.time()).unwrap();
        }
    }
}
