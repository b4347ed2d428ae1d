//! Bundles: what is known of a board, in a file that is carried by hand.
//!
//! A bundle is a first line and then chunks, each complete by itself: who reads it needs one of them at a time, a file that
//! was cut gives what stands before the cut, and no more than [`MAX_CHUNK`] bytes are ever unpacked.

use std::io::{self, Read};

use upseed_model::{
    BoardName,
    bencode::{self, Reader, put_bytes, put_field},
    board::BoardNameError,
};

/// The first line.
pub const FIRST_LINE: &[u8; 16] = b"upseed bundle 1\n";

/// Bytes of a chunk, unpacked: 1 MiB holds some 1,000 posts with their texts.
pub const MAX_CHUNK: usize = 1 << 20;

/// Records of a chunk.
pub const MAX_CHUNK_RECORDS: usize = 4_096;

/// Bytes of a chunk in the file: what cannot be made smaller grows by a few bytes.
pub const MAX_PACKED_CHUNK: usize = MAX_CHUNK + 8_192;

/// Of the tried ones (3, 9, 19) the quickest; a carrier has more room than patience.
const LEVEL: i32 = 3;

/// What is wrong with a chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// It cannot be unpacked, or into more bytes than any has.
    #[error("it is damaged, or larger than {MAX_CHUNK} bytes unpacked")]
    Packing,
    /// Not canonical bencode, or other keys than the format's.
    #[error("not a chunk of a bundle: {0}")]
    Bencode(#[from] bencode::Error),
    /// A board's name that breaks its rules.
    #[error("{0}")]
    Board(#[from] BoardNameError),
    /// More records than any has.
    #[error("more than {MAX_CHUNK_RECORDS} records")]
    Records,
    /// Its texts are more or fewer than its items.
    #[error("{texts} texts for {items} items")]
    Texts {
        /// Texts, empty ones included.
        texts: usize,
        /// Items.
        items: usize,
    },
}

/// Records of a board, and the texts of the items among them. Nothing is verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chunk {
    /// Whose.
    pub board: BoardName,
    /// Each with its text, if it is an item and the text was known.
    pub records: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// An item begins with its length, a statement with its author.
fn is_item(record: &[u8]) -> bool {
    !record.starts_with(b"d6:author")
}

impl Chunk {
    /// Unpacks and reads one; no more than [`MAX_CHUNK`] bytes are unpacked.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn from_bytes(packed: &[u8]) -> Result<Self, ChunkError> {
        let plain = zstd::bulk::decompress(packed, MAX_CHUNK).map_err(|_| ChunkError::Packing)?;
        Self::read(&plain)
    }

    /// Reads an unpacked one.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn read(plain: &[u8]) -> Result<Self, ChunkError> {
        let r = &mut Reader::new(plain);
        let mut keys = r.dict()?;
        keys.required(r, "board")?;
        let board = BoardName::from_bytes(r.bytes()?)?;
        keys.required(r, "records")?;
        let mut records: Vec<(Vec<u8>, Option<Vec<u8>>)> = Vec::new();
        r.list()?;
        while !r.at_end() {
            if records.len() == MAX_CHUNK_RECORDS {
                return Err(ChunkError::Records);
            }
            records.push((r.bytes()?.to_vec(), None));
        }
        keys.required(r, "texts")?;
        let mut items = records.iter_mut().filter(|(record, _)| is_item(record));
        let (mut filled, mut extra) = (0, 0);
        r.list()?;
        while !r.at_end() {
            let text = r.bytes()?;
            match items.next() {
                Some((_, to)) => {
                    filled += 1;
                    *to = (!text.is_empty()).then(|| text.to_vec());
                }
                None => extra += 1,
            }
        }
        keys.end(r)?;
        r.finish()?;
        let items = filled + items.count();
        if filled + extra != items {
            return Err(ChunkError::Texts { texts: filled + extra, items });
        }
        Ok(Self { board, records })
    }

    /// Writes it as it stands in a bundle: its length in 4 bytes, then its packed bytes.
    ///
    /// # Errors
    /// [`ChunkError::Packing`] if it has more than [`MAX_CHUNK`] bytes.
    pub fn write(&self) -> Result<Vec<u8>, ChunkError> {
        let mut plain = b"d".to_vec();
        put_field(&mut plain, "board", self.board.as_str().as_bytes());
        put_bytes(&mut plain, b"records");
        plain.push(b'l');
        self.records.iter().for_each(|(record, _)| put_bytes(&mut plain, record));
        plain.push(b'e');
        put_bytes(&mut plain, b"texts");
        plain.push(b'l');
        for (_, text) in self.records.iter().filter(|(record, _)| is_item(record)) {
            put_bytes(&mut plain, text.as_deref().unwrap_or_default());
        }
        plain.extend_from_slice(b"ee");
        if plain.len() > MAX_CHUNK {
            return Err(ChunkError::Packing);
        }
        let packed = zstd::bulk::compress(&plain, LEVEL).map_err(|_| ChunkError::Packing)?;
        Ok([&(packed.len() as u32).to_be_bytes()[..], &packed].concat())
    }
}

