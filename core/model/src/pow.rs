//! Proof of work: the SHA-256 of a record's signed bytes has leading zero bits.

use sha2::{Digest as _, Sha256};

use crate::{
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

/// Bits that a record of `bytes` bytes must commit to: 16 + ⌈log2(bytes / 256)⌉, and never fewer
/// than 16 (18 for posts).
pub fn required_bits(bytes: usize, post: bool) -> u8 {
    let blocks = bytes.div_ceil(256).max(1);
    let bits = BASE_BITS + blocks.next_power_of_two().trailing_zeros() as u8;
    if post { bits.max(POST_BITS) } else { bits }
}

/// Leading zero bits of a work id.
pub fn leading_zero_bits(work: &WorkId) -> u32 {
    let mut bits = 0;
    for byte in work.as_bytes() {
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
    /// The tag and the record up to the nonce's digits.
    before: Vec<u8>,
    /// The record after the nonce's digits, without the signature.
    after: Vec<u8>,
    tag: usize,
    /// Where in `after` the key `sig` belongs.
    sig_at: usize,
    bits: u8,
}

impl Puzzle {
    pub(crate) fn new(tag: &[u8], before: &[u8], after: Vec<u8>, sig_at: usize, bits: u8) -> Self {
        Self { before: [tag, before].concat(), after, tag: tag.len(), sig_at, bits }
    }

    /// The bits that the nonce must reach; about 2^bits attempts are needed.
    pub const fn bits(&self) -> u8 {
        self.bits
    }

    /// Tries `count` nonces from `start` on. Pure, so that callers can spread ranges over threads,
    /// show progress and stop.
    pub fn search(&self, start: u64, count: u64) -> Option<u64> {
        let state = Sha256::new_with_prefix(&self.before);
        (start..start.saturating_add(count).min(MAX_INTEGER)).find(|nonce| {
            let mut digits = Vec::with_capacity(20);
            crate::bencode::put_int(&mut digits, *nonce);
            let hash = state.clone().chain_update(&digits[1..digits.len() - 1]);
            let hash = hash.chain_update(&self.after).finalize();
            leading_zero_bits(&WorkId::from_bytes(hash.into())) >= u32::from(self.bits)
        })
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
        let mut message = self.before.clone();
        let mut digits = Vec::with_capacity(20);
        crate::bencode::put_int(&mut digits, nonce);
        message.extend_from_slice(&digits[1..digits.len() - 1]);
        let sig_at = message.len() + self.sig_at;
        message.extend_from_slice(&self.after);
        let mut record = message[self.tag..sig_at].to_vec();
        for (name, key) in keys {
            crate::bencode::put_field(&mut record, name, &key.sign(&message));
        }
        record.extend_from_slice(&message[sig_at..]);
        record
    }

    /// Searches from 0 on the calling thread and signs. For tests and tools; the node shows
    /// progress and uses every core.
    pub fn solve(&self, key: &SecretKey) -> Vec<u8> {
        let nonce = self.search(0, MAX_INTEGER).unwrap_or_default();
        self.sign(nonce, key)
    }
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
        assert_eq!(leading_zero_bits(&WorkId::from_bytes(bytes)), 0);
        bytes[0] = 0;
        bytes[1] = 0x1f;
        assert_eq!(leading_zero_bits(&WorkId::from_bytes(bytes)), 11);
        assert_eq!(leading_zero_bits(&WorkId::from_bytes([0; 32])), 256);
    }
}
