//! Reading a whole pack, strictly and page by page.

use std::collections::HashSet;

use upseed_model::{Infohash, SignedItem, WorkId};

use crate::{
    info::PackInfo,
    layout::{Cursor, LENGTH, PAGE},
    record::{RecordFault, Shape, check_text},
};

/// What is wrong with a pack's file. All but [`ContentError::Page`] is a lie of whoever made the pack.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// Other bytes than the pack's: whoever sent them is at fault.
    #[error("the bytes of page {0} are not the pack's")]
    Page(usize),
    /// A page was given after the last one, or is missing.
    #[error("{found} pages, expected {expected}")]
    Pages {
        /// How many were given.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// One work id twice.
    #[error("the work id {0} is there twice")]
    Double(WorkId),
    /// Something else than zeros where nothing stands.
    #[error("bytes that are not zero where nothing stands, at byte {0}")]
    Padding(usize),
    /// A record of which something is wrong.
    #[error("the record at byte {at}: {fault}")]
    Record {
        /// Where it begins.
        at: usize,
        /// What it is.
        fault: RecordFault,
    },
    /// A record that stands elsewhere than it must.
    #[error("the record at byte {at} should begin at byte {expected}")]
    Place {
        /// Where it begins.
        at: usize,
        /// Where it should.
        expected: usize,
    },
    /// A record whose infohash is not greater than the last one's.
    #[error("the item {0} does not ascend")]
    Order(Infohash),
    /// A record that is not the one of which the id is given.
    #[error("the item {0} has another work id than the list says")]
    Id(Infohash),
    /// An item of another board.
    #[error("the item {0} is of another board")]
    Board(Infohash),
    /// The page table says otherwise.
    #[error("page {0} begins with another item than the table says")]
    Table(usize),
    /// Fewer records than ids.
    #[error("{found} records, expected {expected}")]
    Count {
        /// Records.
        found: usize,
        /// Ids.
        expected: usize,
    },
    /// Something follows the last record.
    #[error("{0} bytes after the last record")]
    Trailing(usize),
}

/// An item of a pack, with its text; both were checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Its header.
    pub item: SignedItem,
    /// Its text.
    pub text: String,
}

/// Reads a whole pack, page by page. It keeps the ids (512 KiB at most) and three pages.
#[derive(Debug)]
pub struct PackVerifier {
    info: PackInfo,
    next_page: usize,
    ids: Vec<WorkId>,
    records: usize,
    cursor: Cursor,
    last: Option<Infohash>,
    table: Vec<[u8; 4]>,
    /// What was not read yet, and where in the file it begins.
    rest: Vec<u8>,
    at: usize,
}

impl PackVerifier {
    /// Before the first page.
    pub fn new(info: PackInfo) -> Self {
        let (cursor, at) = (Cursor::new(info.count()), info.first_record_page() * PAGE);
        let (ids, table, rest) = (Vec::new(), Vec::new(), Vec::new());
        Self { info, next_page: 0, ids, records: 0, cursor, last: None, table, rest, at }
    }

    /// Takes the next page, and gives the items that it completes.
    ///
    /// # Errors
    /// Says what is wrong. Items that were given before were checked and are good.
    pub fn push(&mut self, page: &[u8]) -> Result<Vec<Packed>, ContentError> {
        if self.next_page == self.info.pages() {
            let (found, expected) = (self.next_page + 1, self.info.pages());
            return Err(ContentError::Pages { found, expected });
        }
        if !self.info.is_page(self.next_page, page) {
            return Err(ContentError::Page(self.next_page));
        }
        self.next_page += 1;
        if self.next_page <= self.info.first_record_page() {
            self.read_ids(page)?;
            return Ok(Vec::new());
        }
        self.rest.extend_from_slice(page);
        self.read_records()
    }

    /// Says whether this was all of it.
    ///
    /// # Errors
    /// If pages or records are missing, or something follows.
    pub fn finish(self) -> Result<(), ContentError> {
        if self.next_page != self.info.pages() {
            let (found, expected) = (self.next_page, self.info.pages());
            return Err(ContentError::Pages { found, expected });
        }
        if self.records != self.ids.len() {
            let (found, expected) = (self.records, self.ids.len());
            return Err(ContentError::Count { found, expected });
        }
        if !self.rest.is_empty() {
            return Err(ContentError::Trailing(self.rest.len()));
        }
        Ok(())
    }