/// Fills one chunk after the other.
#[derive(Debug)]
pub struct ChunkWriter {
    chunk: Chunk,
    bytes: usize,
    /// Bytes of what was added so far, unpacked.
    pub total: usize,
}

/// What stands around the records of a chunk and around each of them, at most.
const AROUND: usize = 128;
const AROUND_RECORD: usize = 16;

impl ChunkWriter {
    /// With nothing in it.
    pub const fn new(board: BoardName) -> Self {
        Self { chunk: Chunk { board, records: Vec::new() }, bytes: AROUND, total: 0 }
    }

    /// Adds a record; what is full is appended to `out`.
    ///
    /// # Errors
    /// As [`Chunk::write`].
    pub fn add(
        &mut self,
        record: Vec<u8>,
        text: Option<Vec<u8>>,
        out: &mut Vec<u8>,
    ) -> Result<(), ChunkError> {
        let size = record.len() + text.as_ref().map_or(0, Vec::len) + AROUND_RECORD;
        if self.bytes + size > MAX_CHUNK || self.chunk.records.len() == MAX_CHUNK_RECORDS {
            self.finish(out)?;
        }
        self.bytes += size;
        self.total += size;
        self.chunk.records.push((record, text));
        Ok(())
    }

    /// Appends what was not full yet.
    ///
    /// # Errors
    /// As [`Chunk::write`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), ChunkError> {
        if !self.chunk.records.is_empty() {
            out.extend_from_slice(&self.chunk.write()?);
            self.chunk.records.clear();
            self.bytes = AROUND;
        }
        Ok(())
    }
}

/// Why a bundle gives no further chunk.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// It has another first line.
    #[error("not a bundle of Upseed")]
    FirstLine,
    /// It stops inside a chunk.
    #[error("it is cut off after {0} whole parts")]
    CutOff(u64),
    /// A chunk says to be larger than any.
    #[error("part {0} says to be larger than any")]
    Length(u64),
    /// It cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// The packed chunks of a bundle, one after the other.
#[derive(Debug)]
pub struct Chunks<R> {
    from: R,
    read: u64,
    is_over: bool,
}

impl<R: Read> Chunks<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// If it is another one.
    pub fn new(mut from: R) -> Result<Self, BundleError> {
        let mut line = [0; FIRST_LINE.len()];
        if fill(&mut from, &mut line)? != line.len() || line != *FIRST_LINE {
            return Err(BundleError::FirstLine);
        }
        Ok(Self { from, read: 0, is_over: false })
    }

    fn chunk(&mut self) -> Result<Option<Vec<u8>>, BundleError> {
        let mut length = [0; 4];
        match fill(&mut self.from, &mut length)? {
            0 => return Ok(None),
            4 => {}
            _ => return Err(BundleError::CutOff(self.read)),
        }
        let length = u32::from_be_bytes(length) as usize;
        if length > MAX_PACKED_CHUNK {
            return Err(BundleError::Length(self.read + 1));
        }
        let mut packed = vec![0; length];
        if fill(&mut self.from, &mut packed)? != length {
            return Err(BundleError::CutOff(self.read));
        }
        self.read += 1;
        Ok(Some(packed))
    }
}

impl<R: Read> Iterator for Chunks<R> {
    type Item = Result<Vec<u8>, BundleError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let chunk = self.chunk().transpose();
        self.is_over = !matches!(chunk, Some(Ok(_)));
        chunk
    }
}

/// Reads until the buffer is full or nothing more comes; gives how many bytes came.
fn fill(from: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match from.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
