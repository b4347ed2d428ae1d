//! Which items a pack is to hold, and so how long it is and where each one stands: known before any text is read.

use upseed_model::{BoardName, Infohash, SignedItem, WorkId};

use crate::layout::{Cursor, LENGTH, MAX_COUNT, MAX_PACK};

/// Why items cannot be packed together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// None, or too many.
    #[error("{0} items; a pack has 1 to {MAX_COUNT}")]
    Count(usize),
    /// The same item, or two records with one work id.
    #[error("the item {0} is there twice")]
    Double(Infohash),
    /// Their texts need more room.
    #[error("{0} bytes; a pack has at most {MAX_PACK}")]
    TooLarge(usize),
}

/// What a plan needs to know of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planned {
    /// Its infohash, which decides the order.
    pub infohash: Infohash,
    /// Its work id.
    pub work: WorkId,
    /// Bytes of its header.
    pub header: u16,
    /// Bytes of its text.
    pub text: u32,
}

impl Planned {
    /// Of a whole item.
    pub fn of(item: &SignedItem) -> Self {
        let (infohash, work) = (item.infohash(), item.work());
        // A header has at most 2,048 bytes.
        Self { infohash, work, header: item.header().len() as u16, text: item.length() }
    }

    /// Bytes of its record.
    pub(crate) const fn size(&self) -> usize {
        LENGTH + self.header as usize + self.text as usize
    }
}

/// Items that make a pack, in the order of their infohashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    board: BoardName,
    items: Vec<Planned>,
    length: usize,
}

impl Plan {
    /// Of items of one board, in any order.
    ///
    /// # Errors
    /// If they cannot be one pack.
    pub fn new(board: BoardName, mut items: Vec<Planned>) -> Result<Self, PlanError> {
        if !(1..=MAX_COUNT).contains(&items.len()) {
            return Err(PlanError::Count(items.len()));
        }
        items.sort_unstable();
        let mut by_work: Vec<_> = items.iter().map(|item| (item.work, item.infohash)).collect();
        by_work.sort_unstable();
        if let Some(double) = by_work.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(PlanError::Double(double[1].1));
        }
        if let Some(double) = items.windows(2).find(|pair| pair[0].infohash == pair[1].infohash) {
            return Err(PlanError::Double(double[1].infohash));
        }
        let mut cursor = Cursor::new(items.len());
        for item in &items {
            cursor.place(item.size());
        }
        if cursor.end() > MAX_PACK {
            return Err(PlanError::TooLarge(cursor.end()));
        }
        Ok(Self { board, items, length: cursor.end() })
    }

    /// The board of its items.
    pub const fn board(&self) -> BoardName {
        self.board
    }

    /// The items, in the order in which they are to be put.
    pub fn items(&self) -> &[Planned] {
        &self.items
    }

    /// Bytes that its file will have: what must be free on the disk.
    pub const fn length(&self) -> usize {
        self.length
    }
}
