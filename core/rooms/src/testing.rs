//! What this crate's own tests begin with.

use rand::{SeedableRng as _, rngs::StdRng};
use upseed_model::{ItemDraft, Kind, SecretKey, SignedItem, text::Title};
use upseed_store::Store;

use crate::{context::Context, time::Time};

/// An empty store, and the same numbers as always for chance.
pub(crate) fn context(now: u64) -> Context {
    let store = Store::open_in_memory().unwrap();
    let mut cx = Context::new(Box::new(store), StdRng::seed_from_u64(1));
    cx.time = Time::at(now);
    cx
}

/// A post of the author of this seed.
pub(crate) fn post(seed: u8, title: &[u8], text: &[u8], time: u64) -> SignedItem {
    let key = SecretKey::from_seed(&[seed; 32]);
    let kind = Kind::Post { title: Title::from_bytes(title).unwrap() };
    let (author, board) = (key.public(), upseed_model::BoardName::upseed());
    let puzzle = ItemDraft { author, board, kind, time, text }.puzzle(0).unwrap();
    let nonce = puzzle.search(0, u64::MAX >> 1).unwrap();
    SignedItem::from_bytes(&puzzle.sign(nonce, &key)).unwrap()
}
