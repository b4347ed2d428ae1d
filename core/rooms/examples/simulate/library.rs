//! All records and texts of a simulated board, each once for all nodes: a node knows them by number.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, RwLock},
};

use upseed_model::{
    BoardName, Infohash, ItemDraft, Kind, Record, SecretKey, SignedItem, WorkId, sync::day_of,
    text::Title,
};

/// Bytes of a text.
pub const TEXT: usize = 600;

/// One post.
pub struct Entry {
    pub item: SignedItem,
    pub text: Vec<u8>,
}

#[derive(Default)]
pub struct Library {
    /// In the order in which they were written, so ascending by time.
    entries: Vec<Arc<Entry>>,
    by_work: HashMap<WorkId, usize>,
    by_infohash: HashMap<Infohash, usize>,
    /// Numbers by (time, work id), for each day.
    days: BTreeMap<u64, Vec<(u64, WorkId, usize)>>,
}

pub type Shared = Arc<RwLock<Library>>;

impl Library {
    /// Writes a post with the work that every post shows, and gives its number.
    pub fn write(&mut self, time: u64) -> usize {
        let number = self.entries.len();
        let mut text = format!("What post {number} says. ").into_bytes();
        text.resize(TEXT, b'.');
        let key = SecretKey::from_seed(&[(number % 250) as u8 + 1; 32]);
        let title = Title::from_bytes(format!("Post {number}").as_bytes()).expect("a plain title");
        let draft = ItemDraft {
            author: key.public(),
            board: BoardName::upseed(),
            kind: Kind::Post { title },
            time,
            text: &text,
        };
        let puzzle = draft.puzzle(0).expect("a plain post");
        let nonce = puzzle.search(0, u64::MAX >> 1).expect("some nonce will do");
        let item = SignedItem::from_bytes(&puzzle.sign(nonce, &key)).expect("what we wrote");
        self.by_work.insert(item.work(), number);
        self.by_infohash.insert(item.infohash(), number);
        let day = self.days.entry(day_of(time)).or_default();
        let row = (time, item.work(), number);
        day.insert(day.partition_point(|other| *other < row), row);
        self.entries.push(Arc::new(Entry { item, text }));
        number
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn entry(&self, number: usize) -> Arc<Entry> {
        Arc::clone(&self.entries[number])
    }

    pub fn record(&self, number: usize) -> Record {
        Record::Item(self.entries[number].item.clone())
    }

    pub fn number(&self, work: &WorkId) -> Option<usize> {
        self.by_work.get(work).copied()
    }

    pub fn by_infohash(&self, infohash: &Infohash) -> Option<usize> {
        self.by_infohash.get(infohash).copied()
    }

    pub fn day(&self, day: u64) -> &[(u64, WorkId, usize)] {
        self.days.get(&day).map_or(&[], Vec::as_slice)
    }
}

/// A set of numbers.
#[derive(Default)]
pub struct Numbers {
    words: Vec<u64>,
}

impl Numbers {
    /// False if it was there.
    pub fn insert(&mut self, number: usize) -> bool {
        if self.words.len() <= number / 64 {
            self.words.resize(number / 64 + 1, 0);
        }
        let is_new = !self.contains(number);
        self.words[number / 64] |= 1 << (number % 64);
        is_new
    }

    pub fn contains(&self, number: usize) -> bool {
        self.words.get(number / 64).is_some_and(|word| word & (1 << (number % 64)) != 0)
    }

    /// Whether all numbers below this one are there.
    pub fn has_all_below(&self, end: usize) -> bool {
        let word = |at: usize| self.words.get(at).copied().unwrap_or(0);
        let last = (1 << (end % 64)) - 1;
        (0..end / 64).all(|at| word(at) == u64::MAX) && word(end / 64) & last == last
    }

    /// Those that are in this set and not in the other one, the greatest first.
    pub fn without<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = usize> + 'a {
        let words = (0..self.words.len()).rev();
        words.flat_map(|at| {
            let mut word = self.words[at] & !other.words.get(at).copied().unwrap_or(0);
            std::iter::from_fn(move || {
                let bit = word.checked_ilog2()?;
                word ^= 1 << bit;
                Some(at * 64 + bit as usize)
            })
        })
    }
}
