//! Which texts the client is asked for, and which of them it turns out not to have.

use std::collections::HashSet;

use upseed_model::Infohash;

/// Texts that are asked for at a time. Each is a few thousand bytes, and a client gives to few at once.
const AT_ONCE: usize = 8;

/// The round through all texts.
#[derive(Debug, Default)]
pub struct Samples {
    /// How many were asked for, for the first time.
    turn: usize,
    /// The client gave others, and not these.
    suspects: Vec<Infohash>,
}

impl Samples {
    /// What to ask for now, of all that the client says it seeds: what it did not give the last time, and the next ones in turn.
    pub fn next(&mut self, all: &[Infohash]) -> Vec<Infohash> {
        let there: HashSet<_> = all.iter().collect();
        self.suspects.retain(|id| there.contains(id));
        let mut asked = self.suspects.clone();
        // One at least of which nothing is suspected: it says whether the client gives anything.
        let fresh = all.iter().cycle().skip(self.turn % all.len().max(1)).take(all.len());
        let fresh = fresh.filter(|id| !self.suspects.contains(id));
        asked.extend(fresh.take(AT_ONCE.saturating_sub(self.suspects.len()).max(1)));
        self.turn += asked.len() - self.suspects.len();
        asked
    }

    /// What came of it. Gives those that the client does not have: twice it gave others, and not these.
    pub fn saw(&mut self, asked: &[Infohash], given: &HashSet<Infohash>) -> Vec<Infohash> {
        if given.is_empty() {
            // That says something of the client, and nothing of a text.
            return Vec::new();
        }
        let withheld = asked.iter().copied().filter(|id| !given.contains(id));
        let (lost, suspects) = withheld.partition(|id| self.suspects.contains(id));
        self.suspects = suspects;
        lost
    }

    /// Whether some are to be asked for once more.
    pub const fn has_suspects(&self) -> bool {
        !self.suspects.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Infohash {
        Infohash::from_bytes([n; 20])
    }

    #[test]
    fn every_text_has_its_turn() {
        let all: Vec<_> = (0..20).map(id).collect();
        let mut samples = Samples::default();
        let mut seen = HashSet::new();
        for _ in 0..3 {
            let asked = samples.next(&all);
            assert_eq!(asked.len(), AT_ONCE);
            assert_eq!(samples.saw(&asked, &asked.iter().copied().collect()), []);
            seen.extend(asked);
        }
        assert_eq!(seen.len(), all.len());
        assert_eq!(samples.next(&all[..2]), [id(0), id(1)], "few are asked for once each");
        assert_eq!(samples.next(&[]), []);
    }

    #[test]
    fn what_is_withheld_twice_while_others_are_given_is_lost() {
        let all: Vec<_> = (0..20).map(id).collect();
        let mut samples = Samples::default();
        let without_3 = |asked: &[Infohash]| -> HashSet<Infohash> {
            asked.iter().copied().filter(|it| *it != id(3)).collect()
        };
        let asked = samples.next(&all);
        assert_eq!(samples.saw(&asked, &without_3(&asked)), []);
        assert!(samples.has_suspects());
        let asked = samples.next(&all);
        assert_eq!((asked[0], asked.len()), (id(3), AT_ONCE));
        // A client that gives nothing at all has lost none of them.
        assert_eq!(samples.saw(&asked, &HashSet::new()), []);
        let asked = samples.next(&all);
        assert_eq!(samples.saw(&asked, &without_3(&asked)), [id(3)]);
        assert!(!samples.has_suspects());
    }

    #[test]
    fn with_many_suspects_one_other_is_asked_for_too() {
        let all: Vec<_> = (0..20).map(id).collect();
        let mut samples = Samples { turn: 0, suspects: all[..12].to_vec() };
        let asked = samples.next(&all);
        assert_eq!(asked.len(), 13);
        assert!(!all[..12].contains(&asked[12]));
    }
}