    fn read_ids(&mut self, page: &[u8]) -> Result<(), ContentError> {
        let missing = self.info.count() - self.ids.len();
        let (ids, _) = page.as_chunks::<32>();
        let ids = &ids[..ids.len().min(missing)];
        self.ids.extend(ids.iter().copied().map(WorkId::from_bytes));
        let start = (self.next_page - 1) * PAGE;
        zeros(&page[ids.len() * 32..], start + ids.len() * 32)?;
        if self.ids.len() == self.info.count() {
            let mut seen = HashSet::with_capacity(self.ids.len());
            if let Some(double) = self.ids.iter().find(|id| !seen.insert(**id)) {
                return Err(ContentError::Double(*double));
            }
        }
        Ok(())
    }

    /// Reads as many records as there are bytes of. Their signatures are verified together.
    fn read_records(&mut self) -> Result<Vec<Packed>, ContentError> {
        let is_last_page = self.next_page == self.info.pages();
        let (mut read, mut headers, mut texts) = (0, Vec::new(), Vec::new());
        while self.records + headers.len() < self.ids.len() {
            let at = self.at + read;
            let rest = &self.rest[read..];
            // A record begins on this page or on the next one.
            let left = (PAGE - at % PAGE).min(rest.len());
            let shape = if left < LENGTH {
                Shape::End
            } else {
                Shape::of(rest).map_err(|fault| ContentError::Record { at, fault })?
            };
            let (header, text) = match shape {
                Shape::End => {
                    zeros(&rest[..left], at)?;
                    read += left;
                    if rest.len() == left {
                        break;
                    }
                    continue;
                }
                Shape::Cut => break,
                Shape::Sizes { header, text } => (header, text),
            };
            let size = LENGTH + header + text;
            if rest.len() < size && !is_last_page {
                break;
            }
            let expected = self.cursor.place(size);
            if at != expected {
                return Err(ContentError::Place { at, expected });
            }
            if rest.len() < size {
                let (found, expected) = (self.records + headers.len(), self.ids.len());
                return Err(ContentError::Count { found, expected });
            }
            headers.push(&rest[LENGTH..LENGTH + header]);
            texts.push((at, &rest[LENGTH + header..size]));
            read += size;
        }
        let mut packed = Vec::with_capacity(headers.len());
        for (item, (at, text)) in SignedItem::from_many(&headers).into_iter().zip(texts) {
            let wrong = |fault| ContentError::Record { at, fault };
            let item = item.map_err(|error| wrong(error.into()))?;
            let text = check_text(&item, text).map_err(wrong)?.to_owned();
            packed.push((at, Packed { item, text }));
        }
        for (at, Packed { item, text }) in &packed {
            let end = at + LENGTH + item.header().len() + text.len();
            self.check_item(item, end)?;
        }
        self.rest.drain(..read);
        self.at += read;
        Ok(packed.into_iter().map(|(_, packed)| packed).collect())
    }

    /// What a record is to those before it, to the ids and to the table.
    fn check_item(&mut self, item: &SignedItem, end: usize) -> Result<(), ContentError> {
        let infohash = item.infohash();
        if self.last.is_some_and(|last| last >= infohash) {
            return Err(ContentError::Order(infohash));
        }
        if item.board() != self.info.board() {
            return Err(ContentError::Board(infohash));
        }
        if self.ids[self.records] != item.work() {
            return Err(ContentError::Id(infohash));
        }
        let known = self.table.len();
        let mut prefix = [0; 4];
        prefix.copy_from_slice(&infohash.as_bytes()[..4]);
        let first = self.info.first_record_page();
        self.table.resize((end.div_ceil(PAGE) - first).max(known), prefix);
        for (page, says) in self.info.table().enumerate().skip(known).take(self.table.len() - known)
        {
            if says != prefix {
                return Err(ContentError::Table(first + page));
            }
        }
        self.last = Some(infohash);
        self.records += 1;
        Ok(())
    }
}

fn zeros(bytes: &[u8], at: usize) -> Result<(), ContentError> {
    match bytes.iter().position(|byte| *byte != 0) {
        Some(offset) => Err(ContentError::Padding(at + offset)),
        None => Ok(()),
    }
}
