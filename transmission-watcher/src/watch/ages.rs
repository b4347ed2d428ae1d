//! How old the wish for a dropped file is.

/// Of many files dropped at once, the newest is taken first, so it would be the oldest wish of them,
/// and the first to leave a client that holds only so many. So a wish is as old as its file; of
/// files of the same second, each is older than what was taken before it.
#[derive(Debug, Default)]
pub(super) struct Ages {
    /// The oldest file that was taken since there was nothing to take, and how old its wish is.
    oldest: Option<((i64, i64), u64)>,
}

impl Ages {
    /// Of a file that was written at `modified` (seconds and nanoseconds) and is taken `now`.
    pub fn of(&mut self, modified: (i64, i64), now: u64) -> u64 {
        // A file from the future is of now.
        let own = u64::try_from(modified.0).unwrap_or(0).min(now);
        let at = match self.oldest {
            // A newer one came meanwhile.
            Some((file, _)) if modified > file => return own,
            Some((_, at)) => own.min(at.saturating_sub(1)),
            None => own,
        };
        self.oldest = Some((modified, at));
        at
    }

    /// There is nothing to take: what comes next was dropped later.
    pub fn rest(&mut self) {
        self.oldest = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;
    const FILE: i64 = NOW as i64 - 100;

    #[test]
    fn the_newest_file_is_the_newest_wish() {
        let mut ages = Ages::default();
        let taken = [(FILE, 9), (FILE, 5), (FILE, 5), (FILE - 1, 999), (FILE - 50, 0)];
        let wishes = taken.map(|modified| ages.of(modified, NOW));
        let first = FILE as u64;
        assert_eq!(wishes, [first, first - 1, first - 2, first - 3, first - 50]);
        assert_eq!(ages.of((FILE + 7, 0), NOW), first + 7, "it came meanwhile");
        assert_eq!(ages.of((FILE - 50, 0), NOW), first - 51, "and the others go on");
        ages.rest();
        assert_eq!(ages.of((FILE - 1, 0), NOW), first - 1, "another drop");
    }

    #[test]
    fn clocks_that_are_wrong() {
        let mut ages = Ages::default();
        assert_eq!(ages.of((i64::MAX, 0), NOW), NOW);
        assert_eq!(ages.of((i64::MAX - 1, 0), NOW), NOW - 1);
        assert_eq!(ages.of((-5, 0), NOW), 0);
        assert_eq!(ages.of((i64::MIN, 0), NOW), 0);
    }
}
