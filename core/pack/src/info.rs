//! A pack's info dictionary.

use std::{fmt::Write as _, ops::Range, sync::Arc};

use sha1::{Digest as _, Sha1};
use sha2::Sha256;
use upseed_model::{
    BoardName, Infohash,
    bencode::{self, Reader, put_bytes, put_field, put_int_field},
    board::BoardNameError,
};

use crate::layout::{MAX_COUNT, MAX_INFO, MAX_PACK, PAGE, id_pages};

const NAME_TAG: &[u8] = b"upseed:1:pack\0";

/// Why bytes are not a pack's info dictionary.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InfoError {
    /// Not canonical bencode, or other keys than the format's.
    #[error("not a canonical pack: {0}")]
    Bencode(#[from] bencode::Error),
    /// More bytes than any has.
    #[error(
        "an info dictionary of {0} bytes is too large for a pack; at most {MAX_INFO} are allowed"
    )]
    TooLarge(usize),
    /// A key with a value that the format does not allow.
    #[error("the key {key:?} is wrong: {why}")]
    Value {
        /// The key.
        key: &'static str,
        /// What it should have been.
        why: String,
    },
    /// A board's name that breaks its rules.
    #[error("{0}")]
    Board(#[from] BoardNameError),
    /// A later version or another kind.
    #[error("made with a newer version of Upseed ({what} is {found}): upgrade to read it")]
    Unsupported {
        /// `v` or `kind`.
        what: &'static str,
        /// What stands there.
        found: String,
    },
}

/// A pack's info dictionary, whose form was checked. What its file holds is another question: see
/// [`PackVerifier`](crate::PackVerifier).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackInfo {
    bytes: Arc<[u8]>,
    infohash: Infohash,
    board: BoardName,
    count: u32,
    length: u32,
    name: Range<usize>,
    pieces: Range<usize>,
    table: Range<usize>,
}

