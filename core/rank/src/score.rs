//! The score of one item: what its votes are worth to the reader.

use crate::{
    fixed::{self, Fixed},
    marks::Marks,
    people::Person,
    standing::{Stand, Standing},
};

/// What is known about an item.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// Whose vote on it counts nothing; `None` if the key has no number, so cannot have voted.
    pub author: Option<Person>,
    /// Those who voted, each once.
    pub voters: &'a [Person],
    /// Further voters without a number, since nobody follows them: never the author or the reader.
    pub unknown: u32,
    /// Distinct networks that were checked to host it.
    pub networks: u32,
}

/// Adds up votes. It keeps its working memory from item to item, so that threads that score at once
/// have one each.
#[derive(Debug, Clone, Default)]
pub struct Scorer {
    /// What has come together at each place of the tree, in steps of 2⁻³².
    sums: Vec<u64>,
    marks: Marks,
}

/// What the votes on one item come to, before strangers are counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weighed {
    /// The sum over all follows: what the reader's own people say.
    pub trusted: Fixed,
    /// How many voters are outside the tree.
    pub strangers: u32,
}

impl Scorer {
    /// S: the branches of all follows, each by its logarithm, and the strangers.
    pub fn score(&mut self, standing: &Standing, item: &Item<'_>) -> Fixed {
        let weighed = self.weigh(standing, item);
        weighed.trusted.plus(standing.strangers(weighed.strangers, item.networks))
    }

    /// The two parts of which S is made, so that one more stranger need not be weighed from the ground.
    pub fn weigh(&mut self, standing: &Standing, item: &Item<'_>) -> Weighed {
        let mut trusted = Fixed::ZERO;
        let strangers = self.climb(standing, item, |_, sum| {
            trusted = trusted.plus(sum.log2_of_one_more());
        });
        Weighed { trusted, strangers }
    }

    /// From the leaves up: f(x) = min(C(x), own vote + Σ f(children)). Tells f of each follow to whom
    /// votes lead, and returns how many voters are outside the tree.
    pub(crate) fn climb(
        &mut self,
        standing: &Standing,
        item: &Item<'_>,
        mut branch: impl FnMut(u16, Fixed),
    ) -> u32 {
        self.sums.resize(self.sums.len().max(standing.len()), 0);
        self.marks.reach(standing.len());
        let mut strangers = item.unknown;
        for voter in item.voters {
            match standing.stand(*voter) {
                _ if Some(*voter) == item.author => {}
                Stand::Inside(place) => {
                    self.sums[place as usize] += standing.cap_at(place).min(Fixed::ONE.to_bits());
                    self.marks.insert(place);
                }
                Stand::Stranger => strangers = strangers.saturating_add(1),
                Stand::LeftOut => {}
            }
        }
        // Nobody stands before their parent, so the last has everything that comes to it.
        while let Some(place) = self.marks.pop() {
            let sum = std::mem::take(&mut self.sums[place as usize]).min(standing.cap_at(place));
            match standing.parent_of(place) {
                Some(parent) => {
                    self.sums[parent as usize] += sum;
                    self.marks.insert(parent);
                }
                None => branch(place, Fixed::from_bits(sum)),
            }
        }
        strangers
    }
}

/// Votes of one tree are at most 65,000, and no cap is more than that: sums stay far below 2⁶⁴.
const _: () = assert!(fixed::MOST_POWER.checked_mul(1 << 15).is_some());
