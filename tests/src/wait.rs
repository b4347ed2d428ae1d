//! Waiting on conditions.

use std::{
    fmt::Debug,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long [`until`] waits; only a failing test uses it up.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks. A look is mostly a run of the command, about 10 ms.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until there is something, and gives it.
///
/// # Panics
/// With `what`, if there is nothing within [`PATIENCE`]. `what` says what should be so.
pub fn until<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    until_within(PATIENCE, what, look)
}

/// Like [`until`] with a patience of its own.
pub fn until_within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            eprintln!("[{:>6.2} s] {what}", start.elapsed().as_secs_f64());
            return found;
        }
        assert!(start.elapsed() < patience, "not within {patience:?}: {what}");
        sleep(PAUSE);
    }
}

/// Like [`until`] for a value that should become `wanted`: on failure it also says what it was last.
///
/// # Panics
/// If it has not become so within [`PATIENCE`].
pub fn until_is<T: PartialEq + Debug>(what: &str, wanted: T, mut look: impl FnMut() -> T) {
    let start = Instant::now();
    loop {
        let found = look();
        if found == wanted {
            eprintln!("[{:>6.2} s] {what}: {wanted:?}", start.elapsed().as_secs_f64());
            return;
        }
        let late = start.elapsed() >= PATIENCE;
        assert!(!late, "not within {PATIENCE:?}: {what}: {found:?} is not {wanted:?}");
        sleep(PAUSE);
    }
}

/// Asserts that something stays so for a while: for what must *not* happen there is no condition
/// to wait for.
///
/// # Panics
/// As soon as it is not so.
pub fn steadily(duration: Duration, what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while start.elapsed() < duration {
        assert!(is_so(), "no longer so after {:?}: {what}", start.elapsed());
        sleep(PAUSE);
    }
}
