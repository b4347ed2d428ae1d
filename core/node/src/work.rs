//! Finding proofs of work on every core, with progress.

use std::sync::atomic::{AtomicU64, Ordering};

use upseed_model::{SecretKey, pow::Puzzle};

/// Nonces in one go of one thread: about 10 ms.
const CHUNK: u64 = 1 << 15;

/// Searches the nonce and signs; see [`search`].
pub fn solve(
    puzzle: &Puzzle,
    key: &SecretKey,
    stop: impl Fn() -> bool + Sync,
    progress: impl Fn(u8) + Sync,
) -> Option<Vec<u8>> {
    search(puzzle, stop, progress).map(|nonce| puzzle.sign(nonce, key))
}

/// Searches the nonce. `stop` ends the search early with `None`; `progress` hears how many percent of
/// the searches of this size would be finished by now.
pub fn search(
    puzzle: &Puzzle,
    stop: impl Fn() -> bool + Sync,
    progress: impl Fn(u8) + Sync,
) -> Option<u64> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let (next, found) = (AtomicU64::new(0), AtomicU64::new(u64::MAX));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while found.load(Ordering::Relaxed) == u64::MAX && !stop() {
                    let start = next.fetch_add(CHUNK, Ordering::Relaxed);
                    progress(percent(start, puzzle.bits()));
                    if let Some(nonce) = puzzle.search(start, CHUNK) {
                        found.fetch_min(nonce, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    match found.into_inner() {
        u64::MAX => None,
        nonce => Some(nonce),
    }
}

/// A search of `bits` bits has ended after `attempts` with probability 1 − e^(−attempts / 2^bits).
fn percent(attempts: u64, bits: u8) -> u8 {
    let share = attempts as f64 / 2f64.powi(i32::from(bits));
    (99.0 * (1.0 - (-share).exp())) as u8
}
