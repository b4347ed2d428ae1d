//! Golomb-coded sets of work ids: a byte and a half for each id, one encoding for each set, and exactly as many entries
//! as it says (a Bloom filter can be filled up so that it has everything).

use sha2::{Digest as _, Sha256};
use upseed_model::{Infohash, WorkId};

use crate::layout::MAX_COUNT;

/// Bits of an entry that are written as they are; the rest is counted in ones. So one foreign id in 1,024 seems to be
/// in a set.
const LOW_BITS: u32 = 10;

/// Why bytes are not a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdSetError {
    /// None, or too many.
    #[error("a set of {0} ids; 1 to {MAX_COUNT} are allowed")]
    Count(usize),
    /// The bytes stop before the last entry.
    #[error("the set stops after {0} entries")]
    CutOff(usize),
    /// An entry beyond what so many entries can have.
    #[error("entry {0} is out of range")]
    Range(usize),
    /// More bytes, or bits that are not zero, after the last entry.
    #[error("something follows the last entry")]
    Trailing,
}

/// A set of work ids, keyed by the pack that holds them: an id that is made to seem to be in one pack is not in others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdSet {
    key: Infohash,
    count: u32,
    bytes: Vec<u8>,
}

impl IdSet {
    /// Writes a set of 1 … 16,384 ids, in any order.
    ///
    /// # Errors
    /// If they are too many, or none.
    pub fn new(key: Infohash, ids: &[WorkId]) -> Result<Self, IdSetError> {
        let count = checked(ids.len())?;
        let mut entries: Vec<u64> = ids.iter().map(|id| entry(&key, count, id)).collect();
        entries.sort_unstable();
        let mut bits = BitWriter::default();
        let mut last = 0;
        for entry in entries {
            let step = entry - last;
            (0..step >> LOW_BITS).for_each(|_| bits.put(true));
            bits.put(false);
            (0..LOW_BITS).rev().for_each(|bit| bits.put(step >> bit & 1 == 1));
            last = entry;
        }
        Ok(Self { key, count, bytes: bits.bytes })
    }

    /// Reads a set of `count` ids: the only encoding of its entries, and no more than them.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn from_bytes(key: Infohash, count: usize, bytes: &[u8]) -> Result<Self, IdSetError> {
        let count = checked(count)?;
        let mut entries = Entries::new(bytes, count);
        for result in entries.by_ref() {
            result?;
        }
        let over = entries.at;
        let rest = (over..bytes.len() * 8).map(|at| bit(bytes, at));
        if bytes.len() != over.div_ceil(8) || rest.flatten().any(|bit| bit) {
            return Err(IdSetError::Trailing);
        }
        Ok(Self { key, count, bytes: bytes.to_vec() })
    }

    /// Its encoding.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many ids it has.
    pub const fn count(&self) -> usize {
        self.count as usize
    }

    /// Whether the id seems to be in it. It does if it is, and otherwise once in 1,024 times.
    pub fn may_hold(&self, id: &WorkId) -> bool {
        let wanted = entry(&self.key, self.count, id);
        let entries = Entries::new(&self.bytes, self.count);
        let mut entries = entries.map_while(Result::ok).skip_while(|entry| *entry < wanted);
        entries.next() == Some(wanted)
    }

    /// Which of many ids seem to be in it, in the order in which they are given: the set is read once for all of them.
    pub fn may_hold_of(&self, ids: &[WorkId]) -> Vec<bool> {
        let mut wanted: Vec<(u64, usize)> =
            ids.iter().enumerate().map(|(n, id)| (entry(&self.key, self.count, id), n)).collect();
        wanted.sort_unstable();
        let mut held = vec![false; ids.len()];
        let mut entries = Entries::new(&self.bytes, self.count).map_while(Result::ok).peekable();
        for (wanted, n) in wanted {
            while entries.next_if(|entry| *entry < wanted).is_some() {}
            held[n] = entries.peek() == Some(&wanted);
        }
        held
    }
}

fn checked(count: usize) -> Result<u32, IdSetError> {
    if (1..=MAX_COUNT).contains(&count) { Ok(count as u32) } else { Err(IdSetError::Count(count)) }
}

/// The number that stands for an id: evenly spread over 0 … count × 1,024.
fn entry(key: &Infohash, count: u32, id: &WorkId) -> u64 {
    let hash = Sha256::new_with_prefix(key.as_bytes()).chain_update(id.as_bytes()).finalize();
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    let range = u128::from(count) << LOW_BITS;
    ((u128::from(u64::from_be_bytes(first)) * range) >> 64) as u64
}

fn bit(bytes: &[u8], at: usize) -> Option<bool> {
    bytes.get(at / 8).map(|byte| byte >> (7 - at % 8) & 1 == 1)
}

/// The entries of a set, ascending.
struct Entries<'a> {
    bytes: &'a [u8],
    at: usize,
    count: u32,
    read: u32,
    last: u64,
}

impl<'a> Entries<'a> {
    const fn new(bytes: &'a [u8], count: u32) -> Self {
        Self { bytes, at: 0, count, read: 0, last: 0 }
    }

    fn bit(&mut self) -> Result<bool, IdSetError> {
        let bit = bit(self.bytes, self.at).ok_or(IdSetError::CutOff(self.read as usize))?;
        self.at += 1;
        Ok(bit)
    }

    fn entry(&mut self) -> Result<u64, IdSetError> {
        let mut step = 0;
        while self.bit()? {
            step += 1;
            // Ones without end are refused at once.
            if step >= u64::from(self.count) {
                return Err(IdSetError::Range(self.read as usize));
            }
        }
        for _ in 0..LOW_BITS {
            step = step << 1 | u64::from(self.bit()?);
        }
        let entry = self.last + step;
        if entry >= u64::from(self.count) << LOW_BITS {
            return Err(IdSetError::Range(self.read as usize));
        }
        Ok(entry)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<u64, IdSetError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read == self.count {
            return None;
        }
        let entry = self.entry();
        if let Ok(entry) = entry {
            self.last = entry;
            self.read += 1;
        } else {
            // After an error there is nothing more.
            self.count = self.read;
        }
        Some(entry)
    }
}

/// Bits, the most significant of a byte first.
#[derive(Default)]
struct BitWriter {
    bytes: Vec<u8>,
    used: usize,
}

impl BitWriter {
    fn put(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if bit {
            self.bytes[self.used / 8] |= 0x80 >> (self.used % 8);
        }
        self.used += 1;
    }
}
