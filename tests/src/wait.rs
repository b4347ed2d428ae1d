//! Waiting on conditions.
//!
//! No test asserts how long anything takes: a slower or busier machine must pass it too. What a test waits for has one
//! bound, [`PATIENCE`], which is there so that a test that fails does not hang. Durations are for `make bench`.

use std::{
    fmt::Debug,
    process::Child,
    thread::sleep,
    time::{Duration, Instant},
};

/// How long anything is waited for. Only a failing test uses it up, so it may be generous: a hundred times what a quiet
/// machine needs.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Between two looks. A look is mostly a run of the command, about 10 ms.
const PAUSE: Duration = Duration::from_millis(50);

/// Looks again and again until there is something, and gives it.
///
/// # Panics
/// With `what`, if there is nothing within [`PATIENCE`]. `what` says what should be so.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            eprintln!("[{:>6.2} s] {what}", start.elapsed().as_secs_f64());
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
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

/// Arguments of `upseed` that say how long it waits, if it is to wait for something and they do not: as long as a test.
pub(crate) fn patient<'a>(args: &[&'a str]) -> Vec<&'a str> {
    let waits = args.first() == Some(&"read") || args.contains(&"--wait");
    let says = args.contains(&"--timeout");
    let more: &[&str] = if waits && !says { &["--timeout", "300"] } else { &[] };
    [args, more].concat()
}

/// The exit code of a process that ends by itself; `None` if a signal ended it.
///
/// # Panics
/// If it does not end within [`PATIENCE`]; it is killed then.
#[track_caller]
pub fn ended(child: &mut Child, what: &str) -> Option<i32> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            return status.code();
        }
        if start.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            panic!("{what} did not end within {PATIENCE:?}");
        }
        sleep(Duration::from_millis(2));
    }
}

/// Asserts that something stays so for a while: for what must *not* happen there is no condition
/// to wait for. A slow machine sees less of it, and passes.
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
