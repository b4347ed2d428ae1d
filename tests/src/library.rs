//! Many upvotes at once, as somebody has who has used Upseed for years: written straight into the database of a node that
//! does not run, since finding the proofs of work of as many posts would take hours.

use std::path::Path;

use upseed_model::{BoardName, Infohash, ItemDraft, Kind, Record, SecretKey, SignedItem};
use upseed_store::Store;

/// A post of somebody else's.
#[derive(Debug, Clone)]
pub struct Upvoted {
    /// What clients call it by.
    pub id: Infohash,
    /// Its text.
    pub text: String,
}

/// Gives the node in this folder, which must not be running, so many upvotes on posts of a board, and says how many of
/// the newest are to stay torrents of their own. The first one is the oldest. None of them has more work than it must.
pub fn upvote_many(data: &Path, board: &str, count: u32, newest: u32, now: u64) -> Vec<Upvoted> {
    let store = Store::open(&data.join("upseed.db")).unwrap();
    store.set_setting("client-budget", Some(&newest.to_string())).unwrap();
    let board: BoardName = board.parse().unwrap();
    let mut all = Vec::new();
    for chunk in (0..count).collect::<Vec<_>>().chunks(1_000) {
        let made = |n: &u32| {
            let mut seed = [0; 32];
            seed[..4].copy_from_slice(&(n / 50).to_be_bytes());
            let key = SecretKey::from_seed(&seed);
            let text =
                format!("Text {n}: {}\n", "words and more words ".repeat(1 + *n as usize % 40));
            let draft = ItemDraft {
                author: key.public(),
                board,
                kind: Kind::Post { title: format!("Post {n}").parse().unwrap() },
                time: now - u64::from(count - n),
                text: text.as_bytes(),
            };
            let item = SignedItem::from_bytes(&draft.puzzle(0).unwrap().solve(&key)).unwrap();
            (item, text)
        };
        // On two threads.
        let (left, right) = chunk.split_at(chunk.len() / 2);
        let mut items: Vec<_> = std::thread::scope(|scope| {
            let other = scope.spawn(|| right.iter().map(made).collect::<Vec<_>>());
            left.iter().map(made).chain(other.join().unwrap()).collect()
        });
        let records: Vec<_> = items.iter().map(|(item, _)| Record::Item(item.clone())).collect();
        let texts: Vec<_> =
            items.iter().map(|(item, text)| (item.work(), text.as_bytes())).collect();
        store.ingest_chosen(&records, &texts, now).unwrap();
        for (item, text) in items.drain(..) {
            store.wish_up_since(&item.work(), now, item.time()).unwrap();
            all.push(Upvoted { id: item.infohash(), text });
        }
    }
    all
}
