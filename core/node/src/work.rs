//! Finding proofs of work on every core, with progress.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use upseed_model::{SecretKey, pow::Puzzle};

/// Nonces in one go of one thread: about 10 ms.
const CHUNK: u64 = 1 << 15;

/// Searches the nonce and signs. `stop` ends the search early with `None`.
pub fn solve(puzzle: &Puzzle, key: &SecretKey, stop: &AtomicBool) -> Option<Vec<u8>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, found) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while found.load(Ordering::Relaxed) == u64::MAX && !stop.load(Ordering::Relaxed) {
                    let start = next.fetch_add(CHUNK, Ordering::Relaxed);
                    if let Some(nonce) = puzzle.search(start, CHUNK) {
                        found.fetch_min(nonce, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    match found.into_inner() {
        u64::MAX => None,
        nonce => Some(puzzle.sign(nonce, key)),
    }
}
