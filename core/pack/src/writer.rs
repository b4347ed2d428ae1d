//! Writing a pack's file, one item after the other.

use sha1::{Digest as _, Sha1};
use upseed_model::{Infohash, SignedItem};

use crate::{
    info::{InfoError, PackInfo},
    layout::{Cursor, PAGE, id_pages},
    plan::{Plan, Planned},
    record::{RecordFault, check_text},
};

/// Why an item was not written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Another item than the plan's next one, or none where there must be one.
    #[error("the plan's next item is {expected:?}, and not {found:?}")]
    Order {
        /// What comes next.
        expected: Option<Infohash>,
        /// What was given.
        found: Option<Infohash>,
    },
    /// It is of another board.
    #[error("the item {0} is of another board")]
    Board(Infohash),
    /// Its text is not its own.
    #[error("the item {0}: {1}")]
    Text(Infohash, RecordFault),
    /// What was written is no pack: a fault of this program.
    #[error("what was written is no pack: {0}")]
    Info(#[from] InfoError),
}

/// Writes a pack. What it gives is appended to a buffer of the caller's, who empties it when it likes; the writer itself
/// keeps hashes, and no texts.
#[derive(Debug)]
pub struct PackWriter<'a> {
    plan: &'a Plan,
    next: usize,
    cursor: Cursor,
    /// What was written of the page that is not full yet: its hash and its bytes.
    page: Sha1,
    filled: usize,
    pieces: Vec<[u8; 20]>,
    table: Vec<[u8; 4]>,
}

impl<'a> PackWriter<'a> {
    /// Writes the work ids.
    pub fn new(plan: &'a Plan, out: &mut Vec<u8>) -> Self {
        let count = plan.items().len();
        let cursor = Cursor::new(count);
        let (page, pieces, table) = (Sha1::new(), Vec::new(), Vec::new());
        let mut writer = Self { plan, next: 0, cursor, page, filled: 0, pieces, table };
        for item in plan.items() {
            writer.append(item.work.as_bytes(), out);
        }
        writer.fill_to(id_pages(count) * PAGE, out);
        writer
    }

    /// Writes the plan's next item.
    ///
    /// # Errors
    /// If it is another one, or the text is not its own. Then nothing was written.
    pub fn put(
        &mut self,
        item: &SignedItem,
        text: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), WriteError> {
        let infohash = item.infohash();
        let expected = self.plan.items().get(self.next);
        if expected != Some(&Planned::of(item)) {
            let (expected, found) = (expected.map(|next| next.infohash), Some(infohash));
            return Err(WriteError::Order { expected, found });
        }
        if item.board() != self.plan.board() {
            return Err(WriteError::Board(infohash));
        }
        check_text(item, text).map_err(|fault| WriteError::Text(infohash, fault))?;
        self.next += 1;
        let header = item.header();
        let length = (header.len() as u16).to_be_bytes();
        let start = self.cursor.place(length.len() + header.len() + text.len());
        self.fill_to(start, out);
        let mut prefix = [0; 4];
        prefix.copy_from_slice(&infohash.as_bytes()[..4]);
        let pages = self.cursor.end().div_ceil(PAGE) - id_pages(self.plan.items().len());
        self.table.resize(pages, prefix);
        for part in [&length[..], header, text] {
            self.append(part, out);
        }
        Ok(())
    }

    /// The info dictionary of what was written.
    ///
    /// # Errors
    /// If an item of the plan is missing.
    pub fn finish(mut self) -> Result<PackInfo, WriteError> {
        if let Some(next) = self.plan.items().get(self.next) {
            return Err(WriteError::Order { expected: Some(next.infohash), found: None });
        }
        let length = self.pieces.len() * PAGE + self.filled;
        if self.filled > 0 {
            self.pieces.push(self.page.finalize_reset().into());
        }
        let (board, count) = (self.plan.board(), self.plan.items().len());
        let bytes = PackInfo::write(&board, count, length, &self.pieces, &self.table);
        Ok(PackInfo::from_bytes(&bytes)?)
    }

    fn append(&mut self, mut bytes: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(bytes);
        while !bytes.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(PAGE - self.filled));
            self.page.update(now);
            self.filled += now.len();
            if self.filled == PAGE {
                self.pieces.push(self.page.finalize_reset().into());
                self.filled = 0;
            }
            bytes = later;
        }
    }

    /// Zeros up to where something begins.
    fn fill_to(&mut self, start: usize, out: &mut Vec<u8>) {
        let at = self.pieces.len() * PAGE + self.filled;
        self.append(&vec![0; start - at], out);
    }
}
