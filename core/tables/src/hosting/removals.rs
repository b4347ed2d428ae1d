//! Whether what was removed in the client was removed by its user: told by how many went together.
//!
//! A cleaner that runs beside the client (qbit_manage, Cleanuparr, autoremove-torrents, a rule of the client's own) removes by
//! the same API as its user's click, at once or one by one. So each removal is held for [`WINDOW`] before a ballot says that a
//! vote was taken back: by then everything is seen that it could belong to. If that is more than [`is_mass`] lets pass, the user
//! is asked about all of it, the first included, and no ballot ever said otherwise. The vote counts no more in the user's own
//! lists meanwhile. Times are on the disk, with the tasks: whoever dies in between has published nothing.

/// Seconds within which removals belong together, and for which each is held.
pub const WINDOW: u64 = 600;

/// Seconds for which the user may undo one.
pub const UNDO: u64 = 3_600;

/// Whether so many of all that a client had, gone within [`WINDOW`], are more than its user takes out one by one.
pub const fn is_mass(gone: usize, all: usize) -> bool {
    let tenth = all / 10;
    gone > if tenth > 3 { tenth } else { 3 }
}

/// Whether what was held until then is held no more. A time further ahead was set by a clock that was wrong.
pub const fn is_over(until: u64, now: u64) -> bool {
    until <= now || until > now + 6 * WINDOW
}

/// A removal that is held, or about which the user is asked already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal<T> {
    /// What was removed.
    pub what: T,
    /// [`WINDOW`] after that.
    pub until: u64,
    /// The user is asked about it.
    pub is_asked: bool,
}

/// Which of the held ones the user is to be asked about: those that went within one [`WINDOW`] with too many others, whether or
/// not these are in question already. `left` is how many the client still has.
pub fn in_question<T: Copy>(mut removals: Vec<Removal<T>>, left: usize) -> Vec<T> {
    removals.sort_by_key(|removal| removal.until);
    let mut asked = vec![false; removals.len()];
    let mut first = 0;
    for last in 0..removals.len() {
        while removals[last].until - removals[first].until > WINDOW {
            first += 1;
        }
        // The client had those, too, that went later and are not in question.
        if is_mass(last + 1 - first, left + removals.len() - first) {
            asked[first..=last].fill(true);
        }
    }
    let removals = removals.iter().zip(asked);
    removals.filter(|(it, asked)| *asked && !it.is_asked).map(|(it, _)| it.what).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_800_000_000;

    /// Those that are asked about when these were removed at these seconds, of so many.
    fn asked(at: &[u64], all: usize) -> Vec<usize> {
        let removal =
            |(what, at): (usize, &u64)| Removal { what, until: NOW + at + WINDOW, is_asked: false };
        let removals: Vec<_> = at.iter().enumerate().map(removal).collect();
        let left = all - removals.len();
        let mut asked = in_question(removals, left);
        asked.sort_unstable();
        asked
    }

    #[test]
    fn few_are_their_users_doing_and_many_are_not() {
        for (gone, all, mass) in [
            (1, 1, false),
            (3, 3, false),
            (4, 4, true),
            (3, 1_000, false),
            (4, 39, true),
            (4, 40, false),
            (50, 500, false),
            (51, 500, true),
        ] {
            assert_eq!(is_mass(gone, all), mass, "{gone} of {all}");
            let at = vec![0; gone];
            assert_eq!(asked(&at, all).len(), if mass { gone } else { 0 }, "{gone} of {all}");
        }
    }

    #[test]
    fn one_by_one_within_ten_minutes_is_the_same_as_at_once() {
        assert_eq!(asked(&[0, 200, 400, 600], 20), [0, 1, 2, 3], "the first are in it, too");
        assert_eq!(asked(&[0, 200, 400, 601], 20), [0; 0]);
        assert_eq!(asked(&[0, 601, 700, 800, 900], 20), [1, 2, 3, 4]);
        // It goes on, faster than anybody could take out a tenth.
        assert_eq!(asked(&[0, 150, 300, 450, 700, 850], 20), [0, 1, 2, 3, 4, 5]);
        assert_eq!(asked(&[900, 0, 300, 600], 20), [0; 0], "in whatever order they are known");
    }

    #[test]
    fn what_goes_on_after_the_user_was_asked_belongs_to_the_question() {
        let removal = |what, at, is_asked| Removal { what, until: NOW + at + WINDOW, is_asked };
        let mut removals: Vec<_> = (0..4).map(|n| removal(n, 0, true)).collect();
        removals.push(removal(4, 500, false));
        assert_eq!(in_question(removals.clone(), 20), [4]);
        removals.push(removal(5, 1_000, false));
        assert_eq!(in_question(removals, 20), [4], "the last one came alone");
    }

    #[test]
    fn what_a_wrong_clock_held_is_not_held_for_years() {
        assert!(!is_over(NOW + WINDOW, NOW));
        assert!(is_over(NOW, NOW));
        // The clock was set back a little.
        assert!(!is_over(NOW + WINDOW + 60, NOW));
        assert!(is_over(NOW + 400 * 86_400, NOW));
    }
}