impl PackInfo {
    /// Reads and checks it.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InfoError> {
        if bytes.len() > MAX_INFO {
            return Err(InfoError::TooLarge(bytes.len()));
        }
        let r = &mut Reader::new(bytes);
        let mut info = r.dict()?;
        info.required(r, "length")?;
        let length = number(r, "length", 1..=MAX_PACK)?;
        let before_name = r.position();
        info.required(r, "name")?;
        let name = slice(r)?;
        let name_key = before_name..r.position();
        info.required(r, "piece length")?;
        number(r, "piece length", PAGE..=PAGE)?;
        info.required(r, "pieces")?;
        let pieces = slice(r)?;
        let pages = length.div_ceil(PAGE);
        size("pieces", &pieces, pages * 20)?;
        info.required(r, "upseed")?;
        let mut upseed = r.dict()?;
        upseed.required(r, "board")?;
        let board = BoardName::from_bytes(r.bytes()?)?;
        upseed.required(r, "count")?;
        let count = number(r, "count", 1..=MAX_COUNT)?;
        upseed.required(r, "kind")?;
        match r.bytes()? {
            b"pack" => {}
            other => {
                let found = String::from_utf8_lossy(&other[..other.len().min(40)]).into_owned();
                return Err(InfoError::Unsupported { what: "kind", found });
            }
        }
        upseed.required(r, "pages")?;
        let table = slice(r)?;
        let Some(with_records) = pages.checked_sub(id_pages(count)).filter(|pages| *pages > 0)
        else {
            let why = format!("{length}, which leaves no room for records after {count} ids");
            return Err(InfoError::Value { key: "length", why });
        };
        size("pages", &table, with_records * 4)?;
        if !bytes[table.clone()].chunks_exact(4).is_sorted() {
            return Err(InfoError::Value { key: "pages", why: "they do not ascend".into() });
        }
        upseed.required(r, "v")?;
        match r.int()? {
            1 => {}
            other => {
                return Err(InfoError::Unsupported { what: "v", found: other.to_string() });
            }
        }
        upseed.end(r)?;
        info.end(r)?;
        r.finish()?;
        let expected = file_name(&board, &[&bytes[..name_key.start], &bytes[name_key.end..]]);
        if bytes[name.clone()] != *expected.as_bytes() {
            let why = "it does not follow from the other keys".into();
            return Err(InfoError::Value { key: "name", why });
        }
        let infohash = Infohash::from_bytes(Sha1::digest(bytes).into());
        let (count, length) = (count as u32, length as u32);
        let bytes = bytes.into();
        Ok(Self { bytes, infohash, board, count, length, name, pieces, table })
    }

    /// Writes one, of what a file was found to be.
    pub(crate) fn write(
        board: &BoardName,
        count: usize,
        length: usize,
        pieces: &[[u8; 20]],
        table: &[[u8; 4]],
    ) -> Vec<u8> {
        let mut before = b"d".to_vec();
        put_int_field(&mut before, "length", length as u64);
        let mut after = Vec::new();
        put_int_field(&mut after, "piece length", PAGE as u64);
        put_field(&mut after, "pieces", pieces.as_flattened());
        put_bytes(&mut after, b"upseed");
        after.push(b'd');
        put_field(&mut after, "board", board.as_str().as_bytes());
        put_int_field(&mut after, "count", count as u64);
        put_field(&mut after, "kind", b"pack");
        put_field(&mut after, "pages", table.as_flattened());
        put_int_field(&mut after, "v", 1);
        after.extend_from_slice(b"ee");
        let name = file_name(board, &[&before, &after]);
        put_field(&mut before, "name", name.as_bytes());
        before.extend_from_slice(&after);
        before
    }

    /// The info dictionary, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-1 of it.
    pub const fn infohash(&self) -> Infohash {
        self.infohash
    }

    /// The board of all its items.
    pub const fn board(&self) -> BoardName {
        self.board
    }

    /// How many items it says to have.
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// Bytes of its file.
    pub const fn length(&self) -> usize {
        self.length as usize
    }

    /// Its file's name: the board, 32 hex digits, `.pack`.
    pub fn file_name(&self) -> &str {
        std::str::from_utf8(&self.bytes[self.name.clone()]).unwrap_or_default()
    }

    /// How many pages its file has.
    pub const fn pages(&self) -> usize {
        self.length().div_ceil(PAGE)
    }

    /// The first of the pages that hold records; those before hold work ids.
    pub const fn first_record_page(&self) -> usize {
        id_pages(self.count())
    }

    /// Where in the file a page stands.
    pub fn page_range(&self, page: usize) -> Range<usize> {
        page * PAGE..((page + 1) * PAGE).min(self.length())
    }

    /// Whether these are the bytes of that page. If not, whoever sent them is at fault.
    pub fn is_page(&self, page: usize, bytes: &[u8]) -> bool {
        let hashes = &self.bytes[self.pieces.clone()];
        hashes.get(page * 20..page * 20 + 20).is_some_and(|hash| {
            bytes.len() == self.page_range(page).len() && Sha1::digest(bytes)[..] == *hash
        })
    }

    /// The prefixes of the infohashes with which the pages of records begin.
    pub(crate) fn table(&self) -> impl ExactSizeIterator<Item = [u8; 4]> {
        self.bytes[self.table.clone()].as_chunks::<4>().0.iter().copied()
    }

    /// The pages on which an item may begin, the likeliest first. Nearly always it is one; two, if the item's infohash
    /// begins as that of a page's first record; and more only beside texts that go on over several pages.
    pub fn pages_of(&self, infohash: &Infohash) -> impl Iterator<Item = usize> + use<> {
        let prefix = &infohash.as_bytes()[..4];
        let table = self.bytes[self.table.clone()].as_chunks::<4>().0;
        let below = table.partition_point(|first| first[..] < *prefix);
        let equal = table[below..].partition_point(|first| first[..] == *prefix);
        let first = self.first_record_page();
        // Before the first page that begins with a greater or the same prefix, the one before it may end with it.
        (first + below..first + below + equal).chain(below.checked_sub(1).map(|page| first + page))
    }
}

/// The name of a pack's file. It covers everything but itself, so that no two packs fight for one file.
fn file_name(board: &BoardName, rest: &[&[u8]]) -> String {
    let mut hash = Sha256::new_with_prefix(NAME_TAG);
    rest.iter().for_each(|part| hash.update(part));
    let mut name = format!("{board}.");
    for byte in &hash.finalize()[..16] {
        // Writing to a string does not fail.
        let _ = write!(name, "{byte:02x}");
    }
    name + ".pack"
}

/// Whether a file's or torrent's name is a pack's.
pub fn is_file_name(name: &str) -> bool {
    let Some((board, rest)) = name.split_once('.') else { return false };
    let Some(digits) = rest.strip_suffix(".pack") else { return false };
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    board.parse::<BoardName>().is_ok() && digits.len() == 32 && digits.bytes().all(is_digit)
}

/// A byte string, as the range where it stands.
fn slice(reader: &mut Reader<'_>) -> Result<Range<usize>, InfoError> {
    let length = reader.bytes()?.len();
    Ok(reader.position() - length..reader.position())
}

fn size(key: &'static str, found: &Range<usize>, expected: usize) -> Result<(), InfoError> {
    if found.len() == expected {
        return Ok(());
    }
    Err(InfoError::Value { key, why: format!("{} bytes, expected {expected}", found.len()) })
}

fn number(
    reader: &mut Reader<'_>,
    key: &'static str,
    allowed: std::ops::RangeInclusive<usize>,
) -> Result<usize, InfoError> {
    let found = reader.int()?;
    usize::try_from(found).ok().filter(|found| allowed.contains(found)).ok_or_else(|| {
        let (min, max) = (allowed.start(), allowed.end());
        InfoError::Value { key, why: format!("{found}, expected {min} to {max}") }
    })
}
