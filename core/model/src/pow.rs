//! Proof of work: the SHA-256 of a record's id and nonce has leading zero bits. An attempt is one block of
//! SHA-256, whatever the record's size.

use sha2::{Digest as _, Sha256};

use crate::{
    bencode,
    id::WorkId,
    key::SecretKey,
    limits::{BASE_BITS, MAX_INTEGER, POST_BITS},
};

/// The bits to which a record commits, and the counter that reaches them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// 0 … 64.
    pub bits: u8,
    /// 0 … 2^63 − 1.
    pub nonce: u64,
}

impl Proof {
    /// Committed bits beyond what a record of so many bytes must commit to.
    pub fn spare_bits(&self, bytes: usize, post: bool) -> u8 {
        self.bits.saturating_sub(required_bits(bytes, post))
    }
}

/// Bits that a record of `bytes` bytes must commit to: 16 + ⌈log2(bytes / 256)⌉, and never fewer
/// than 16 (18 for posts).
pub fn required_bits(bytes: usize, post: bool) -> u8 {
    let blocks = bytes.div_ceil(256).max(1);
    let bits = BASE_BITS + blocks.next_power_of_two().trailing_zeros() as u8;
    if post { bits.max(POST_BITS) } else { bits }
}

/// The bits that a nonce shows for the record of this id: leading zero bits of SHA-256(id ‖ nonce, 8 bytes, big-endian).
pub fn shown_bits(id: &WorkId, nonce: u64) -> u32 {
    let hash = Sha256::new_with_prefix(id.as_bytes()).chain_update(nonce.to_be_bytes());
    leading_zero_bits(&hash.finalize().into())
}

fn leading_zero_bits(hash: &[u8; 32]) -> u32 {
    let mut bits = 0;
    for byte in hash {
        bits += byte.leading_zeros();
        if *byte != 0 {
            break;
        }
    }
    bits
}

/// A record without its nonce and signature: search a nonce, then sign.
#[derive(Debug, Clone)]
pub struct Puzzle {
    tag: &'static [u8],
    /// The record up to the nonce.
    before: Vec<u8>,
    /// The record after the nonce, without the signature.
    after: Vec<u8>,
    /// Where in `after` the key `sig` belongs.
    sig_at: usize,
    id: WorkId,
    bits: u8,
}

impl Puzzle {
    pub(crate) fn new(
        tag: &'static [u8],
        before: Vec<u8>,
        after: Vec<u8>,
        sig_at: usize,
        bits: u8,
    ) -> Self {
        let hash = Sha256::new_with_prefix(tag).chain_update(&before).chain_update(&after);
        Self { tag, before, after, sig_at, id: WorkId::from_bytes(hash.finalize().into()), bits }
    }

    /// The id that the record has whatever its nonce.
    pub const fn id(&self) -> WorkId {
        self.id
    }

    /// The bits that the nonce must reach; about 2^bits attempts are needed.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// Tries `count` nonces from `start` on. Pure, so that callers can spread ranges over threads,
    /// show progress and stop.
    pub fn search(&self, start: u64, count: u64) -> Option<u64> {
        (start..start.saturating_add(count).min(MAX_INTEGER))
            .find(|nonce| shown_bits(&self.id, *nonce) >= u32::from(self.bits))
    }

    /// Puts the nonce in and signs: the record's bytes.
    pub fn sign(&self, nonce: u64, key: &SecretKey) -> Vec<u8> {
        self.signed(nonce, &[("sig", key)])
    }

    /// [`Puzzle::sign`] for a succession: by the old key, and by the new one over the same bytes.
    pub fn sign_both(&self, nonce: u64, old: &SecretKey, new: &SecretKey) -> Vec<u8> {
        self.signed(nonce, &[("sig", old), ("sig2", new)])
    }

    fn signed(&self, nonce: u64, keys: &[(&str, &SecretKey)]) -> Vec<u8> {
        let (before_sig, after_sig) = self.after.split_at(self.sig_at);
        let mut record = self.before.clone();
        bencode::put_int(&mut record, nonce);
        record.extend_from_slice(before_sig);
        let message = [self.tag, &record, after_sig].concat();
        for (name, key) in keys {
            bencode::put_field(&mut record, name, &key.sign(&message));
        }
        record.extend_from_slice(after_sig);
        record
    }

    /// Searches from 0 on the calling thread and signs. For tests and tools; the node shows
    /// progress and uses every core.
    pub fn solve(&self, key: &SecretKey) -> Vec<u8> {
        let nonce = self.search(0, MAX_INTEGER).unwrap_or_default();
        self.sign(nonce, key)
    }
}

/// Bytes of "3:sig64:" and a signature.
pub(crate) const SIGNATURE: usize = 72;

/// Adds `pow` up to the nonce, with the bits that the finished record's size asks for.
pub(crate) fn finish_puzzle(
    tag: &'static [u8],
    mut before: Vec<u8>,
    after: Vec<u8>,
    sig_at: usize,
    (post, min_bits): (bool, u8),
    signatures: usize,
) -> Puzzle {
    // "3:powli", two digits, "e", and the nonce: "i", at most 19 digits, "e".
    let largest = before.len() + 7 + 2 + 1 + 21 + after.len() + signatures;
    let bits = required_bits(largest, post).max(min_bits);
    bencode::put_bytes(&mut before, b"pow");
    before.push(b'l');
    bencode::put_int(&mut before, bits.into());
    Puzzle::new(tag, before, after, sig_at, bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_grows_with_size() {
        let table = [(1, 16), (256, 16), (257, 17), (512, 17), (513, 18), (2048, 19), (16384, 22)];
        for (bytes, bits) in table {
            assert_eq!(required_bits(bytes, false), bits, "{bytes}");
        }
        assert_eq!(required_bits(300, true), 18);
        assert_eq!(required_bits(2048, true), 19);
    }

    #[test]
    fn zero_bits_are_counted_across_bytes() {
        let mut bytes = [0xff; 32];
        assert_eq!(leading_zero_bits(&bytes), 0);
        bytes[0] = 0;
        bytes[1] = 0x1f;
        assert_eq!(leading_zero_bits(&bytes), 11);
        assert_eq!(leading_zero_bits(&[0; 32]), 256);
    }
}
